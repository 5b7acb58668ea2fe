"""Scenario files: what they plan, and each thing that is refused, with the place where it stands."""

from pathlib import Path

import pytest

from promptrail.device.scenario import Prompt, read
from promptrail.errors import InputError

TOP = 'schema = 1\nname = "first-chat"\npackage = "org.example.chat"\n'
STEP = '[[step]]\ndo = "launch"\n'
A, B = '[[prompt]]\nid = "A"\ntext = "one {canary}"\n', '[[prompt]]\nid = "B"\ntext = "two"\n'
DRAFT = '[[draft]]\nid = "D"\ntext = "never sent"\n'
FOLLOW = TOP + '[[step]]\ndo = "follow"\nplan = "ab"\nfield = { id = "f" }\nsend = { id = "s" }\n'
FOLLOW += "dwell = 1\nseconds = 2\ndrain = 3\n"
OTHER = '[other]\npackage = "org.example.notes"\n'


def file(folder: Path, text: str) -> Path:
    path = folder / "s.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        (TOP + A + B + STEP, ["first-chat: org.example.chat, no control (A, B)"]),
        (TOP + "repeat = 2\n" + STEP, ["first-chat-1", "first-chat-2"]),
        (TOP + 'controls = ["C0"]\n' + A + STEP, ["first-chat-c0: org.example.chat, C0 (nothing typed)"]),
        (TOP + 'controls = ["C1"]\n' + A + B + DRAFT + STEP, ["first-chat-c1: org.example.chat, C1 (A, D)"]),
        (TOP + 'controls = ["C2"]\n' + A + B + DRAFT + STEP, ["first-chat-c2: org.example.chat, C2 (B)"]),
        (
            TOP + 'controls = ["C3"]\n' + OTHER + A + STEP,
            ["first-chat-c3: org.example.notes, C3 (A)"],
        ),
        (
            TOP + 'controls = ["wrong-ca"]\n' + A + B + DRAFT + STEP,
            ["first-chat-wrong-ca: org.example.chat, wrong-ca (A, D)"],
        ),
        (
            TOP + 'controls = ["C0", "C1"]\nrepeat = 3\n' + A + STEP,
            ["first-chat-c0", "first-chat-c1-1", "first-chat-c1-2", "first-chat-c1-3"],
        ),
        (
            TOP
            + '[[variant]]\nname = "bare"\nproxy = false\n[[variant]]\nname = "quic"\nquic = "allowed"\n'
            + STEP,
            ["first-chat-bare: org.example.chat, no control (nothing typed), bare", "first-chat-quic"],
        ),
    ],
    ids=["all prompts", "repeat", "C0", "C1", "C2", "C3", "wrong CA", "repeat is of C1", "variants"],
)
def test_the_runs_that_are_planned(tmp_path: Path, text: str, runs: list[str]) -> None:
    """Names, packages and what is typed, in their order, as a dry run tells them."""
    told = [run.told for run in read(file(tmp_path, text)).runs]
    assert [line[: len(wanted)] for line, wanted in zip(told, runs, strict=True)] == runs


def test_what_the_rest_of_the_file_says(tmp_path: Path) -> None:
    """Defaults where nothing is said; variables put into steps, at every depth; the source as it was read."""
    text = (
        TOP
        + 'app = "Chat"\negress = "a café"\nroute = "transparent"\nvariables = { city = "Busan" }\n'
        + '[[prompt]]\nid = "A"\ntext = "trains from {city} {canary}"\n'
        + '[[step]]\ndo = "repeat"\ntimes = 2\n[[step.steps]]\ndo = "tap"\ntext = "^{city}$"\n'
    )
    plan = read(file(tmp_path, text))
    assert (plan.app, plan.egress, plan.route, plan.version) == ("Chat", "a café", "transparent", None)
    assert plan.runs[0].prompts == (Prompt("A", "trains from {city} {canary}"),)
    assert plan.steps[0]["steps"] == [{"do": "tap", "text": "^Busan$"}]
    assert plan.source == text and plan.runs[0].variant.quic == "refused" and plan.runs[0].variant.proxy


def test_a_variant_takes_what_it_does_not_say_from_the_top(tmp_path: Path) -> None:
    """What stands at the top holds for each variant that does not say otherwise."""
    text = (
        TOP
        + 'quic = "allowed"\nhooks = ["tls"]\n[[variant]]\nname = "a"\n[[variant]]\nname = "b"\nhooks = []\n'
    )
    one, two = (run.variant for run in read(file(tmp_path, text + STEP)).runs)
    assert (one.quic, one.hooks, two.quic, two.hooks) == ("allowed", ("tls",), "allowed", ())


REFUSED = {
    "no toml": ("schema = ", "is no TOML"),
    "not UTF-8": (b"schema = \xff", "is no TOML"),
    "another schema": (TOP.replace("1", "2") + STEP, "schema is 2, and this promptrail reads 1"),
    "no schema": ('name = "x"\n', "schema is None"),
    "a key that is not known": (TOP + "colour = 1\n" + STEP, "the file: 'colour' is not known; there are "),
    "no name": (TOP.replace("name", "#name") + STEP, "the file: needs name"),
    "a name that is a path": (TOP.replace("first-chat", "../x") + STEP, "small letters, digits and hyphens"),
    "a package that is a command": (TOP.replace("org.example.chat", "a; rm -r /") + STEP, "is no package name"),
    "a package that is an option": (TOP.replace("org.example.chat", "-a.b") + STEP, "is no package name"),
    "no steps": (TOP, r"has no \[\[step\]\]"),
    "steps that are no tables": (TOP + "step = [1]\n", "step is no list of tables"),
    "a prompt that is no table": (TOP + "prompt = 3\n" + STEP, "prompt is no list of tables"),
    "two prompts of a name": (TOP + A + A + STEP, "two prompts have the same id"),
    "a prompt without text": (TOP + '[[prompt]]\nid = "A"\n' + STEP, r"\[\[prompt\]\] 1: needs text"),
    "a hole that nobody fills": (TOP + A.replace("canary", "town") + STEP, "nothing is known of {town}"),
    "a hole in a step": (TOP + '[[step]]\ndo = "tap"\ntext = "{town}"\n', "step 1: nothing is known of {town}"),
    "a step that is not known": (TOP + '[[step]]\ndo = "dance"\n', "step 1: do = 'dance' is not known; there are "),
    "a step without do": (TOP + '[[step]]\ntext = "x"\n', "step 1: do = None is not known"),
    "a field that is not known": (TOP + '[[step]]\ndo = "wait"\nsecond = 1\n', "the field 'second' is not known"),
    "a field of another type": (TOP + '[[step]]\ndo = "wait"\nseconds = "1"\n', "a number from 0"),
    "true for a number": (TOP + '[[step]]\ndo = "wait"\nseconds = true\n', "a number from 0"),
    "a field that is missing": (TOP + '[[step]]\ndo = "wait"\n', r"step 1 \(wait\): needs seconds"),
    "a tap on nothing": (TOP + '[[step]]\ndo = "tap"\n', r"step 1 \(tap\): needs text, id or at"),
    "a tap at one number": (TOP + '[[step]]\ndo = "tap"\nat = [1]\n', r"at = \[1\]: two whole numbers"),
    "a pattern that is none": (TOP + '[[step]]\ndo = "tap"\ntext = "("\n', "is no regular expression"),
    "a selector of the wrong keys": (TOP + '[[step]]\ndo = "prompt"\nsend = {txt = "x"}\n', "'txt' is not known"),
    "a choice that is not known": (TOP + '[[step]]\ndo = "consent"\nchoice = "perhaps"\n', "accept or refuse"),
    "a key that is not on a phone": (TOP + '[[step]]\ndo = "key"\nname = "boss"\n', "'boss' is not known"),
    "a wait before now": (TOP + '[[step]]\ndo = "wait"\nseconds = -1\n', "a number from 0 to 86400"),
    "repeat 0 times": (TOP + '[[step]]\ndo = "repeat"\ntimes = 0\nsteps = []\n', "times"),
    "repeat in repeat in repeat": (
        TOP + "[[step]]\n" + 'do = "repeat"\ntimes = 1\nsteps = [{do = "repeat", times = 1, steps = [' * 1
        + '{do = "repeat", times = 1, steps = [{do = "repeat", times = 1, steps = [{do = "launch"}]}]}]}]\n',
        "more than 3 deep",
    ),
    "a step in a repeat": (
        TOP + '[[step]]\ndo = "repeat"\ntimes = 1\nsteps = [{do = "dance"}]\n',
        r"step 1\.step 1: do = 'dance'",
    ),
    "a control that is not known": (TOP + 'controls = ["C9"]\n' + A + STEP, "the control 'C9' is not known"),
    "a control that is a list": (TOP + "controls = [[1]]\n" + A + STEP, r"the control \[1\] is not known"),
    "a key that is a list": (TOP + '[[step]]\ndo = "key"\nname = [1]\n', r"\[1\] is not known"),
    "controls that are no list": (TOP + 'controls = "C0"\n' + A + STEP, "controls is no list"),
    "C1 without a prompt": (TOP + 'controls = ["C1"]\n' + STEP, r"C1 types the first prompt, and there is no such"),
    "C2 with one prompt": (TOP + 'controls = ["C2"]\n' + A + STEP, "C2 types the second prompt"),
    "C3 without another app": (TOP + 'controls = ["C3"]\n' + A + STEP, r"C3 needs \[other\]"),
    "a wrong CA without a proxy": (TOP + 'proxy = false\ncontrols = ["wrong-ca"]\n' + A + STEP, "needs a proxy"),
    "a control twice": (TOP + 'controls = ["C0", "C0"]\n' + A + STEP, "first-chat-c0 twice"),
    "repeat is no number": (TOP + 'repeat = "3"\n' + STEP, "a number from 1 to 100"),
    "repeat is true": (TOP + "repeat = true\n" + STEP, "a number from 1 to 100"),
    "slots that are none": (FOLLOW + "slots = []\n", "a list of slots"),
    "a slot without a number": (FOLLOW + 'slots = [{ kind = "control" }]\n', "has its number and a kind"),
    "a slot of another kind": (FOLLOW + 'slots = [{ slot = 0, kind = "odd" }]\n', "prompt, control or draft"),
    "a slot of a prompt without text": (FOLLOW + 'slots = [{ slot = 7, kind = "prompt" }]\n', "slot 7: a prompt and a"),
    "a control with a text": (
        FOLLOW + 'slots = [{ slot = 7, kind = "control", text = "x" }]\n',
        "a control has none",
    ),
    "a slot with more": (FOLLOW + 'slots = [{ slot = 0, kind = "control", x = 1 }]\n', "a slot is a table"),
    "quic is not known": (TOP + 'quic = "maybe"\n' + STEP, "refused or allowed"),
    "proxy is no truth": (TOP + 'proxy = "no"\n' + STEP, "proxy is 'no': true or false"),
    "nobody who refuses": (TOP + 'proxy = false\nquic = "refused"\n' + STEP, "without a proxy nothing is changed"),
    "hooks are no list": (TOP + 'hooks = "tls"\n' + STEP, "hooks is 'tls': a list of names"),
    "a route that is not known": (TOP + 'route = "magic"\n' + STEP, "there is no route 'magic'"),
    "variants without names": (TOP + "[[variant]]\n[[variant]]\n" + STEP, "needs a name"),
    "variants of one name": (TOP + '[[variant]]\nname = "a"\n' * 2 + STEP, "first-chat-a twice"),
    "variables that are no table": (TOP + "variables = 1\n" + STEP, "variables is no table"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(tmp_path: Path, text: str | bytes, words: str) -> None:
    """Before anything is done: the error names the file, the place, and what would be right."""
    path = tmp_path / "s.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=words) as found:
        read(path)
    assert str(found.value).startswith(str(path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A sentence with its name."""
    with pytest.raises(InputError, match=r"none\.toml: cannot be read: No such file"):
        read(tmp_path / "none.toml")

"""Plans: drawn from a seed, told by their digest, and refused where a file is not what was drawn."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from promptrail.errors import InputError, ParameterError
from promptrail.infer.plan import (
    ALPHABETS,
    INSTRUCTION,
    KINDS,
    NARROW,
    WIDE,
    canonical,
    digest,
    draw,
    read,
    text,
    typed,
    write,
)

SEED = "00112233445566778899aabbccddeeff"


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_one_plan(kind: str) -> None:
    """The same seed gives the same bytes, another seed another order."""
    assert canonical(draw(kind, SEED)) == canonical(draw(kind, SEED))
    assert draw(kind, SEED).slots != draw(kind, SEED[::-1]).slots


def test_the_digest_of_a_seed_never_changes() -> None:
    """A plan that was hashed before a recording can be drawn again from its seed by every later version."""
    assert digest(draw("dose", SEED, positive="chat.example"))[:12] == "27c5d5c8337d"


def test_without_a_seed_each_plan_is_another() -> None:
    """The seed comes from the system's source of randomness."""
    assert draw("dose").seed != draw("dose").seed


def test_a_dose_plan_has_what_was_asked_for() -> None:
    """Ten prompts about each length, no two equal, ten controls and five drafts, in no order of length."""
    plan = draw("dose", SEED)
    assert Counter(s.kind for s in plan.slots) == {"prompt": 50, "control": 10, "draft": 5}
    lengths = [s.length for s in plan.slots if s.kind == "prompt"]
    assert len(set(lengths)) == 50
    assert sum(28 <= n <= 9420 for n in lengths) >= 48
    assert lengths != sorted(lengths)
    assert [s.slot for s in plan.slots] == list(range(65))


def test_many_prompts_of_a_short_length_still_differ() -> None:
    """Thirty prompts about 32 characters need a wider range than 15 %."""
    plan = draw("dose", SEED, lengths=(32,), per_length=30, controls=0, drafts=0)
    assert len({s.length for s in plan.slots}) == 30


def test_a_contrast_differs_in_the_alphabet_alone() -> None:
    """Twelve prompts of either alphabet, all of 4,096 characters."""
    prompts = [s for s in draw("contrast", SEED).slots if s.kind == "prompt"]
    assert Counter(s.alphabet for s in prompts) == {"narrow": 12, "wide": 12}
    assert {s.length for s in prompts} == {4096}


def test_a_differential_plan_takes_each_input_twice() -> None:
    """Seven inputs in fourteen runs of one slot; the two runs of an input have one text, of one length with all."""
    plan = draw("differential", SEED)
    assert set(Counter(s.input for s in plan.slots).values()) == {2}
    assert plan.begins == tuple(range(14))
    texts = {s.input: {text(plan, t) for t in plan.slots if t.input == s.input} for s in plan.slots}
    assert all(len(same) == 1 for same in texts.values())
    assert len({one for same in texts.values() for one in same}) == 7


def test_every_slot_has_its_own_text() -> None:
    """Fresh text in every slot, of the drawn length, from the slot's alphabet."""
    plan = draw("contrast", SEED)
    texts = [text(plan, s) for s in plan.slots]
    assert [len(t) for t in texts] == [s.length for s in plan.slots]
    assert len({t for t in texts if t}) == 24
    assert all(set(t) <= set(ALPHABETS[s.alphabet]) for t, s in zip(texts, plan.slots, strict=True))


def test_an_alphabet_holds_six_bits() -> None:
    """64 letters each: one byte of UTF-8 in the narrow one, two in the wide one, all letters of Latin-1."""
    assert len(set(NARROW)) == len(set(WIDE)) == 64
    assert len(NARROW.encode()) == 64 and len(WIDE.encode()) == 128
    assert all(letter.isalpha() for letter in WIDE) and len(WIDE.encode("latin-1")) == 64


def test_a_prompt_begins_with_the_instruction() -> None:
    """What is pasted is a constant line and the text; a control pastes nothing."""
    plan = draw("dose", SEED)
    prompt = next(s for s in plan.slots if s.kind == "prompt")
    control = next(s for s in plan.slots if s.kind == "control")
    assert typed(plan, prompt) == f"{INSTRUCTION}\n{text(plan, prompt)}"
    assert typed(plan, control) == ""


def test_sessions_share_a_plan() -> None:
    """Three sessions: slot numbers go on, and the plan tells the first slot of each."""
    assert draw("dose", SEED, sessions=3).begins == (0, 21, 43)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_is_read_as_it_was_written(kind: str, tmp_path: Path) -> None:
    """The file is named by twelve digits of the digest; writing it twice is no fault."""
    plan = draw(kind, SEED, positive="chat.example")
    path = write(plan, tmp_path / "plans")
    assert path.name == f"{digest(plan)[:12]}.json"
    assert read(path) == plan
    assert write(plan, tmp_path / "plans") == path


def test_the_file_does_not_hold_the_texts(tmp_path: Path) -> None:
    """The seed alone is kept."""
    plan = draw("dose", SEED)
    path = write(plan, tmp_path)
    held = path.read_text()
    assert not any(text(plan, s)[:24] in held for s in plan.slots if s.length >= 24)


CHANGES: list[tuple[str, dict[str, Any], str]] = [
    ("another length", {"alpha": 0.05}, "changed or renamed"),
    ("no format", {"format": None}, "format"),
    ("a field too many", {"note": 1}, "note"),
    ("unknown kind", {"kind": "guess"}, "guess"),
    ("a seed that is none", {"seed": "xyz"}, "seed"),
    ("no slots", {"slots": []}, "no prompt"),
    ("slots that are no list", {"slots": 7}, "slots"),
    ("a slot that is no table", {"slots": [3]}, "not a plan"),
    ("an unknown alternative", {"alternatives": ["telepathy"]}, "telepathy"),
    ("an alternative that is no word", {"alternatives": [[1]]}, "not a plan|none of"),
    ("alpha of no draw", {"draws": 50}, "cannot give a p"),
    ("draws below 0", {"draws": -1}, "below 0"),
    ("draws that are a flag", {"draws": True}, "whole number"),
    ("no first run", {"begins": []}, "first slots|not a plan"),
    ("a run behind the end", {"begins": [0, 900]}, "first slots"),
    ("no duration", {"seconds": 0}, "length"),
    ("a duration that is text", {"seconds": "50"}, "time"),
]


@pytest.mark.parametrize(("change", "told"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_changed_file_is_refused(change: dict[str, Any], told: str, tmp_path: Path) -> None:
    """The error names the file and what is wrong with it."""
    path = write(draw("dose", SEED), tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=told) as caught:
        read(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b"null", b"{" * 100_000, b'{"format": "promptrail plan 1"}']
)
def test_a_file_that_is_no_plan_is_refused(content: bytes, tmp_path: Path) -> None:
    """Empty, not UTF-8, another shape, nested without end, without fields."""
    path = tmp_path / "000000000000.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a plan"):
        read(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """InputError, with the path."""
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("dose", {"per_length": 0}, "no prompt"),
        ("guess", {}, "guess"),
        ("dose", {"lengths": (2_000_000,)}, "over"),
        ("dose", {"alpha": 0.9}, "alpha"),
        ("dose", {"seconds": float("nan")}, "time"),
        ("differential", {"inputs": 0}, "no prompt"),
        ("dose", {"seed": "short"}, "seed"),
    ],
)
def test_what_cannot_be_drawn_is_refused(kind: str, given: dict[str, Any], told: str) -> None:
    """ParameterError says why."""
    with pytest.raises(ParameterError, match=told):
        draw(kind, **({"seed": SEED} | given))


def test_a_digest_covers_every_field() -> None:
    """Any other field is another digest."""
    plan = draw("dose", SEED)
    others = [replace(plan, alpha=0.02), replace(plan, dwell=1.0), replace(plan, positive="x.example")]
    assert len({digest(p) for p in (plan, *others)}) == 4

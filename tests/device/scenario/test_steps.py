"""Every kind of step on a stand-in for a phone: what it does to the app, and which events it writes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from device.scenario.stages import PACKAGE, A, B, D, Watched, node, phone
from promptrail.device import keyboard
from promptrail.device.device import Device
from promptrail.device.scenario import KINDS, play, told
from promptrail.errors import RecordingError
from rigs.android.namespaces import Phone

pytestmark = pytest.mark.rig
SCREEN = (
    node("Accept all", 0),
    node("", 1, **{"resource-id": "org.example:id/composer"}),
    node("", 2, **{"content-desc": "Send"}),
)
Step = dict[str, Any]


@pytest.fixture(scope="module")
def there() -> Iterator[tuple[Phone, Device]]:
    with phone() as one:
        one[0].run(f"mkdir -p /data/app/{keyboard.APP}")
        yield one


CASES: dict[str, tuple[list[Step], list[str], list[tuple[str, str | None]]]] = {
    "launch": ([{"do": "launch"}], [], [("launch", None)]),
    "stop": ([{"do": "launch"}, {"do": "stop"}], [], [("launch", None), ("end", None)]),
    "clear": ([{"do": "clear"}], [], [("cleared", None)]),
    "grant": ([{"do": "grant", "permission": "android.permission.CAMERA"}], [], [("granted", None)]),
    "tap on a text": ([{"do": "tap", "text": "^Acc"}], ["tap 100 50"], [("tapped", None)]),
    "tap on an id": ([{"do": "tap", "id": "composer"}], ["tap 100 150"], [("tapped", None)]),
    "tap at a place": ([{"do": "tap", "at": [7, 9]}], ["tap 7 9"], [("tapped", None)]),
    "type": ([{"do": "type", "text": "it's $5; 50% `x`"}], ["text it's $5; 50% `x`"], [("typed", None)]),
    "key by name": ([{"do": "key", "name": "back"}], ["key 4"], [("key", None)]),
    "key by number": ([{"do": "key", "name": 82}], ["key 82"], [("key", None)]),
    "accept": ([{"do": "consent", "choice": "accept"}], ["tap 100 50"], [("consent", None)]),
    "refuse": (
        [{"do": "consent", "choice": "refuse", "text": "^Accept"}],
        ["tap 100 50"],
        [("refused", None)],
    ),
    "consent by id": (
        [{"do": "consent", "choice": "accept", "id": "composer"}],
        ["tap 100 150"],
        [("consent", None)],
    ),
    "prompt": (
        [{"do": "prompt", "field": {"id": "composer"}, "send": {"text": "Send"}, "pause": 0}],
        ["tap 100 150", "text first text", "tap 100 250", "tap 100 150", "text second text", "tap 100 250"],
        [
            ("typing", "p1"),
            ("typed", "p1"),
            ("sent", "p1"),
            ("typing", "p2"),
            ("typed", "p2"),
            ("sent", "p2"),
        ],
    ),
    "draft": (
        [{"do": "draft", "pause": 0}],
        ["text a draft", "key 123", *["key 67"] * 7],
        [("typing", "d1"), ("typed", "d1"), ("deleted", "d1")],
    ),
    "follow": (
        [
            {
                "do": "follow",
                "plan": "ab" * 32,
                "new": {"text": "^Acc"},
                "field": {"id": "composer"},
                "send": {"text": "Send"},
                "failed": {"text": "too long"},
                "dwell": 0,
                "seconds": 0,
                "drain": 0,
                "slots": [
                    {"slot": 4, "kind": "prompt", "text": "random-1\nÄ"},
                    {"slot": 5, "kind": "control"},
                    {"slot": 6, "kind": "draft", "text": "random-2"},
                ],
            }
        ],
        [
            *("tap 100 50", "tap 100 150", "text random-1\nÄ", "tap 100 250", "tap 100 50", "tap 100 150"),
            *("tap 100 50", "tap 100 150", "text random-2", "keys 113 29", "key 67", "key 3"),
        ],
        [("plan", None), *[("slot", None), ("slot-end", None)] * 3, ("drain", None)],
    ),
    "wait": ([{"do": "wait", "seconds": 0.1}], [], [("waited", None)]),
    "quiet": ([{"do": "quiet", "seconds": 0.1}], [], [("quiet", None)]),
    "screenshot": ([{"do": "screenshot", "name": "the end"}], [], [("screenshot", None)]),
    "manual": ([{"do": "manual", "say": "Solve it"}], [], [("manual", None), ("manual done", None)]),
    "repeat": (
        [{"do": "repeat", "times": 2, "steps": [{"do": "key", "name": 1}, {"do": "key", "name": 2}]}],
        ["key 1", "key 2", "key 1", "key 2"],
        [("key", None)] * 4,
    ),
}


@pytest.mark.parametrize(("steps", "done", "events"), CASES.values(), ids=CASES.keys())
def test_what_a_step_does(
    there: tuple[Phone, Device],
    tmp_path: Path,
    steps: list[Step],
    done: list[str],
    events: list[tuple[str, str | None]],
) -> None:
    """Its taps, keys and texts reach the app as they were meant, and its events have the probe they are about."""
    asked: list[str] = []
    at = Watched(there, tmp_path, A, B, D, ask=asked.append)
    at.show(*SCREEN)
    play(at.stage, steps)
    assert at.done == done and at.told == events
    assert asked == (["Solve it\n  Press Enter here when it is done. "] if steps[0]["do"] == "manual" else [])


def test_every_kind_has_a_case() -> None:
    """A kind that is added is tried; `install` has a test of its own."""
    assert {step["do"] for steps, _, _ in CASES.values() for step in steps} == set(KINDS) - {"install"}


def test_launch_and_stop_do_what_they_say(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """The app runs after one, and not after the other."""
    at = Watched(there, tmp_path)
    play(at.stage, [{"do": "launch"}])
    assert at.phone.run(f"pidof {PACKAGE}")
    play(at.stage, [{"do": "stop"}])
    assert not at.phone.run(f"pidof {PACKAGE}", check=False)


def test_install(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """The package arrives whole; one that is not there is told by the step's number."""
    at = Watched(there, tmp_path)
    (tmp_path / "app.apk").write_bytes(b"PK: the stand-in takes any")
    play(at.stage, [{"do": "install", "apk": str(tmp_path / "app.apk")}])
    assert at.phone.file("/data/local/installed.apk").read_bytes() == (tmp_path / "app.apk").read_bytes()
    assert at.told == [("installed", None)]
    with pytest.raises(RecordingError, match=r"step 1 \(install\) of r: .*none\.apk"):
        play(at.stage, [{"do": "install", "apk": str(tmp_path / "none.apk")}])


def test_a_followed_plan_is_told_slot_by_slot(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """The plan's digest, each slot's number at its begin and end, and a prompt that visibly failed; then the drain."""
    at = Watched(there, tmp_path)
    at.show(*SCREEN, node("Message too long", 3))
    (step,), _, _ = CASES["follow"]
    play(at.stage, [step])
    assert [(event["event"], event["label"]) for event in at.events] == [
        ("plan", "ab" * 32),
        *[(e, n) for n in ("4", "5", "6") for e in ("slot", "slot-failed", "slot-end")],
        ("drain", "0 s in which nothing is typed"),
    ]


def test_nothing_is_typed_in_c0(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """The same steps without prompts: no key, no tap, no event."""
    at = Watched(there, tmp_path)
    play(at.stage, [{"do": "prompt", "field": {"id": "composer"}, "send": {"text": "Send"}}, {"do": "draft"}])
    assert at.done == [] and not (tmp_path / "events.jsonl").exists()


def test_a_permission_that_cannot_be_granted_is_told(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """Apps change; the run goes on, and says that it was not granted."""
    at = Watched(there, tmp_path, package="test.not.there")
    play(at.stage, [{"do": "grant", "permission": "a'; reboot"}])
    assert at.told == [("not granted", None)] and "Unknown package" in at.events[0]["label"]


def test_traffic_that_never_ends_is_told(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """`quiet` ends after `most` seconds, and its event says that it was not quiet."""
    at = Watched(there, tmp_path)
    at.stage.recorded = iter(range(10_000)).__next__  # type: ignore[method-assign]
    play(at.stage, [{"do": "quiet", "seconds": 0.3, "most": 0.6}])
    assert at.told == [("not quiet", None)]


def test_a_recording_that_cannot_go_on_ends_a_wait(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """An hour's wait ends as soon as the proxy does."""
    at = Watched(there, tmp_path, alive=lambda: "the proxy ended: out of memory")
    with pytest.raises(RecordingError, match=r"step 1 \(wait\) of r: the proxy ended: out of memory"):
        play(at.stage, [{"do": "wait", "seconds": 3600}])


def test_a_step_after_which_nothing_is_recorded_ends_the_run(
    there: tuple[Phone, Device], tmp_path: Path
) -> None:
    """The route is looked at behind each step: the next one would be done in vain."""
    at = Watched(there, tmp_path, led=lambda: "the tunnel is gone")
    with pytest.raises(RecordingError, match=r"step 1 \(key\) of r: the tunnel is gone"):
        play(at.stage, [{"do": "key", "name": 1}, {"do": "key", "name": 2}])
    assert at.done == ["key 1"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (
            [{"do": "tap", "text": "Buy", "wait": 0}],
            r"step 1 \(tap\) of r: text 'Buy' did not .* There is: 'Accept",
        ),
        (
            [{"do": "key", "name": 1}, {"do": "clear"}],
            r"step 2 \(clear\) of r: .*pm clear test\.not\.there .*Failed",
        ),
        ([{"do": "launch"}], r"step 1 \(launch\) of r: test\.not\.there has no screen"),
        (
            [{"do": "repeat", "times": 2, "steps": [{"do": "launch"}]}],
            r"step 1 \(launch\) of r: test\.not\.there",
        ),
    ],
)
def test_a_step_that_cannot_be_done(
    there: tuple[Phone, Device], tmp_path: Path, steps: list[Step], words: str
) -> None:
    """The error has the step's number, its kind, and what is so instead."""
    at = Watched(there, tmp_path, package="test.not.there")
    at.show(*SCREEN)
    with pytest.raises(RecordingError, match=words):
        play(at.stage, steps)


def test_a_dry_run_names_every_step() -> None:
    """Each kind has its line, with its fields; the steps of a repeat stand below it."""
    steps = [step for steps, _, _ in CASES.values() for step in steps]
    lines = list(told(steps))
    assert len(lines) == len(steps) + 2 and lines[-3].strip().endswith("2 times:")
    assert lines[-2] == "     1. press 1" and "  5. tap on ^Acc" not in lines[0]
    assert any("tap on ^Acc" in line for line in lines) and not [line for line in lines if "{" in line]

"""What holds for every route: changes are undone last first, whatever breaks, and what stays is told."""

from collections.abc import Callable

import pytest

from promptrail.device.adb import Answer
from promptrail.device.routing import ROUTES, Route
from promptrail.device.routing.quic import CHAIN, Refusal
from promptrail.errors import DeviceError, RecordingError


class Two(Route):
    """Two changes, of which one may break, or refuse to be undone."""

    name, misses = "two", "everything"

    def __init__(self, *breaks: str) -> None:
        super().__init__()
        self.breaks, self.did = breaks, []  # type: ignore[var-annotated]

    def _lay(self) -> None:
        for what in ("a", "b"):
            self._change(what, "old", "new", self._step(f"do {what}"), self._step(f"undo {what}"))

    def _step(self, what: str) -> Callable[[], None]:
        def step() -> None:
            self.did.append(what)
            if what in self.breaks:
                raise DeviceError(f"it cannot {what}")

        return step

    def count(self) -> dict[str, int]:
        if "count" in self.breaks:
            raise RecordingError("nobody can count this")
        return {"steps": len(self.did)}


def test_the_last_is_undone_first() -> None:
    """And the record has what was, what became of it, and the numbers of the end."""
    with Two() as route:
        assert [change["undone"] for change in route.record()["changes"]] == [False, False]
    assert route.did == ["do a", "do b", "undo b", "undo a"]
    record = route.record()
    assert record["counted"] == {"steps": 2} and record["changes"][0] == {
        "what": "a",
        "before": "old",
        "after": "new",
        "undone": True,
        "left": None,
    }


@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        (("do b",), "^it cannot do b$"),
        (
            ("do b", "undo a"),
            "^it cannot do b The route two could not be taken back whole: a .before: old.: it cannot undo a",
        ),
        (
            ("undo b",),
            "^The route two could not be taken back whole: b .before: old.: it cannot undo b. Undo it by hand",
        ),
    ],
)
def test_what_breaks_stops_no_undoing(breaks: tuple[str, ...], said: str) -> None:
    """Everything else is undone all the same, and the error names what is left."""
    route = Two(*breaks)
    with pytest.raises(RecordingError, match=said), route:
        pass
    assert route.did[-2:] == ["undo b", "undo a"]


def test_an_error_in_the_block_stays_the_error() -> None:
    """What went wrong first is what is raised; the record still says what is left."""
    route = Two("undo a")
    with pytest.raises(ZeroDivisionError), route:
        raise ZeroDivisionError
    assert [change["left"] for change in route.record()["changes"]] == ["it cannot undo a", None]


def test_what_cannot_be_counted_is_a_note() -> None:
    """A number that is missing is said to be missing, and the route is taken back."""
    with Two("count") as route:
        pass
    assert route.record()["notes"] == ["not counted: nobody can count this"] and route.did[-1] == "undo a"


def test_every_route_says_what_it_misses() -> None:
    """No route sees everything, and a report has to say so."""
    assert len({route.name for route in ROUTES}) == len(ROUTES) == 4
    assert all(len(route.misses) > 40 for route in ROUTES)


class Filter:
    """Packet filters that refuse one command, and otherwise remember."""

    def __init__(self, refuses: str) -> None:
        self.refuses, self.there = refuses, set()  # type: ignore[var-annotated]

    def __call__(self, command: str) -> Answer:
        tool, _, action, *_ = command.split()
        if self.refuses in command:
            return Answer(2, b"", b"no such target")
        if action == "-N":
            self.there.add(tool)
        if action == "-X":
            self.there.discard(tool)
        return Answer(0 if action in ("-N", "-A", "-I", "-F", "-X") or tool in self.there else 1, b"", b"")


@pytest.mark.parametrize("refuses", ["iptables -w -N", "ip6tables -w -A", "-I OUTPUT"])
def test_a_filter_that_cannot_refuse_quic(refuses: str) -> None:
    """The error has the command and its words, and nothing of ours stays in either filter."""
    shell = Filter(refuses)
    with pytest.raises(RecordingError, match=r"QUIC cannot be refused: .*no such target"):
        Refusal(shell, ["OUTPUT"]).on()
    assert shell.there == set()


def test_a_filter_that_keeps_our_chain() -> None:
    """What cannot be taken out is an error that names it."""
    shell = Filter("-X")
    shell.there.add("iptables")
    with pytest.raises(RecordingError, match=f"{CHAIN} could not be taken out of iptables"):
        Refusal(shell, ["OUTPUT"]).off()

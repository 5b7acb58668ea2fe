"""The book of connections: its lines add up, and it says what the witnesses cannot know."""

from pathlib import Path

import pytest

from factories import Rows
from promptrail.case import Case
from promptrail.findings.ledger import ledger
from promptrail.findings.unseen import find
from promptrail.findings.wire import book

BOTH = ["proxy", "packets"]


def case(
    folder: Path,
    witnesses: list[str],
    *connections: dict[str, object],
    source: str = "evidence",
    route: str | None = None,
) -> Case:
    rows = Rows()
    rows.run("r", witnesses=witnesses, source=source, route=route)
    rows.probe("p1", "prompt", "a prompt of some length")
    for n, known in enumerate(connections):
        outcome = str(known.pop("outcome", "read"))
        rows.connection(
            "r", str(known.pop("host", "a.test")), outcome, **{"connection": f"k{n}", "bytes_in": 5, **known}
        )
    return rows.write(folder)


def read(by: str, *witnesses: str, out: int | None = 100) -> dict[str, object]:
    return {"read_by": by, "witnesses": list(witnesses), "bytes_out": out}


def test_lines_add_up(tmp_path: Path) -> None:
    """Each connection is in one line; counts and bytes of the lines are those of all connections."""
    made = case(
        tmp_path,
        [*BOTH, "hook"],
        read("proxy", "proxy", "packets"),
        read("proxy", "proxy", "packets"),
        read("hook", "packets", "hook"),
        {"outcome": "quic", "host": "q.test", "bytes_out": 900, "witnesses": ["packets"]},
        {"outcome": "pinned", "host": "k.test", "bytes_out": 517, "witnesses": BOTH},
    )
    found = book(made, ["r"])
    assert [
        (one.words.split(",")[0], one.count, one.bytes_out, one.past_the_proxy) for one in found.lines
    ] == [
        ("read by a hook in the app", 1, 100, 1),
        ("read by the proxy", 2, 200, 0),
        ("TLS refused: the app does not trust the proxy (certificate pinning)", 1, 517, 0),
        ("QUIC", 1, 900, 1),
    ]
    assert found.on_the_wire == 5 and found.agrees


def test_a_connection_that_the_packets_lack_is_told(tmp_path: Path) -> None:
    """Packets were captured, and the proxy saw a connection that is not in them: the control fails and names it."""
    made = case(
        tmp_path, BOTH, read("proxy", "proxy", "packets"), {**read("proxy", "proxy"), "host": "b.test"}
    )
    assert book(made, ["r"]).not_on_the_wire == ["b.test"]
    control = next(c for c in find(made).controls if c.control == "Packets beside")
    assert control.result == "fail" and "b.test" in control.observed


def test_without_packets_the_wire_is_not_known(tmp_path: Path) -> None:
    """A proxy alone cannot say what went past it: the control is not run, and the finding says so."""
    finding = find(case(tmp_path, ["proxy"], read("proxy", "proxy", out=None)))
    assert next(c for c in finding.controls if c.control == "Packets beside").result == "not run"
    assert "went past it" in finding.objections[0]["left"]


@pytest.mark.parametrize(
    ("source", "witness", "words"),
    [("hook", "hook", "hooked function"), ("mitm", "proxy", "flow file"), ("har", "har", "HAR")],
)
def test_what_lists_no_failures_never_allows_absence(
    tmp_path: Path, source: str, witness: str, words: str
) -> None:
    """A pinned connection leaves no trace in a flow file, a HAR or a hook: nothing may be called not sent from them."""
    made = case(tmp_path, [witness], read(witness, witness), source=source)
    found = ledger(made, ["r"])
    assert not found.allows_absence and words in found.figure()
    assert find(made).verdict == "cannot tell"


@pytest.mark.parametrize(
    ("route", "witnesses", "allowed"),
    [
        ("settings", ["proxy"], False),
        ("manual", ["proxy"], False),
        ("settings", BOTH, True),
        ("transparent", ["proxy"], True),
        (None, ["proxy"], True),
    ],
)
def test_a_route_that_apps_can_leave_forbids_absence(
    tmp_path: Path, route: str | None, witnesses: list[str], allowed: bool
) -> None:
    """An app need not follow a proxy setting: without packets beside it, nothing may be called not sent."""
    found = ledger(case(tmp_path, witnesses, read("proxy", *witnesses), route=route), ["r"])
    assert (not found.unlisted) == allowed
    assert ("went past" in found.figure()) == (not allowed)


def test_packets_beside_a_flow_file_allow_absence(tmp_path: Path) -> None:
    """The packets list every connection, so nothing is left out without a trace."""
    made = case(tmp_path, BOTH, read("proxy", "proxy", "packets"), source="mitm")
    assert not ledger(made, ["r"]).unlisted


def test_bytes_of_a_refused_handshake_are_no_measure(tmp_path: Path) -> None:
    """A pinned connection's bytes on the wire are its handshake: what it would have sent stays not known."""
    made = case(tmp_path, BOTH, {"outcome": "pinned", "bytes_out": 517, "witnesses": BOTH})
    (row,) = ledger(made, ["r"]).rows
    assert row.bytes_out is None


def test_an_unread_connection_counts_with_its_bytes(tmp_path: Path) -> None:
    """QUIC without keys: its host and what it sent are known from the packets, and absence is not allowed."""
    made = case(
        tmp_path,
        ["packets"],
        {"outcome": "quic", "host": "q.test", "bytes_out": 900, "witnesses": ["packets"]},
    )
    found = ledger(made, ["r"])
    assert (found.unread, found.hosts()) == (900, ["q.test"]) and not found.allows_absence

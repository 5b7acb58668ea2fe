"""The lab's pinned kit: unseen by the proxy alone, read once a hook makes it accept the case's CA."""

from pathlib import Path

import pytest

from promptrail import frames, pipeline
from promptrail.case import Case
from promptrail.findings import unseen
from promptrail.lab.record import record
from promptrail.lab.world import FINGERPRINT
from promptrail.trace import score

pytestmark = pytest.mark.rig


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """The same session without and with the hook."""
    made = {}
    for name, witnesses in (("alone", ()), ("hooked", ("unpin",))):
        case = Case.create(tmp_path_factory.mktemp(name) / "case", simulated=True)
        record(case, ["before-c0"], witnesses=witnesses)
        assert pipeline.ensure(case) == []
        made[name] = case
    return made


def at_the_kit(case: Case) -> list[tuple[str, str | None]]:
    rows = frames.rows(case.connections[case.connections["host"] == FINGERPRINT])
    return [(row.outcome, row.read_by) for row in rows]


def test_unseen_before_read_after(cases: dict[str, Case]) -> None:
    """The proxy sees a refused handshake; with the hook the same request is read, by the proxy."""
    assert at_the_kit(cases["alone"]) == [("pinned", None)]
    assert at_the_kit(cases["hooked"]) == [("read", "proxy")]


def test_the_ledger_and_the_sightings_follow(cases: dict[str, Case]) -> None:
    """Unread at first, so that nothing may be called not sent; then the device's id is found where it went."""
    assert unseen.find(cases["alone"]).verdict == "contradicted"
    assert unseen.find(cases["hooked"]).verdict == "supported"
    for name, expected in (("alone", []), ("hooked", [("did", "/id")])):
        found = cases[name].sightings
        at_kit = found[(found["host"] == FINGERPRINT) & ~found["decoy"].astype(bool)]
        assert list(zip(at_kit["probe"], at_kit["path"], strict=True)) == expected
        result = score.score(cases[name])
        assert (result.found, result.decoys_matched) == (result.planted, [])


def test_what_was_overruled_is_told(cases: dict[str, Case]) -> None:
    """The hook says in the run's own log which certificate it accepted, and that it ended as it should."""
    hooks = cases["hooked"].hooks
    told = hooks[(hooks["agent"] == "native-unpin")]["type"].tolist()
    assert told[:2] == ["start", "hooked"] and told[-1] == "end" and "event" in told
    assert Path(cases["hooked"].captures / "before-c0" / "hook.jsonl").stat().st_mode & 0o777 == 0o600

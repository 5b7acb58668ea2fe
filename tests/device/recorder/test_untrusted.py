"""The control `wrong-ca`: a run while the device refuses the case's CA, on the stand-in for a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail import pipeline
from promptrail.case import Case
from promptrail.device import ca_store
from promptrail.device.authority import CERTIFICATE, authority
from promptrail.device.recorder import record
from promptrail.device.scenario import read
from promptrail.errors import RecordingError
from promptrail.findings.weak import finding as weak
from rigs.android.recording import STEPS, Bench, bench, record_of, scenario

pytestmark = pytest.mark.rig
RUN = "strange-wrong-ca"


@pytest.fixture(scope="module")
def the(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("bench")) as one, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", one.env["XDG_STATE_HOME"])
        yield one


def recorded(the: Bench, case: Case) -> None:
    file = scenario(case.path, "strange", 'controls = ["wrong-ca"]\n', STEPS)
    record(case, read(file), the.the.device, the.choices(watched=False, film=False))


def test_a_run_with_a_ca_that_the_device_does_not_trust(the: Bench, tmp_path: Path) -> None:
    """No CA is installed, the self-test shows that it is refused, and notebook 07 tells whether the app accepts it."""
    case, at_first = the.case(tmp_path / "case"), the.state()
    recorded(the, case)
    assert the.state() == at_first
    told = record_of(case, RUN)
    assert told["complete"] and {proof["verdict"] for proof in told["proofs"]} == {"not trusted"}
    assert not any(change["what"].startswith("CA") for change in told["changes"])
    pipeline.ensure(case)
    assert list(case.runs["control"]) == ["wrong-ca"]
    marks = case.events.loc[case.events["event"] == "untrusted-ca", "label"]
    assert len(marks) == 1 and "the self-test: not trusted" in marks.iloc[0]
    assert set(case.connections["outcome"]) <= {"pinned", "tls-failed", "not-reached", "broken-off"}
    finding = weak.find(case)
    check = next(row for row in finding.facts["checks"] if row["check"] == "wrong-ca")
    assert check["status"] == "not found", check


def test_where_the_device_trusts_it_nothing_is_recorded(the: Bench, tmp_path: Path) -> None:
    """A CA that somebody put into the store by hand: the self-test gets through, and the sentence says what to do."""
    case = the.case(tmp_path / "case")
    ca_store.install(the.the.device, authority(case) / CERTIFICATE)
    try:
        with pytest.raises(RecordingError, match="Take the CA off the device") as found:
            recorded(the, case)
        assert "passed" in str(found.value) and case.run_folders() == []
    finally:
        ca_store.remove(the.the.device)

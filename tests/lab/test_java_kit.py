"""The lab's pinned kit in a JVM: unseen by the proxy; with hooks read, opened below TLS, and whose code sent it."""

import shutil

import pytest

from promptrail import frames, pipeline
from promptrail.case import Case
from promptrail.errors import MissingTool
from promptrail.findings.origin import Origins
from promptrail.lab import java_kit
from promptrail.lab.record import record
from promptrail.lab.world import FINGERPRINT
from promptrail.trace import score
from rigs.needs import missing_rig

pytestmark = pytest.mark.rig


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """The same session without and with hooks in the kit."""
    if shutil.which("javac") is None:
        missing_rig("needs a JDK (openjdk-17-jdk-headless)")
    made = {}
    for name, witnesses in (("alone", ()), ("hooked", ("unpin",))):
        case = Case.create(tmp_path_factory.mktemp(name) / "case", simulated=True)
        record(case, ["before-c0"], witnesses=witnesses, edition="java")
        assert pipeline.ensure(case) == []
        made[name] = case
    return made


def test_unseen_before_read_after(cases: dict[str, Case]) -> None:
    """Refused by the kit, which trusts its vendor alone; accepted where a hook vouches for the case's CA."""
    for name, expected in (("alone", ("pinned", None)), ("hooked", ("read", "proxy"))):
        known = cases[name].connections
        (row,) = frames.rows(known[known["host"] == FINGERPRINT])
        assert (row.outcome, row.read_by) == expected


def test_what_it_encrypted_inside_tls_is_opened(cases: dict[str, Case]) -> None:
    """The device's id stands under the app's own AES-GCM, by the record of the hook that saw it."""
    found = cases["hooked"].sightings
    at_kit = found[(found["host"] == FINGERPRINT) & ~found["decoy"].astype(bool)]
    (sighting,) = frames.rows(at_kit)
    assert list(sighting.chain) == ["json", "base64", "javax.crypto AES/GCM/NoPadding", "json"]
    assert (sighting.probe, sighting.tier) == ("did", "exact") and "hook java-crypto" in sighting.path
    for case in cases.values():
        result = score.score(case)
        assert (result.found, result.chains, result.decoys_matched) == (result.planted, result.planted, [])


def test_whose_code_sent_it_is_told(cases: dict[str, Case]) -> None:
    """The class of the SDK, by the URL and the time of the hook's record."""
    case = cases["hooked"]
    (flow,) = frames.rows(case.flows[case.flows["host"] == FINGERPRINT])
    found = Origins(case).of(flow.run, flow.url, flow.started, flow.connection)
    assert found is not None and (found.code, found.how) == ("FingerprintKit", "URL and time")


def test_without_a_jdk_it_says_what_to_install(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No javac: MissingTool with the package."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(MissingTool, match="openjdk"):
        java_kit.compiled(tmp_path_factory.mktemp("classes"))

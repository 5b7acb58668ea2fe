"""Verdict, grade, controls and sentences of finding 07, each in both ways in which it could be wrong."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import modes

from factories import DEVICE, Rows, compact
from findings.weak_cases import CLOUD, IV, KEY, KIT, OWN, aes, crypto, hooked
from promptrail.findings.weak import finding as weak
from promptrail.lab.encoders.envelope import tt
from promptrail.model import Finding

BODY = compact({"device": DEVICE})
PLAIN: dict[str, Any] = {
    "scheme": "http",
    "port": 80,
    "sni": None,
    "cert_names": [],
    "url": f"http://{CLOUD}/b",
}


def case(names: int = 1, decoys: bool = True, **about: Any) -> Rows:
    """Runs of an app that talks to its maker over TLS."""
    rows = Rows()
    rows.probe("i1", "identifier", DEVICE)
    if decoys:
        rows.probe("i1~0", "identifier", "0e86d081884c7d99", True, "i1")
    rows.recipient(OWN, True, service_operator="Parley Labs")
    rows.recipient(CLOUD, False, service_operator="Brightmoor", address_country="XB")
    for n in range(1, names + 1):
        run = rows.run(f"r{n}", app="Parley", app_version="4.1.0", **about)
        tls(rows, run, OWN)
    return rows


def tls(rows: Rows, run: str, host: str, body: bytes = b"{}", **more: Any) -> Any:
    """One exchange over TLS 1.3."""
    flow = rows.flow(run, host, body, **more)
    object.__setattr__(rows.rows["connections"][-1], "tls_version", "TLSv1.3")
    return flow


def bare(rows: Rows, run: str, sighted: bool = True) -> None:
    """One exchange without TLS."""
    flow = rows.flow(run, CLOUD, BODY, 1, **PLAIN)
    if sighted:
        rows.sighting(flow, "i1", BODY, 1)


def found(rows: Rows, folder: Path, **more: Any) -> Finding:
    return weak.find(rows.write(folder / "case"), **more)


def alone(rows: Rows, name: str = "alone", **more: Any) -> None:
    """A run that packets alone recorded, in which the same host is contacted."""
    rows.run(name, source="pcap", witnesses=["packets"], app_version="4.1.0")
    flow = rows.flow(name, CLOUD, BODY, 1, **(PLAIN | more))
    rows.sighting(flow, "i1", BODY, 1)


@pytest.mark.parametrize(
    ("runs", "sighted", "without_proxy", "decoys", "grade"),
    [
        (1, False, False, True, "E2"),
        (1, True, False, True, "E3"),
        (3, True, False, True, "E3"),
        (1, True, True, False, "E3"),
        (1, True, True, True, "E4"),
        (2, True, True, True, "E5"),
    ],
)
def test_http_is_supported_and_its_grade_needs_a_run_without_a_proxy(
    tmp_path: Path, runs: int, sighted: bool, without_proxy: bool, decoys: bool, grade: str
) -> None:
    """A proxy may have made the app fall back; three runs are a replication, the one without a proxy among them."""
    rows = case(runs, decoys)
    for n in range(1, runs + 1):
        bare(rows, f"r{n}", sighted)
    if without_proxy:
        alone(rows)
    finding = found(rows, tmp_path)
    assert (finding.verdict, finding.grade) == ("supported", grade)
    assert (
        f"Open to somebody on the way at {CLOUD} (Brightmoor, address in XB): sent without TLS"
        in finding.sentence
    )
    assert ("identifiers in it" in finding.sentence) is sighted
    assert "Somebody read it" in finding.not_licensed and CLOUD in finding.licensed


def test_inside_tls_it_is_obfuscation_and_no_hole(tmp_path: Path) -> None:
    """Supported against whoever has the app alone, and said so in the sentence and in what may not be written."""
    rows = case()
    tls(rows, "r1", CLOUD, tt(BODY, bytes(32)))
    finding = found(rows, tmp_path)
    assert finding.verdict == "supported"
    assert finding.sentence.startswith(
        "Simulated, not evidence: Nothing was seen that is open to somebody on the way."
    )
    assert (
        f"Inside TLS, so hidden on the way and not from whoever has the app, at {CLOUD}" in finding.sentence
    )
    assert "“Others on the way could read it”" in finding.not_licensed
    assert "not protected against somebody on the way" not in finding.licensed


def test_the_same_without_tls_is_open_on_the_way(tmp_path: Path) -> None:
    """What an envelope hides from nobody is then open twice."""
    rows = case()
    rows.flow("r1", CLOUD, tt(BODY, bytes(32)), **PLAIN)
    finding = found(rows, tmp_path)
    assert "Inside TLS" not in finding.sentence
    assert "sent without TLS and envelope that anyone can open" in finding.sentence


def test_the_grade_is_that_of_what_is_said_first(tmp_path: Path) -> None:
    """A better grade inside TLS does not lend itself to what is open on the way."""
    rows = case(3)
    for n in (1, 2, 3):
        bare(rows, f"r{n}", sighted=False)
        rows.sighting(tls(rows, f"r{n}", CLOUD, tt(BODY, bytes(32))), "i1", BODY, 1)
    finding = found(rows, tmp_path)
    grades = {row["check"]: row["grade"] for row in _checks(finding) if row["grade"]}
    assert (finding.grade, grades) == ("E2", {"cleartext": "E2", "envelope": "E5"})


def _checks(finding: Finding) -> Any:
    return finding.facts["checks"]


def test_nothing_found_and_everything_read_is_not_observed_with_its_bound(tmp_path: Path) -> None:
    """With the checks that could not run, and what they would need."""
    finding = found(case(3), tmp_path)
    assert (finding.verdict, finding.grade) == ("not observed", None)
    assert "63 % of runs" in finding.licensed
    assert "4 of 12 checks could run; the others need a run with an untrusted CA" in finding.sentence
    assert "Its encryption is sound" in finding.not_licensed and "hooks" in finding.not_licensed


def unread(rows: Rows) -> None:
    rows.connection("r1", KIT, "pinned", bytes_out=517)


def undecoded(rows: Rows) -> None:
    rows.undecoded(tls(rows, "r1", CLOUD, aes(b"a sealed report", modes.CBC(IV))), length=16)


def no_version(rows: Rows) -> None:
    for one in rows.rows["connections"]:
        object.__setattr__(one, "tls_version", None)


def flow_file(rows: Rows) -> None:
    object.__setattr__(rows.rows["runs"][0], "source", "mitm")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (unread, "this was not read"),
        (undecoded, "16 of"),
        (no_version, "checks that absence needs could not run"),
        (flow_file, "which a flow file does not list"),
    ],
)
def test_absence_needs_the_ledger_and_the_checks(tmp_path: Path, spoil: Any, why: str) -> None:
    """A pinned connection, an opaque body, unknown TLS versions, a capture that lists no failures: cannot tell."""
    rows = case()
    spoil(rows)
    finding = found(rows, tmp_path)
    assert finding.verdict == "cannot tell" and why in finding.sentence
    assert "not found is not the same as protected" in finding.not_licensed


def test_a_case_without_runs_cannot_tell(tmp_path: Path) -> None:
    """Nothing was recorded, and the sentence says so."""
    finding = found(Rows(), tmp_path)
    assert finding.verdict == "cannot tell" and "no run was recorded" in finding.sentence


def other_app(rows: Rows) -> None:
    rows.run("c3", control="C3", app="Marginalia")
    rows.flow("c3", CLOUD, BODY, **PLAIN)


def fell_back(rows: Rows) -> None:
    alone(rows, scheme="https", sni=CLOUD)


def decoy(rows: Rows) -> None:
    rows.sighting(rows.rows["flows"][-1], "i1~0", BODY, 1, path="/other")


@pytest.mark.parametrize(
    ("spoil", "control"),
    [(other_app, "C3, another app"), (fell_back, "Without a proxy"), (decoy, "Decoys")],
)
def test_a_control_that_fails_turns_the_verdict(tmp_path: Path, spoil: Any, control: str) -> None:
    """Another app sends there, too; without the proxy it is TLS; a decoy matches: named, and nothing is claimed."""
    rows = case()
    bare(rows, "r1")
    spoil(rows)
    finding = found(rows, tmp_path)
    assert finding.verdict == "cannot tell" and f"“{control}”" in finding.sentence
    assert [one.control for one in finding.controls if one.result == "fail"] == [control]


def test_controls_without_a_run_of_their_own_are_not_run(tmp_path: Path) -> None:
    """Never passed by default."""
    rows = case()
    bare(rows, "r1")
    results = {one.control: one.result for one in found(rows, tmp_path).controls}
    assert results == {
        "Decoys": "pass",
        "Known answers": "pass",
        "Without a proxy": "not run",
        "C3, another app": "not run",
        "The wrong CA is wrong": "not run",
        "Chance": "not run",
    }


def test_a_run_with_an_untrusted_ca_is_in_no_figure(tmp_path: Path) -> None:
    """Its refused connections do not forbid absence, and its exchange is evidence of acceptance alone."""
    rows = case()
    rows.run("stranger", control="wrong-ca")
    rows.connection("stranger", OWN, "pinned")
    finding = found(rows, tmp_path)
    assert finding.verdict == "not observed" and finding.facts["untrusted_runs"] == 1
    tls(rows, "stranger", CLOUD, BODY)
    finding = found(rows, tmp_path / "accepted")
    assert finding.verdict == "supported" and "accepts a wrong CA (E2)" in finding.sentence
    assert finding.facts["runs"] == 1 and finding.facts["unseen_unknown"] == 0


def test_a_broken_handshake_alone_is_contact(tmp_path: Path) -> None:
    """TLS 1.0 without a message that was read: E1."""
    rows = case()
    rows.connection("r1", CLOUD, "no-keys", tls_version="TLSv1", bytes_out=100)
    finding = found(rows, tmp_path)
    assert (finding.verdict, finding.grade) == ("supported", "E1")


def test_rows_are_put_together_and_cite_what_to_open(tmp_path: Path) -> None:
    """Forty exchanges of one kind are one row with five of them named; values stand as labels."""
    rows = case(2)
    for n in range(40):
        bare(rows, f"r{1 + n % 2}")
    facts: Any = found(rows, tmp_path).facts
    (row,) = facts["rows"]
    assert (row["times"], row["runs"], row["kinds"]) == (40, ["r1", "r2"], ["identifier"])
    assert len(row["cites"]) == 5 and all(cite.startswith("flow ") for cite in row["cites"])


@pytest.mark.parametrize("show_values", [False, True])
def test_captured_text_in_rows_is_masked(tmp_path: Path, show_values: bool) -> None:
    """A path may hold a value: it stands as its label unless asked for."""
    rows = case()
    hooked(rows, "r1")
    crypto(rows, "r1", "MD5", b"text", KEY, mode="digest")
    tls(rows, "r1", CLOUD, compact({DEVICE: {"sign": KEY.hex()}}))
    facts: Any = found(rows, tmp_path, show_values=show_values).facts
    (what,) = [row["what"] for row in facts["rows"] if row["check"] == "signature"]
    assert (DEVICE in what) is show_values and "/sign" in what


def test_the_same_case_gives_the_same_finding(tmp_path: Path) -> None:
    """In every field."""
    rows = case(2)
    for run in ("r1", "r2"):
        bare(rows, run)
        tls(rows, run, CLOUD, tt(BODY, bytes(32)))
    made = rows.write(tmp_path / "case")
    assert weak.find(made) == weak.find(made)

"""`promptrail record` against the lab's app on the stand-in for a phone: the whole way, by its command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail.case import Case
from promptrail.case.evidence import verify
from promptrail.lab.world import CHAT, CLOUD
from rigs.android.recording import NOTES, Bench, bench, record_of, scenario

pytestmark = pytest.mark.rig
CONTROLS = f"""controls = ["C0", "C1", "C2", "C3"]
egress = "a test rig without a way out"
[other]
package = "{NOTES}"
app = "Marginalia"
"""
RUNS = ["first-chat-c0", "first-chat-c1", "first-chat-c2", "first-chat-c3"]


@pytest.fixture(scope="module")
def the(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("bench")) as one:
        yield one


@pytest.fixture(scope="module")
def recorded(the: Bench, tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, str]:
    """A case with the four runs of the controls, and what the command said; the device is compared here."""
    folder = tmp_path_factory.mktemp("recorded")
    case = the.case(folder / "case")
    before = the.state()
    done = the.run(the.recording(case, scenario(folder, about=CONTROLS), "--because", "the control C3"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert the.state() == before
    return Case.open(case.path), done.stdout


def test_every_run_is_whole_and_told_apart(recorded: tuple[Case, str]) -> None:
    """Four sealed runs with their control, app, version and witnesses; what was typed stands in the events."""
    case, _ = recorded
    runs = case.runs.set_index("run")
    assert list(runs.index) == RUNS and runs["complete"].all() and case.problems.empty
    assert set(runs["route"]) == {"settings"}
    assert list(runs["control"]) == ["C0", "C1", "C2", "C3"] and set(runs["scenario"]) == {"first-chat"}
    assert list(runs["app"]) == ["Parley"] * 3 + ["Marginalia"] and runs["simulated"].all()
    assert list(runs["app_version"]) == ["4.2.0"] * 3 + ["1.9.2"]
    assert all(list(one) == ["proxy", "packets"] for one in runs["witnesses"])
    assert [verify(case.captures / run) for run in RUNS] == [[], [], [], []]
    typed = case.events[case.events["event"] == "sent"]
    assert list(typed["run"]) == RUNS[1:] and typed["probe"].nunique() == 2


def test_the_record_says_what_was_changed_and_undone(recorded: tuple[Case, str]) -> None:
    """Device and app as they tell themselves; CA, tunnel, setting and packet filter noted, each undone; both proofs."""
    case, said = recorded
    told = record_of(case, "first-chat-c1")
    assert told["complete"] and told["reason"] is None and told["egress"] == "a test rig without a way out"
    assert told["device"]["model"] == "SIM-8" and told["app"]["version_name"] == "4.2.0"
    assert "AndroidManifest.xml" in told["app"]["certificates"], "the stand-in's package is an empty archive"
    assert len(told["app"]["apks"][0]["sha256"]) == 64 and abs(told["device"]["clock"]["ahead"]) < 60
    assert [change["what"].split()[0] for change in told["changes"]] == ["CA", "adb", "settings", "UDP"]
    assert all(change["undone"] and change["left"] is None for change in told["changes"])
    assert {proof["prober"]: proof["verdict"] for proof in told["proofs"]} == {
        "curl": "passed",
        "view": "passed",
    }
    assert "first-chat-c3: sent A" in said


def test_what_went_past_the_proxy_is_told(recorded: tuple[Case, str]) -> None:
    """The app's own connection that ignored the proxy, from the packets; its QUIC, which was refused, is counted."""
    case, _ = recorded
    told = record_of(case, "first-chat-c1")
    assert told["past_the_proxy"]["past_tcp_connections"] == 1
    assert told["past_the_proxy"]["past_quic_packets"] == 0
    assert [(row["address"], row["port"]) for row in told["past_the_proxy"]["rows"]] == [
        ("203.0.113.14", 443)
    ]
    assert told["route"]["counted"]["quic_packets_refused"] >= 1
    other = record_of(case, "first-chat-c3")
    assert other["past_the_proxy"]["past_tcp_connections"] == 0


def test_film_and_pictures_are_sealed_beside_the_evidence(recorded: tuple[Case, str]) -> None:
    """A picture for each step, a film that was ended whole; all in the manifest, none read."""
    case, _ = recorded
    folder = case.captures / "first-chat-c1"
    files = json.loads((folder / "manifest.json").read_text())["files"]
    pictures = [name for name in files if name.endswith(".png")]
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert sorted(filter(None, (event.get("picture") for event in events))) == pictures
    assert [event["event"] for event in events if not event.get("picture")] == ["typing"]
    assert (folder / "screen-01.mp4").read_bytes().endswith(b"moov") and "screen-01.mp4" in files
    assert {(folder / name).stat().st_mode & 0o777 for name in files} == {0o600}


def test_identifiers_of_the_device_stay_in_private(recorded: tuple[Case, str]) -> None:
    """The serial number is a probe of the case, and stands in no file but that of private/."""
    case, _ = recorded
    assert [p.text for p in case.declared_probes if p.probe == "device-serial-number"] == ["SIM0000008"]
    outside = [file for file in case.path.rglob("*") if file.is_file() and "private" not in file.parts]
    named = [file for file in outside if b"SIM0000008" in file.read_bytes()]
    assert {file.parent.name for file in named} <= {"frames"}
    assert (case.path / "private" / "probes.toml").stat().st_mode & 0o777 == 0o600


def test_every_notebook_runs_and_the_finding_is_of_grade_e4(the: Bench, recorded: tuple[Case, str]) -> None:
    """The recording alone carries the analysis: finding 01 is supported, its controls were run and passed."""
    case, _ = recorded
    done = the.run(the.command("run", "--no-pdf", case.path))
    assert done.returncode == 0, done.stdout + done.stderr
    findings = {
        one["id"]: one for one in json.loads((case.reports / "findings.json").read_text())["findings"]
    }
    first = findings["prompt-to-host"]
    assert (first["verdict"], first["grade"]) == ("supported", "E4")
    assert [control["result"] for control in first["controls"]] == ["pass"] * 5
    hits = case.sightings[(case.sightings["direction"] == "request") & (case.sightings["kind"] == "prompt")]
    assert {CHAT, CLOUD} <= set(hits.loc[hits["run"] == "first-chat-c1", "host"])


def test_a_name_that_is_there_is_refused_and_another_works(
    the: Bench, recorded: tuple[Case, str], tmp_path: Path
) -> None:
    """A capture is never overwritten, and the device not touched for it. The gateway's route records as well."""
    case, _ = recorded
    before = the.state()
    done = the.run(the.recording(case, scenario(tmp_path, about=CONTROLS)))
    assert done.returncode == 1 and "first-chat-c0" in done.stderr and "another name" in done.stderr
    again = scenario(tmp_path, "through-the-gateway", 'route = "transparent"')
    done = the.run(the.recording(case, again, route="transparent"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert the.state() == before
    told = record_of(case, "through-the-gateway")
    assert told["route"]["counted"]["quic_packets_refused"] == 3 and told["past_the_proxy"] == {}
    case.forget()
    row = case.runs.set_index("run").loc["through-the-gateway"]
    assert row["complete"] and list(row["witnesses"]) == ["proxy", "packets"]
    ours = case.connections[case.connections["run"] == "through-the-gateway"]
    both = ours[[list(one) == ["proxy", "packets"] for one in ours["witnesses"]]]
    assert {CHAT, CLOUD} <= set(both["host"])

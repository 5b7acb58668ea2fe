"""One run of the lab that every witness recorded at once: imported from each alone, it says the same.

The proxy (evidence and flow file), a HAR that mitmproxy makes of that flow file, the packets with their keys, and a
hook in the app. What may differ is in `permitted`, column by column.
"""

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from mitmproxy.addons.savehar import SaveHar
from mitmproxy.io import FlowReader

from ingest.permitted import FORMATS, NAMES, markdown
from promptrail import frames, pipeline
from promptrail.case import Case
from promptrail.findings import unseen
from promptrail.findings.prompt import finding as prompt_to_host
from promptrail.findings.recipients import finding as recipients
from promptrail.ingest import place
from promptrail.ingest.hook_record import key_lines
from promptrail.lab.record import record
from promptrail.lab.world import FINGERPRINT, HOSTS
from readme import formats_in_the_readme
from rigs.needs import missing_rig

pytestmark = pytest.mark.rig
RUNS = ["before-c1-1", "encodings"]
EVIDENCE = ("evidence.jsonl", "bodies.pack", "events.jsonl")
CODINGS = frozenset(("gzip", "deflate", "zlib", "br", "zstd"))
ORDER = ("host", "method", "url", "started")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Case:
    """Two runs with all witnesses, read as they lie."""
    if os.geteuid():
        missing_rig("capturing packets needs root")
    for tool in ("tcpdump", "tshark"):
        if not shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin"):
            missing_rig(f"{tool} is not installed")
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if hasattr(request.config, "workerinput") else shared
    with FileLock(shared / "witnesses.lock"):
        if not (shared / "witnesses").exists():
            case = Case.create(shared / "witnesses", simulated=True)
            record(case, RUNS, witnesses=("packets", "hook"))
            assert pipeline.ensure(case) == []
        return Case.open(shared / "witnesses")


def har(run: Path, folder: Path) -> Path:
    """mitmproxy's own HAR of the run's flow file."""
    with open(run / "flows.mitm", "rb") as stream:
        made = SaveHar().make_har(list(FlowReader(stream).stream()))
    target = folder / "traffic.har"
    target.write_text(json.dumps(made), encoding="utf-8")
    return target


SOURCES: dict[str, Callable[[Path, Path], tuple[Path, Path | None]]] = {
    "mitm": lambda run, folder: (run / "flows.mitm", None),
    "har": lambda run, folder: (har(run, folder), None),
    "pcap": lambda run, folder: (run / "capture.pcap", run / "keys.log"),
    "hook": lambda run, folder: (run / "hook.jsonl", None),
}
"""How a capture of each format is had from a run: the file, and its keys."""


def evidence(recorded: Case, run: str, folder: Path) -> Case:
    """The evidence of one run alone, without what lay beside it."""
    case = like(recorded, folder)
    target = case.captures / run
    target.mkdir(parents=True)
    manifest = json.loads((recorded.captures / run / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = {name: manifest["files"][name] for name in EVIDENCE}
    (target / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for name in EVIDENCE:
        shutil.copy(recorded.captures / run / name, target / name)
    return case


def like(recorded: Case, folder: Path) -> Case:
    """A case with the same probes and the same stated recipients, and nothing recorded."""
    case = Case.create(folder)
    text = (recorded.path / "case.toml").read_text(encoding="utf-8")
    (case.path / "case.toml").write_text(text, encoding="utf-8")
    return Case.open(case.path)


def alone(recorded: Case, run: str, kind: str, folder: Path) -> Case:
    """A case into which one capture of the run was imported, and nothing else."""
    case = like(recorded, folder / "case")
    file, keys = SOURCES[kind](recorded.captures / run, folder)
    place(case, file, keys=keys)
    assert {problem.severity for problem in pipeline.ensure(case)} <= {"warning"}
    return case


def seen(case: Case, kind: str, run: str | None = None) -> Counter[tuple[Any, ...]]:
    """Each sighting by what it says, but for the layers that this format has undone already."""
    undone = CODINGS if kind == "har" else frozenset()
    rows = frames.rows(case.sightings[~case.sightings["decoy"].astype(bool)])
    told = ((r, tuple(c for c in r.chain if c not in undone)) for r in rows if run in (None, r.run))
    return Counter((r.text, r.host, r.direction, r.part, r.path, chain, r.tier) for r, chain in told)


def flows(case: Case, run: str | None = None) -> list[Any]:
    """Exchanges in an order that does not depend on who told them."""
    rows = (row for row in frames.rows(case.flows) if run is None or row.run == run)
    return sorted(rows, key=lambda row: tuple(str(getattr(row, name)) for name in ORDER))


def messages(case: Case, run: str | None = None) -> list[Any]:
    place_of = {row.flow: n for n, row in enumerate(flows(case, run))}
    rows = (row for row in frames.rows(case.messages) if row.flow in place_of)
    return sorted(rows, key=lambda row: (place_of[row.flow], row.seq))


def plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [tuple(one.values()) if isinstance(one, dict) else one for one in value]
    return value


def differing(ours: list[Any], theirs: list[Any]) -> dict[str, tuple[Any, Any]]:
    """Columns in which two lists of rows differ, with the first example."""
    assert len(ours) == len(theirs)
    return {
        name: (plain(getattr(a, name)), plain(getattr(b, name)))
        for a, b in zip(ours, theirs, strict=True)
        for name in a._fields
        if plain(getattr(a, name)) != plain(getattr(b, name))
    }


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("kind", FORMATS)
def test_from_each_alone_the_same(recorded: Case, tmp_path: Path, run: str, kind: str) -> None:
    """Sightings, layer by layer, hosts, exchanges and messages are equal but for the permitted columns."""
    case = alone(recorded, run, kind, tmp_path)
    assert seen(case, kind) == seen(recorded, kind, run)
    assert seen(case, kind)
    permitted = {*NAMES.split(), *" ".join(FORMATS[kind].differs).split()}
    for rows in (flows, messages):
        found = differing(rows(recorded, run), rows(case))
        assert found.keys() <= permitted, {k: v for k, v in found.items() if k not in permitted}


@pytest.mark.parametrize("run", RUNS)
def test_the_hooks_keys_open_the_packets(recorded: Case, tmp_path: Path, run: str) -> None:
    """With the keys that a hook told, and no other, the packets say what the proxy says."""
    keys = tmp_path / "keys.log"
    keys.write_text("".join(f"{line}\n" for line in key_lines(recorded.captures / run)), encoding="ascii")
    case = like(recorded, tmp_path / "case")
    place(case, recorded.captures / run / "capture.pcap", keys=keys)
    assert pipeline.ensure(case) == []
    assert seen(case, "pcap") == seen(recorded, "pcap", run)
    permitted = {*NAMES.split(), *" ".join(FORMATS["pcap"].differs).split()}
    for rows in (flows, messages):
        assert differing(rows(recorded, run), rows(case)).keys() <= permitted


def test_all_together_tell_each_exchange_once(recorded: Case) -> None:
    """Three witnesses of one run: every connection once, with all who saw it, its bytes from the packets."""
    known = recorded.connections[recorded.connections["run"] == RUNS[0]]
    assert sorted(known["host"]) == sorted(host for host in HOSTS if host in set(known["host"]))
    by_host = {row.host: row for row in frames.rows(known)}
    for host, row in by_host.items():
        expected = ["proxy", "packets"] + ["hook"] * (host != FINGERPRINT)
        assert plain(row.witnesses) == expected, host
        assert row.bytes_out > 500 and row.ja4 and row.client_port
    assert by_host[FINGERPRINT].outcome == "pinned"
    assert set(recorded.flows["connection"]) <= set(recorded.connections["connection"])
    assert recorded.runs["witnesses"].map(plain).tolist() == [["proxy", "packets", "hook"]] * len(RUNS)
    assert not recorded.flows.duplicated(["run", "method", "url", "started"]).any()


def test_one_clock(recorded: Case) -> None:
    """All witnesses ran on one machine: their clocks are told to agree, with how surely, and nothing was shifted."""
    clocks = recorded.clocks
    assert sorted(clocks["witness"]) == ["hook", "hook", "packets", "packets"]
    assert (
        (clocks["offset"] == 0).all() and (clocks["uncertainty"] < 1).all() and (clocks["pairs"] >= 3).all()
    )


FINDINGS = (prompt_to_host, recipients, unseen)


@pytest.mark.parametrize("kind", ["pcap", "mitm", "har", "hook"])
def test_findings_are_the_same(recorded: Case, tmp_path: Path, kind: str) -> None:
    """From the packets alone every finding is word for word that of the proxy; from what lists no failed connection
    too, but for what is unread, which it says it cannot know."""
    base = evidence(recorded, RUNS[0], tmp_path / "evidence")
    assert pipeline.ensure(base) == []
    other = alone(recorded, RUNS[0], kind, tmp_path)
    for finding in FINDINGS[: 3 if kind == "pcap" else 1]:
        ours, theirs = (told(finding, case) for case in (base, other))
        for name in ours:
            assert ours[name] == theirs[name], name
    if kind != "pcap":
        assert unseen.find(other).verdict == "cannot tell"


def told(finding: Any, case: Case) -> dict[str, Any]:
    """What a finding says that must not depend on the format; the app's version stands in the evidence alone."""
    made = finding.find(case)
    said = {name: getattr(made, name) for name in ("verdict", "grade", "sentence", "licensed")}
    return {name: str(words).replace(" of Parley 4.2.0", "") for name, words in said.items()}


def test_readme_shows_what_may_differ() -> None:
    """The table in README.md is this one."""
    assert formats_in_the_readme() == markdown()

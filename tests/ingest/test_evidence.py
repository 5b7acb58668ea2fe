"""Evidence folders as the addon writes them: whole, cut at every line, altered, with half a body."""

import json
import shutil
from pathlib import Path

import pytest

from promptrail import ingest, shipped
from promptrail.case import Case
from promptrail.case.evidence import EvidenceWriter, seal
from promptrail.model import Problem


@pytest.fixture
def sample(tmp_path: Path) -> Case:
    """One recorded run of the sample, in a case of its own."""
    case = Case.create(tmp_path / "case")
    shutil.copytree(shipped.sample() / "captures" / "before-c1-1", case.captures / "before-c1-1")
    return case


def read(case: Case) -> list[Problem]:
    return ingest.frames_of(case)


def test_a_sealed_run_is_whole(sample: Case) -> None:
    """Flows, messages, events and connections stand in the frames, nothing is reported."""
    assert read(sample) == []
    run = sample.runs.iloc[0]
    assert (run.source, run.control, run.app, bool(run.complete), bool(run.simulated)) == (
        "evidence",
        "C1",
        "Parley",
        True,
        True,
    )
    assert {"http", "websocket"} == set(sample.flows.kind)
    assert {"consent", "typing", "sent", "deleted"} <= set(sample.events.event)
    assert set(sample.flows.connection) <= set(sample.connections.connection)


def test_the_pinned_vendor_is_a_connection_with_its_reason(sample: Case) -> None:
    """What refused the proxy is not lost: host by SNI, outcome, the recorder's words, size not known."""
    read(sample)
    pinned = sample.connections[sample.connections.outcome == "pinned"]
    assert set(pinned.host) == {"edge.quillmark.example"} and pinned.bytes_out.isna().all()
    assert pinned.reason.str.contains("trust|certificate", case=False).all()


def test_host_sni_address_and_certificate_stand_apart(sample: Case) -> None:
    """Five columns, none made from another."""
    read(sample)
    flow = sample.flows[sample.flows.host == "ingest.brightmoor.test"].iloc[0]
    assert (flow.sni, flow.dest_ip) == ("ingest.brightmoor.test", "127.0.0.1")
    assert list(flow.cert_names) == ["ingest.brightmoor.test"] and "SIMULATED" in flow.cert_issuer


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_run_that_broke_off_is_read_to_its_last_whole_line(sample: Case, share: float) -> None:
    """No manifest and half a line: what was written before is there, the run is not complete, the place is named."""
    folder = sample.captures / "before-c1-1"
    (folder / "manifest.json").unlink()
    log = folder / "evidence.jsonl"
    data = log.read_bytes()
    log.write_bytes(data[: int(len(data) * share)])
    problems = read(sample)
    assert [p.severity for p in problems] == ["lost", "lost"]
    assert "line " in problems[0].place and "broke off" in problems[1].what
    assert not bool(sample.runs.complete.iloc[0]) and len(sample.flows) > 0


def test_an_altered_capture_is_reported(sample: Case) -> None:
    """One changed byte in a body: the seal and the body's own hash both say so, the body is missing, not wrong."""
    pack = sample.captures / "before-c1-1" / "bodies.pack"
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.chmod(0o600)
    pack.write_bytes(data)
    problems = read(sample)
    assert any("changed since it was sealed" in p.what for p in problems)
    assert any("does not hold the body" in p.what for p in problems)
    assert not bool(sample.runs.complete.iloc[0])


def test_half_a_streamed_body_is_kept(tmp_path: Path) -> None:
    """Chunks of a stream that never ended become a body that is marked incomplete."""
    case = Case.create(tmp_path / "case")
    writer = EvidenceWriter(case.path, "r1", {"mitmproxy": "12"}, {"app": "Parley"}, {})
    url = {
        "method": "GET",
        "scheme": "https",
        "host": "a.test",
        "port": 443,
        "authority": "a.test",
        "url": "https://a.test/sse",
    }
    writer.record(
        "request", flow="f1", conn="c1", http_version="HTTP/1.1", headers=[], body=writer.body(b""), **url
    )
    writer.record("responsestart", flow="f1", status=200, headers=[["content-type", "text/event-stream"]])
    for piece in (b"data: one\n\n", b"data: tw"):
        writer.record("chunk", flow="f1", direction="response", at=writer.piece(piece))
    problems = read(case)
    (message,) = case.messages[case.messages.direction == "response"].itertuples()
    assert case.bytes_of(message.body) == b"data: one\n\ndata: tw" and not bool(message.complete)
    assert [p.severity for p in problems] == ["lost"] and case.flows.status.tolist() == [200]


def test_sealing_adds_files(sample: Case) -> None:
    """A file that was sealed later is verified like the others."""
    folder = sample.captures / "before-c1-1"
    (folder / "notes.txt").write_text("seen by hand")
    seal(folder, ["notes.txt"])
    assert "notes.txt" in json.loads((folder / "manifest.json").read_text())["files"]
    (folder / "notes.txt").write_text("changed")
    assert any("notes.txt" in p.what for p in read(sample))


def test_a_proxy_killed_midway_through_an_upload_leaves_host_and_half(tmp_path: Path) -> None:
    """A streamed request that never ended: its URL and host are known, its body is what had passed."""
    case = Case.create(tmp_path / "case")
    writer = EvidenceWriter(case.path, "r1", {"mitmproxy": "12"}, {}, {})
    url = {
        "method": "POST",
        "scheme": "https",
        "host": "a.test",
        "port": 443,
        "authority": "a.test",
        "url": "https://a.test/up",
    }
    writer.record("requeststart", flow="f1", conn="c1", http_version="HTTP/1.1", headers=[], **url)
    writer.record("chunk", flow="f1", direction="request", at=writer.piece(b"the first half"))
    read(case)
    flow = case.flows.iloc[0]
    assert (flow.host, flow.url, case.bytes_of(flow.request_body)) == (
        "a.test",
        "https://a.test/up",
        b"the first half",
    )
    (message,) = case.messages.itertuples()
    assert not bool(message.complete)

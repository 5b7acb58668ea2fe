"""Flow files that mitmproxy wrote, whole and cut short, and the same traffic as HAR."""

from pathlib import Path

import pytest

from captures import exchange, write_flows
from conftest import REAL
from promptrail import ingest
from promptrail.case import Case
from promptrail.model import EMPTY, Problem


def read(folder: Path, file: Path) -> tuple[Case, list[Problem]]:
    case = Case.create(folder / "case")
    ingest.place(case, file)
    return case, ingest.frames_of(case)


def test_an_exchange_becomes_a_flow(tmp_path: Path) -> None:
    """Bytes, headers in their order, times and the connection stand in the frames."""
    flow = exchange("https://chat.parley.test/v1", b'{"q":1}', [(b"X-B", b"2"), (b"x-b", b"1")])
    case, problems = read(tmp_path, write_flows(tmp_path / "f.mitm", flow))
    row = case.flows.iloc[0]
    assert problems == []
    assert (row.source_ref, row.host, row.method) == (flow.id, "chat.parley.test", "POST")
    assert case.bytes_of(row.request_body) == b'{"q":1}'
    assert [h["value"] for h in row.request_headers if h["name"].lower() == b"x-b"] == [b"2", b"1"]
    assert len(case.connections) == 1


def test_missing_and_empty_bodies_are_kept_apart(tmp_path: Path) -> None:
    """mitmproxy's None (streamed, not stored) is missing; b"" is empty."""
    gone = exchange("https://a.test/1")
    gone.response.raw_content = None
    case, _ = read(tmp_path, write_flows(tmp_path / "f.mitm", gone, exchange("https://a.test/2", answer=b"")))
    assert case.flows.response_body.isna().tolist() == [True, False]
    assert case.flows.response_body.iloc[1] == EMPTY


def test_tcp_udp_dns_and_websocket_are_read(tmp_path: Path) -> None:
    """Every kind of flow that mitmproxy saves becomes rows, each with its messages."""
    from mitmproxy.test import tflow

    flows = [tflow.ttcpflow(), tflow.tudpflow(), tflow.tdnsflow(resp=True), tflow.twebsocketflow()]
    case, problems = read(tmp_path, write_flows(tmp_path / "f.mitm", *flows))
    assert problems == []
    assert case.flows.kind.tolist() == ["tcp", "udp", "dns", "websocket"]
    assert {"raw", "dns", "ws"} <= set(case.messages.part)


@pytest.mark.parametrize("keep", [0.999, 0.72, 0.43])
def test_a_file_cut_short_gives_its_whole_flows(tmp_path: Path, keep: float) -> None:
    """Flows before the cut are read; the loss names the byte at which the broken one begins."""
    file = write_flows(tmp_path / "f.mitm", *(exchange(f"https://a.test/{n}", b"x" * 50) for n in range(10)))
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * keep)])
    case, problems = read(tmp_path, file)
    assert 0 < len(case.flows) < 10
    assert [p.severity for p in problems] == ["lost"]
    assert int(problems[0].place.removeprefix("byte ")) < len(data) * keep


def test_a_newer_format_is_refused_in_words(tmp_path: Path) -> None:
    """A flow file of a later mitmproxy says so, and does not end the reading of other captures."""
    flow = exchange("https://a.test/1")
    good = write_flows(tmp_path / "good.mitm", flow)
    data = good.read_bytes()
    newer = tmp_path / "newer.mitm"
    newer.write_bytes(data.replace(b"7:version;2:21#", b"7:version;2:99#"))
    assert newer.read_bytes() != data, "mitmproxy's format number is no longer 21: mend this test"
    case = Case.create(tmp_path / "case")
    for file in (newer, good):
        ingest.place(case, file)
    problems = ingest.frames_of(case)
    assert [p.severity for p in problems] == ["lost"] and "99" in problems[0].what
    assert len(case.flows) == 1


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", ["error_log", "event_stream", "successful_log", "websocket"])
def test_flow_file_and_har_agree(tmp_path: Path, name: str) -> None:
    """The same real traffic in both formats: same requests, same request bodies, same WebSocket messages."""
    case = Case.create(tmp_path / "case")
    runs = [ingest.place(case, REAL / f"mitmproxy-{name}.{end}").run for end in ("mitm", "har")]
    ingest.frames_of(case)

    def told(run: str) -> list[tuple[object, ...]]:
        flows = case.flows[case.flows.run == run]
        sent = case.messages[
            (case.messages.run == run)
            & ((case.messages.direction == "request") | (case.messages.part == "ws"))
        ]
        return [
            *flows[["method", "url", "host", "request_body"]].itertuples(index=False, name=None),
            *sent[["direction", "part", "body"]].itertuples(index=False, name=None),
        ]

    assert told(runs[0]) == told(runs[1])
    assert len(case.flows) >= 4


@pytest.mark.needs_shared
def test_flow_file_and_har_give_the_same_sightings(tmp_path: Path) -> None:
    """A value that was really sent, and echoed: found alike in both formats, in request and response."""
    from promptrail import pipeline

    case = Case.create(tmp_path / "case")
    case.add_probe("identifier", "key1=value1")
    case.add_probe("identifier", "application/x-www-form-urlencoded")
    runs = [ingest.place(case, REAL / f"mitmproxy-successful_log.{end}").run for end in ("mitm", "har")]
    pipeline.ensure(case)
    columns = ["probe", "host", "direction", "part", "path", "offset", "length", "raw_offset", "tier"]
    told = [case.sightings[case.sightings.run == run][columns].values.tolist() for run in runs]
    assert told[0] == told[1] and len(told[0]) > 1

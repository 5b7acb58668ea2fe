"""A flow file read by two processes: the files on disk are those of one, byte by byte."""

import sys
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.test import tflow

from captures import exchange, write_flows
from promptrail.errors import InputError
from promptrail.ingest import mitm
from promptrail.ingest.flow_file import FlowFile
from promptrail.ingest.reading import Reading
from promptrail.ingest.sink import Sink


def traffic() -> list[Any]:
    """Flows of every kind; connections and bodies that come in both halves."""
    made = []
    for n in range(40):
        one = exchange(f"https://a.test/{n}", b"body %d" % (n % 15), [(b"x", b"y" * (n % 9))])
        one.client_conn.id = f"connection {n % 12}"
        one.client_conn.timestamp_end = n
        made.append(one)
    return [*made, tflow.ttcpflow(), tflow.tdnsflow(resp=True), *made[:2], tflow.twebsocketflow()]


def read(folder: Path, file: Path, processes: int) -> tuple[dict[str, bytes], list[Any]]:
    """What lies on disk, and what was told."""
    run = folder / "run"
    run.mkdir(exist_ok=True)
    (run / "flows.mitm").write_bytes(file.read_bytes())
    target = folder / str(processes)
    target.mkdir()
    sink = Sink(target)
    mitm.read(run, sink, processes)
    sink.close()
    assert sorted(target.glob(".*")) == []
    return {p.name: p.read_bytes() for p in sorted(target.iterdir())}, sink.problems


@pytest.mark.parametrize("processes", [2, 3])
def test_two_processes_give_the_files_of_one(
    tmp_path: Path, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, bodies, connections, figures of the run: nothing tells how many read it. Here one range of it is read."""
    file = write_flows(tmp_path / "f.mitm", *traffic())
    expected, ranges, range_of = read(tmp_path, file, 1), [], Reading.range

    def counted(self: Reading, flows: FlowFile, at: int, end: int) -> None:
        ranges.append((at, end))
        range_of(self, flows, at, end)

    monkeypatch.setattr(Reading, "range", counted)
    assert read(tmp_path, file, processes) == expected
    assert len(ranges) == 1 and ranges[0][1] < file.stat().st_size


def test_losses_are_told_as_by_one(tmp_path: Path) -> None:
    """Damage in both halves, more of it than is told one by one."""
    file = write_flows(tmp_path / "f.mitm", *traffic())
    data = file.read_bytes().replace(b"4:port;3:443#", b"4:port;3:4q3#")
    file.write_bytes(data[:-7])
    one, two = read(tmp_path, file, 1), read(tmp_path, file, 2)
    assert one == two and len(one[1]) > 15


def test_a_process_that_fails_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process cannot start its work: its range is read here."""
    file = write_flows(tmp_path / "f.mitm", *traffic())
    expected = read(tmp_path, file, 1)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert read(tmp_path, file, 2) == expected


def test_an_older_file_is_read_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formats before 20 may hold a WebSocket in two flows, so no second process takes part."""
    monkeypatch.setattr(sys, "executable", "/nowhere")
    file = write_flows(tmp_path / "f.mitm", *traffic())
    file.write_bytes(file.read_bytes().replace(b"7:version;2:21#", b"7:version;2:19#"))
    assert read(tmp_path, file, 1) == read(tmp_path, file, 2)


def test_a_newer_file_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nobody starts a process for it."""
    monkeypatch.setattr(sys, "executable", "/nowhere")
    file = write_flows(tmp_path / "f.mitm", *traffic())
    file.write_bytes(file.read_bytes().replace(b"7:version;2:21#", b"7:version;2:22#"))
    with pytest.raises(InputError, match="flow format 22"):
        read(tmp_path, file, 2)


def test_a_small_file_is_read_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below a size nobody starts a process."""
    monkeypatch.setattr(sys, "executable", "/nowhere")
    file = write_flows(tmp_path / "f.mitm", *traffic())
    run = tmp_path / "run"
    run.mkdir()
    (run / "flows.mitm").write_bytes(file.read_bytes())
    sink = Sink(tmp_path)
    mitm.read(run, sink)
    assert sink.counts["flows"] == 45

"""What stands on disk: groups, distinct bodies, odd text, and memory that does not grow with the capture."""

import hashlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from promptrail import frames
from promptrail.case import Case
from promptrail.ingest import sink as module
from promptrail.ingest.columns import sound, table
from promptrail.ingest.rows import ConnectionRow, FlowRow, MessageRow
from promptrail.ingest.seen import Seen
from promptrail.ingest.sink import Sink
from promptrail.model import EMPTY, Connection, Flow, Message
from promptrail.trace.parts import stored


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of three rows and of a hundred bytes."""
    monkeypatch.setattr(module, "ROWS", 3)
    monkeypatch.setattr(module, "BODY_BYTES", 100)


def groups(file: Path) -> list[int]:
    with pq.ParquetFile(file) as opened:
        return [opened.metadata.row_group(n).num_rows for n in range(opened.num_row_groups)]


def flow(number: int) -> Flow:
    headers = [(b"a", b"%d" % n) for n in range(number % 3)]
    return Flow(
        f"F-{number}", "r", str(number), "http", "a.test", request_headers=headers, cert_names=["a.test"]
    )


def test_rows_and_records_are_the_same(tmp_path: Path) -> None:
    """A row that a quick reader adds stands in the frame as the record of another does."""
    for name, kinds in {"a": (Flow, Message, Connection), "b": (FlowRow, MessageRow, ConnectionRow)}.items():
        (tmp_path / name).mkdir()
        sink = Sink(tmp_path / name)
        sink.add(kinds[0]("F", "r", "0", "http", None, port=7, request_headers=[(b"n", b"v")]))
        sink.add(kinds[1]("F", "r", 0, "request", "body", None, None))
        sink.add(kinds[2]("C", "r", None, closed=1.5))
        sink.close()
    for frame in ("flows", "messages", "connections"):
        assert pq.read_table(tmp_path / "a" / f"{frame}.parquet") == pq.read_table(
            tmp_path / "b" / f"{frame}.parquet"
        )


def test_a_body_is_stored_once(tmp_path: Path, small: None) -> None:
    """By the hash of its bytes, in groups of so many bytes, whoever sends it; the empty one has a name and no row."""
    sink = Sink(tmp_path)
    bodies = [b"x" * n for n in (40, 70, 40, 30, 0, 70, 99, 1)]
    names = [sink.body(body) for body in bodies]
    sink.close()
    assert names == [hashlib.sha256(body).hexdigest() for body in bodies] and names[4] == EMPTY
    stored = pq.read_table(tmp_path / "bodies.parquet").to_pylist()
    assert [row["length"] for row in stored] == [40, 70, 30, 99, 1]
    assert all(hashlib.sha256(row["data"]).hexdigest() == row["sha256"] for row in stored)
    assert groups(tmp_path / "bodies.parquet") == [2, 2, 1]


def test_bodies_carry_no_statistics(tmp_path: Path) -> None:
    """The data column has neither statistics nor a dictionary; it is compressed."""
    sink = Sink(tmp_path)
    sink.body(b"hello " * 5000)
    sink.close()
    data = pq.read_metadata(tmp_path / "bodies.parquet").row_group(0).column(3)
    assert data.statistics is None and not data.has_dictionary_page and data.compression == "ZSTD"
    assert data.total_compressed_size < 3000


@pytest.mark.parametrize("sizes", [[7], [1, 1, 1], [3, 3], [2, 5, 4], [0, 4], [10, 1]])
@pytest.mark.parametrize("own", [0, 1, 2, 3, 5])
def test_rows_of_another_sink_are_grouped_as_ones_own(
    tmp_path: Path, small: None, own: int, sizes: list[int]
) -> None:
    """Rows added one by one and rows taken over as tables give the same file."""
    one, two = Sink(tmp_path / "one"), Sink(tmp_path / "two")
    for sink in (one, two):
        sink.folder.mkdir()
        for n in range(own):
            sink.add(flow(n))
    at = own
    for size in sizes:
        part = [flow(n) for n in range(at, at + size)]
        two.extend("flows", table("flows", [module.ROW_OF[Flow](record) for record in part]))
        for record in [*part, flow(1000 + size)]:
            one.add(record)
        two.add(flow(1000 + size))
        at += size
    one.close()
    two.close()
    assert groups(one.folder / "flows.parquet") == groups(two.folder / "flows.parquet")
    assert (one.folder / "flows.parquet").read_bytes() == (two.folder / "flows.parquet").read_bytes()
    assert one.counts == two.counts


def test_heavy_rows_are_written_sooner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by bytes too: rows of large headers do not wait for their group to be full."""
    monkeypatch.setattr(module, "HEAVY", 1000)
    monkeypatch.setattr(module, "BODY_BYTES", 10)
    sink = Sink(tmp_path)
    for n in range(10):
        sink.body(b"a body of more bytes: %d" % n)
        sink.add(flow(n), weight=400)
    sink.close()
    assert groups(tmp_path / "flows.parquet") == [3, 3, 3, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("한국", "한국"),
        ("a\udcffb", "a%FFb"),
        ("\udced\udc95\udc9c", "한"),
        ("\ud800", "%ED%A0%80"),
        ("", ""),
    ],
)
def test_text_that_is_none_keeps_its_bytes(tmp_path: Path, text: str, expected: str) -> None:
    """Bytes that are no UTF-8 stand as %XX in a text column, alone and beside sound text."""
    assert sound(text) == expected
    made = table(
        "flows", [module.ROW_OF[Flow](Flow("F", "r", "0", "http", host)) for host in (text, None, "b")]
    )
    assert made["host"].to_pylist() == [expected, None, "b"]


def test_frames_open_in_pandas_as_they_are(tmp_path: Path) -> None:
    """Every frame, empty ones too, opens in plain pandas with the declared columns."""
    sink = Sink(tmp_path)
    sink.add(flow(2))
    sink.body(b"x")
    sink.close()
    for file in tmp_path.glob("*.parquet"):
        assert list(pd.read_parquet(file).columns) == [c.name for c in frames.FRAMES[file.stem]]
    opened = pd.read_parquet(tmp_path / "flows.parquet")
    assert list(opened.request_headers.iloc[0]) == [
        {"name": b"a", "value": b"0"},
        {"name": b"a", "value": b"1"},
    ]


def test_header_blocks_keep_order_and_repeats() -> None:
    """Blocks of none, one and several fields stay apart."""
    records = [flow(n) for n in range(7)]
    made = table("flows", [module.ROW_OF[Flow](record) for record in records])
    assert made == frames.to_arrow("flows", [record_of(record) for record in records])


def record_of(record: Flow) -> dict[str, object]:
    return {name: getattr(record, name) for name in (c.name for c in frames.FRAMES["flows"])}


@pytest.mark.parametrize("limit", [0, 1, 5, 100])
def test_seen_forgets_nothing(limit: int) -> None:
    """Keys in memory and keys on disk: each is new once."""
    seen = Seen(limit)
    keys = [bytes([n % 7, n % 3]) for n in range(60)]
    assert [seen.new(key) for key in keys] == [key not in keys[:n] for n, key in enumerate(keys)]
    seen.close()


def test_tables_have_the_declared_types() -> None:
    """No row: the columns and types are there."""
    for name in frames.FRAMES:
        assert table(name, []).schema.equals(frames.schema(name)), name
        assert isinstance(table(name, []), pa.Table)


def test_a_long_body_has_several_rows(tmp_path: Path, small: None) -> None:
    """In order, each with its place; put together they are the body, and it is stored once."""
    long = bytes(range(256)) * 2
    case = Case.create(tmp_path / "case")
    case.frames_folder.mkdir()
    sink = Sink(case.frames_folder)
    for body in (b"before", long, b"between", long, b"behind"):
        sink.body(body)
    sink.close()
    rows = pq.read_table(case.frames_folder / "bodies.parquet").to_pylist()
    name = hashlib.sha256(long).hexdigest()
    pieces = [row for row in rows if row["sha256"] == name]
    assert len(pieces) > 1 and all(row["length"] == len(long) for row in pieces)
    assert b"".join(row["data"] for row in pieces) == long == case.bytes_of(name)
    assert [row["at"] for row in pieces] == list(range(0, len(long), len(pieces[0]["data"])))
    assert [data for _, data in stored(case)] == [b"before", long, b"between", b"behind"]

"""A run that several witnesses recorded, into one set of rows: each exchange once, told by the first that read it.

In: what each witness's reader wrote, in the order in which they are believed: proxy, packets, hook. Out: every
connection once, with who saw it and who read it; of the later witnesses only the exchanges that no earlier one read,
their times brought to the first one's clock.
"""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from promptrail.ingest.clock import compared
from promptrail.ingest.matching import Row, apart, pairs
from promptrail.ingest.rows import ConnectionRow
from promptrail.ingest.sink import Sink
from promptrail.model import Run

READ = "read"
TIMES = ("started", "request_ended", "response_started", "ended", "at", "opened", "closed")
FROM_PACKETS = ("bytes_out", "bytes_in")
"""What a packet capture knows better than any other witness."""


class Told(NamedTuple):
    """What one witness told: its name, and the folder of the frames that its reader wrote."""

    witness: str
    folder: Path


def join(told: list[Told], run: str, sink: Sink, whole: bool = True) -> None:
    """Join what witnesses of one run told into the sink; not `whole`: one more could not be read at all."""
    base, *others = told
    joined = [[row] for row in _rows(base, "connections")]
    shifts = {base.witness: 0.0}
    for other in others:
        theirs = _rows(other, "connections")
        views = [merged(group) for group in joined]
        lag = apart(views, theirs)
        _moved(theirs, lag)
        group_of = {id(view): group for view, group in zip(views, joined, strict=True)}
        met = [(group_of[id(pair.ours)], pair.theirs) for pair in pairs(views, theirs)]
        clock = compared(run, other.witness, base.witness, _moments(base, other, met, lag))
        sink.add(clock)
        shifts[other.witness] = clock.offset
        _moved(theirs, clock.offset - lag)
        for group, row in met:
            group.append(row)
        taken = {id(row) for _, row in met}
        joined += [[row] for row in theirs if id(row) not in taken]
    names: dict[str, dict[str, str]] = {one.witness: {} for one in told}
    stands: dict[str, set[str]] = {one.witness: set() for one in told}
    for group in joined:
        one_row = merged(group)
        for row in group:
            names[row["witnesses"][0]][row["connection"]] = one_row["connection"]
            if one_row["read_by"] == row["witnesses"][0]:
                stands[one_row["read_by"]].add(one_row["connection"])
        sink.add(ConnectionRow(**one_row))
    for one in told:
        read = None if one is base else stands[one.witness]
        _copy(one, names[one.witness], read, shifts[one.witness], sink)
    _runs(told, sink, whole)


def merged(group: list[Row]) -> Row:
    """One connection that several witnesses saw; the first one's word stands, and the others fill what it left open."""
    whole = dict(group[0])
    for row in group[1:]:
        for name, value in row.items():
            if whole[name] in (None, []) or (name in FROM_PACKETS and value is not None):
                whole[name] = value
    reader = next((row for row in group if row["outcome"] == READ), None)
    if reader is not None:
        whole["outcome"], whole["read_by"] = READ, reader["witnesses"][0]
        whole["reason"] = group[0]["reason"] if reader is not group[0] else reader["reason"]
    whole["witnesses"] = [row["witnesses"][0] for row in group]
    whole["simulated"] = any(row["simulated"] for row in group)
    return whole


def _moved(rows: list[Row], by: float) -> None:
    """Bring the times of connections to a clock that is so much behind."""
    for row in rows if by else ():
        for name in ("opened", "closed"):
            row[name] = None if row[name] is None else row[name] - by


def _moments(
    base: Told, other: Told, met: list[tuple[list[Row], Row]], lag: float
) -> Iterator[tuple[float, float]]:
    """Times of the same moments by both clocks: first requests where both read them, else the opening.

    The rows of `other` have been moved by `lag` already.
    """
    ours, theirs = _first(base), _first(other)
    for group, row in met:
        if group[0]["witnesses"][0] != base.witness:
            continue
        mine, yours = ours.get(group[0]["connection"]), theirs.get(row["connection"])
        if mine is None or yours is None:
            mine = group[0]["opened"]
            yours = None if row["opened"] is None else row["opened"] + lag
        if mine is not None and yours is not None:
            yield mine, yours


def _first(one: Told) -> dict[str, float]:
    """When the first exchange of each connection began."""
    flows = pq.read_table(one.folder / "flows.parquet", columns=["connection", "started"])
    first = flows.group_by("connection").aggregate([("started", "min")]).to_pylist()
    return {row["connection"]: row["started_min"] for row in first if row["started_min"] is not None}


def _rows(one: Told, name: str) -> list[Row]:
    rows: list[Row] = pq.read_table(one.folder / f"{name}.parquet").to_pylist()
    return rows


def _copy(one: Told, names: dict[str, str], read: set[str] | None, shift: float, sink: Sink) -> None:
    """The exchanges on the connections for which this witness stands; None: all, also those without a connection."""
    kept: set[str] = set()
    wanted: set[str] = set()

    def named(part: pa.Table) -> pa.Table:
        told = part["connection"].to_pylist()
        column = pa.array([names.get(name, name) for name in told], pa.string())
        place = part.schema.get_field_index("connection")
        return part.set_column(place, part.schema.field("connection"), column)

    def flows(part: pa.Table) -> pa.Table:
        part = named(part)
        if read is not None:
            part = part.filter(pc.is_in(part["connection"], value_set=pa.array(sorted(read), pa.string())))
        kept.update(part["flow"].to_pylist())
        wanted.update(filter(None, part["request_body"].to_pylist() + part["response_body"].to_pylist()))
        return part

    def messages(part: pa.Table) -> pa.Table:
        if read is not None:
            part = part.filter(pc.is_in(part["flow"], value_set=pa.array(sorted(kept), pa.string())))
        wanted.update(filter(None, part["body"].to_pylist()))
        return part

    def hooks(part: pa.Table) -> pa.Table:
        wanted.update(filter(None, part["body"].to_pylist() + part["output"].to_pylist()))
        return named(part)

    changes: list[tuple[str, Callable[[pa.Table], pa.Table]]] = [
        ("flows", flows),
        ("messages", messages),
        ("hooks", hooks),
        ("events", lambda part: part),
        ("bursts", named),
    ]
    for name, change in changes:
        for part in _parts(one.folder / f"{name}.parquet"):
            sink.extend(name, _shifted(change(part), shift))
    for part in _parts(one.folder / "bodies.parquet"):
        for sha256, length, at, data in zip(*(column.to_pylist() for column in part.columns), strict=True):
            if read is None or sha256 in wanted:
                sink.piece(bytes.fromhex(sha256), length, at, data)


def _parts(file: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(file) as whole:
        for group in range(whole.num_row_groups):
            yield whole.read_row_group(group)


def _shifted(part: pa.Table, by: float) -> pa.Table:
    """The same rows on the run's clock."""
    if by:
        for name in set(TIMES) & set(part.column_names):
            column = pc.subtract(part[name], by)
            part = part.set_column(part.schema.get_field_index(name), part.schema.field(name), column)
    return part


def _runs(told: list[Told], sink: Sink, read: bool) -> None:
    """One row for the run: the first witness's, complete only if all are."""
    rows = [row for one in told for row in _rows(one, "runs")]
    if not rows:
        return
    whole = rows[0] | {
        "complete": read and all(row["complete"] for row in rows),
        "simulated": any(row["simulated"] for row in rows),
        "witnesses": [one.witness for one in told],
    }
    names = {field.name for field in dataclasses.fields(Run)}
    sink.add(Run(**{name: value for name, value in whole.items() if name in names}))

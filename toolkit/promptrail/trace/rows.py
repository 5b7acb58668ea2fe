"""The frames `flows` and `messages` of a case in, their rows out as light as a pass over all of them needs.

Headers stay in Arrow: they are told by distinct value, and given for one flow where somebody asks.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from promptrail.case import Case
from promptrail.model import Direction, Headers


class FlowRow(NamedTuple):
    """What a sighting tells of its flow; see the frame `flows`."""

    flow: str
    run: str
    source_ref: str
    host: str | None
    method: str | None
    url: str | None
    started: float | None
    response_started: float | None
    simulated: bool | None


class MessageRow(NamedTuple):
    """One message; see the frame `messages`."""

    flow: str
    seq: int
    direction: Direction
    part: str
    body: str | None
    complete: bool | None
    media: str | None
    coding: str | None


class Values(NamedTuple):
    """Header values of one direction: each distinct one, and for every header line whose it is."""

    direction: Direction
    distinct: list[bytes]
    number: Any
    """Of each line: the place of its value in `distinct`."""
    flow: Any
    """Of each line: the place of its flow."""
    names: Any

    def lines(self, wanted: Sequence[int]) -> Iterator[tuple[int, bytes, bytes]]:
        """(place of the flow, name, value) of the lines that carry one of these values, in the frame's order."""
        for line in np.flatnonzero(np.isin(self.number, np.asarray(wanted, dtype=np.int64))):
            yield int(self.flow[line]), self.names[int(line)].as_py(), self.distinct[int(self.number[line])]


class Rows:
    """The rows of one case."""

    def __init__(self, case: Case) -> None:
        self._table = case.table("flows", [*FlowRow._fields, "request_headers", "response_headers"])
        self.flows: list[FlowRow] = _rows(self._table, FlowRow)
        self.place = {row.flow: n for n, row in enumerate(self.flows)}
        self.messages: list[MessageRow] = _rows(case.table("messages", list(MessageRow._fields)), MessageRow)

    def headers(self, place: int, direction: Direction) -> Headers:
        """The headers of one flow."""
        return headers_of(self._table.column(f"{direction}_headers")[place].as_py())

    def values(self, direction: Direction) -> Values:
        """All header values of one direction."""
        column = self._table.column(f"{direction}_headers").combine_chunks()
        lines = pc.list_flatten(column)
        coded = lines.field("value").dictionary_encode()
        return Values(
            direction,
            coded.dictionary.to_pylist(),
            coded.indices.to_numpy(zero_copy_only=False),
            pc.list_parent_indices(column).to_numpy(zero_copy_only=False),
            lines.field("name"),
        )


def headers_of(rows: Iterable[Any] | None) -> Headers:
    """A header column's value as pairs of bytes."""
    return [(row["name"], row["value"]) for row in rows] if rows is not None else []


def _rows(table: pa.Table, kind: Any) -> list[Any]:
    return list(map(kind, *(table.column(name).to_pylist() for name in kind._fields)))

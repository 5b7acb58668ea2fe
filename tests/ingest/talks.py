"""What two sides said on one connection, as readers of plaintext get it; and what was made of it, bodies in hand."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from promptrail.ingest.plaintext.flows import flows_of
from promptrail.ingest.plaintext.pieces import Carrier, Lost, Piece
from promptrail.ingest.sink import Sink
from promptrail.model import Direction

Item = Piece | Lost
CARRIER = Carrier(
    "tcp 3",
    True,
    host="chat.parley.test",
    port=443,
    sni="chat.parley.test",
    dest_ip="203.0.113.9",
    dest_port=443,
)


class Keeping(Sink):
    """A sink that also keeps the bodies at hand."""

    def __init__(self) -> None:
        super().__init__(Path(tempfile.gettempdir()) / "never-written")
        self.held: dict[str, bytes] = {}

    def body(self, data: bytes) -> str:
        digest = super().body(data)
        self.held[digest] = data
        return digest


class Told(NamedTuple):
    """A flow as its columns say it, and its messages as (direction, part, bytes, complete, text)."""

    flow: dict[str, Any]
    messages: list[tuple[str, str, bytes | None, bool, bool | None]]

    @property
    def line(self) -> tuple[Any, ...]:
        """What was asked and answered, in short."""
        asked, answered = (
            next((m[2] for m in self.messages if m[:2] == (way, "body")), b"")
            for way in ("request", "response")
        )
        return self.flow["method"], self.flow["url"], asked, self.flow["status"], answered


class Talk:
    """Pieces in the order in which they were said, a tenth of a second apart."""

    def __init__(self, *said: Item) -> None:
        self.items: list[Item] = list(said)

    def _next(self) -> tuple[float, str]:
        number = len(self.items) + 1
        return 1000 + number / 10, str(number)

    def asks(self, data: bytes) -> "Talk":
        at, ref = self._next()
        self.items.append(Piece(at, "request", data, ref))
        return self

    def answers(self, data: bytes) -> "Talk":
        at, ref = self._next()
        self.items.append(Piece(at, "response", data, ref))
        return self

    def loses(self, direction: Direction, length: int | None) -> "Talk":
        at, ref = self._next()
        self.items.append(Lost(at, direction, length, "not captured", ref))
        return self


def told(items: Iterable[Item], carrier: Carrier = CARRIER) -> list[Told]:
    """The flows of these pieces."""
    sink = Keeping()
    made = []
    for flow, messages in flows_of(carrier, items, "run", sink):
        rows = [
            (m.direction, m.part, None if m.body is None else sink.held.get(m.body, b""), m.complete, m.text)
            for m in messages
        ]
        assert [m.seq for m in messages] == sorted({m.seq for m in messages}), (
            "each message has its own place"
        )
        assert all(m.flow == flow.flow for m in messages)
        made.append(Told(flow._asdict(), rows))
    names = [one.flow["flow"] for one in made]
    assert len(set(names)) == len(names), "no two flows share an id"
    return made


def cut(items: Sequence[Item], sizes: Sequence[int]) -> list[Item]:
    """The same bytes at the same times in smaller pieces; the sizes are taken in turn."""
    out: list[Item] = []
    turn = 0
    for item in items:
        if isinstance(item, Lost):
            out.append(item)
            continue
        at = 0
        while at < len(item.data):
            size = sizes[turn % len(sizes)]
            turn += 1
            out.append(item._replace(data=item.data[at : at + size]))
            at += size
    return out


Damage = tuple[int, str, bytes]
DAMAGES = st.lists(
    st.tuples(
        st.integers(0, 2**31), st.sampled_from(["flip", "drop", "insert", "hole"]), st.binary(max_size=40)
    ),
    min_size=1,
    max_size=4,
)


def damaged(items: Sequence[Item], damages: list[Damage]) -> tuple[list[Item], float]:
    """The same with damage in some pieces, and when the first damaged one was said."""
    out, first = list(items), len(items) - 1
    for place, how, junk in damages:
        n = place % len(out)
        item = out[n]
        if isinstance(item, Lost):
            continue
        at = place // 7 % max(1, len(item.data))
        if how == "hole":
            out[n] = Lost(item.at, item.direction, len(item.data) if place % 2 else None, "gone", item.ref)
        else:
            new = {"flip": bytes(b ^ 0x55 for b in item.data[at : at + 1]), "drop": b"", "insert": junk}[how]
            out[n] = item._replace(data=item.data[:at] + new + item.data[at + (how != "insert") :])
        first = min(first, n)
    return out, items[first].at or 0.0

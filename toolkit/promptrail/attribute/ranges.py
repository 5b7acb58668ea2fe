"""Address ranges that can be asked for an address: (first, last, value) in, the value of the range that holds it out.

IPv4 and IPv6 lie apart, each sorted by first address; a look-up is one bisection. Ranges that overlap are refused,
because then the order of a file would decide.
"""

import ipaddress
import socket
from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise

from promptrail.attribute.subjects import Address


class Overlap(ValueError):
    """Two ranges share addresses; `second` is the place of the later one in the input, from 0."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(first, second)
        self.first, self.second = first, second


class Ranges[V]:
    """Ranges of addresses with a value each."""

    def __init__(self, rows: Iterable[tuple[int, int, int, V]] = ()) -> None:
        """Rows are (4 or 6, first, last, value). Overlap if two of them share addresses."""
        self._starts: dict[int, list[int]] = {4: [], 6: []}
        self._rest: dict[int, list[tuple[int, V]]] = {4: [], 6: []}
        places: dict[int, list[tuple[int, int, int, V]]] = {4: [], 6: []}
        for n, (version, first, last, value) in enumerate(rows):
            places[version].append((first, last, n, value))
        for version, found in places.items():
            found.sort(key=lambda r: r[:3])
            for before, after in pairwise(found):
                if after[0] <= before[1]:
                    raise Overlap(*sorted((before[2], after[2])))
            self._starts[version] = [r[0] for r in found]
            self._rest[version] = [(r[1], r[3]) for r in found]

    def find(self, address: Address) -> V | None:
        """The value of the range that holds the address."""
        at = bisect_right(self._starts[address.version], int(address)) - 1
        if at < 0:
            return None
        last, value = self._rest[address.version][at]
        return value if int(address) <= last else None

    def __len__(self) -> int:
        return sum(map(len, self._starts.values()))


def whole(text: str) -> tuple[int, int]:
    """An address as (4 or 6, its number). ValueError if it is none."""
    try:
        if ":" in text:
            return 6, int.from_bytes(socket.inet_pton(socket.AF_INET6, text))
        return 4, int.from_bytes(socket.inet_pton(socket.AF_INET, text))
    except OSError as fault:
        raise ValueError(f"{text!r} is no address") from fault


def span(text: str) -> tuple[int, int, int]:
    """A network in CIDR form as (4 or 6, first, last). ValueError if it is none."""
    found = ipaddress.ip_network(text, strict=True)
    return found.version, int(found.network_address), int(found.broadcast_address)

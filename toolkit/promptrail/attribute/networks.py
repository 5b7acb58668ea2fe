"""Networks whose addresses tell no country: an address in, the delivery or anycast network that holds it out.

The ranges are those that the operators publish, from `networks.toml`. Also told: addresses that no registry gives to
anybody, such as private and documentation ranges.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from promptrail.attribute.ranges import Overlap, Ranges, span
from promptrail.attribute.subjects import Address
from promptrail.attribute.table import Proof
from promptrail.attribute.toml_rows import Rows

FILE = "networks.toml"
TEXTS = ("name", "operator", "kind", "source", "url", "shows", "as_of", "licence")
SHIFT = {4: 24, 6: 112}
"""Bits behind the leading byte or group of an address: by that, most addresses are known to lie in no network."""
SPECIAL = Proof(
    "IANA special-purpose address registries (RFC 6890), as Python's ipaddress has them",
    licence="fact cited",
    url="https://www.rfc-editor.org/rfc/rfc6890",
    shows="Addresses for private use, documentation, loopback and the like.",
)


@dataclass(frozen=True, slots=True)
class Network:
    """A network that answers from many places under the same addresses."""

    name: str
    operator: str
    kind: str
    proof: Proof


class Networks:
    """The networks of one table; the first of the file that holds an address is its answer."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._found: list[tuple[Network, Ranges[bool]]] = []
        self._near: dict[tuple[int, int], list[tuple[Network, Ranges[bool]]]] = {}
        for name, text in texts.items():
            rows = Rows(name, text)
            rows.known(rows.data, ("network",))
            for n, row in enumerate(rows.array("network")):
                rows.known(row, (*TEXTS, "ranges"), "network", n)
                said = {k: rows.text_of(row, k, "network", n, must=True) or "" for k in TEXTS}
                proof = Proof(said["source"], said["as_of"], said["licence"], said["url"], said["shows"])
                try:
                    spans = [(*span(r), True) for r in rows.texts_of(row, "ranges", "network", n)]
                    held = Ranges(spans)
                except Overlap as fault:
                    rows.fault(
                        f"ranges {fault.first + 1} and {fault.second + 1} overlap", "network", n, "ranges"
                    )
                except ValueError as fault:
                    rows.fault(f"not a network: {fault}", "network", n, "ranges")
                one = Network(said["name"], said["operator"], said["kind"], proof), held
                self._found.append(one)
                for version, first, last, _ in spans:
                    for lead in range(first >> SHIFT[version], (last >> SHIFT[version]) + 1):
                        near = self._near.setdefault((version, lead), [])
                        if one not in near:
                            near.append(one)

    def of(self, address: Address) -> Network | None:
        """The network that holds this address; None: none that the table knows."""
        near = self._near.get((address.version, int(address) >> SHIFT[address.version]), ())
        return next((network for network, held in near if held.find(address)), None)


def shipped_text() -> dict[str, str]:
    """The name and text of the table that comes with promptrail."""
    return {FILE: files("promptrail.attribute").joinpath(FILE).read_text(encoding="utf-8")}


@cache
def shipped() -> Networks:
    """The table that comes with promptrail."""
    return Networks(shipped_text())


def special(address: Address) -> str | None:
    """Why no registry gives this address to anybody, in words; None: it can be somebody's."""
    if int(address) >> SHIFT[address.version] not in SUSPECT[address.version]:
        return None
    if address.is_global and not address.is_multicast and (address.version == 4 or address not in NEWER):
        return None
    if address.is_loopback:
        return "a loopback address"
    if address.is_multicast:
        return "a multicast address"
    if address.is_link_local:
        return "a link-local address"
    if any(address in net for net in DOCUMENTATION):
        return "an address for documentation"
    return "an address for private or special use"


SUSPECT = {
    4: frozenset({0, 10, 100, 127, 169, 172, 192, 198, 203, *range(224, 256)}),
    6: frozenset({*range(0x2000), 0x2001, 0x2002, *range(0x3FFF, 0x10000)}),
}
"""Leading bytes and groups below which there is a special range at all; a test holds them against Python."""
NEWER = ipaddress.ip_network("3fff::/20")
"""For documentation too (RFC 9637); not every Python knows it yet."""
DOCUMENTATION = (
    NEWER,
    *map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")),
)
"""RFC 5737, RFC 3849."""

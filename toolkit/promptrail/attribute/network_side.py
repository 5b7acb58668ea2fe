"""Who runs the network of an address, and in which country it lies: an address in, rows of those two questions out.

Every country table that knows the address has its row, and says whether the others agree. The country of an address
of a delivery or anycast network, or of one that is nobody's, is not determinable from the address.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from promptrail.attribute.networks import SPECIAL, Network, special
from promptrail.attribute.rows import DISPUTED, IMPORTED, KNOWN, NOT_DETERMINABLE, Row, answer, unknown
from promptrail.attribute.sources import Sources
from promptrail.attribute.subjects import Address
from promptrail.attribute.table import SHIPPED

NO_NETWORK = "no imported table names the network; `promptrail attribute add` takes one"
NO_COUNTRY = "no table holds this address"
FROM_ADDRESS = "not determinable from the address"
OPERATOR, COUNTRY = "network_operator", "address_country"


class _Place(NamedTuple):
    """An address with what decides whether it tells anything."""

    base: Row
    address: Address
    nobodys: str | None
    network: Network | None


def network_side(base: Row, sources: Sources, addresses: Sequence[Address]) -> tuple[list[Row], list[Row]]:
    """The rows about the network and the rows about the country of some addresses, in the order of these."""
    places = [_Place({**base, "address": str(a)}, a, special(a), sources.networks.of(a)) for a in addresses]
    operators = [row for place in places for row in _networks(sources, place)]
    return operators, [row for place in places for row in _countries(sources, place)]


def _networks(sources: Sources, place: _Place) -> Iterator[Row]:
    if place.nobodys:
        yield answer(
            place.base, OPERATOR, None, SPECIAL, SHIPPED, status=NOT_DETERMINABLE, note=place.nobodys
        )
        return
    answered = False
    if network := place.network:
        answered = True
        same = network.name == network.operator
        told = network.operator if same else f"{network.operator} ({network.name})"
        yield answer(place.base, OPERATOR, told, network.proof, SHIPPED, note=network.kind)
    for data in sources.datasets:
        if data.network and (found := data.network(place.address)):
            answered = True
            yield answer(place.base, OPERATOR, found, data.proof, IMPORTED)
    if not answered:
        yield unknown(place.base, OPERATOR, NO_NETWORK)


def _countries(sources: Sources, place: _Place) -> Iterator[Row]:
    if place.nobodys:
        note = f"{FROM_ADDRESS}: {place.nobodys}"
        yield answer(place.base, COUNTRY, None, SPECIAL, SHIPPED, status=NOT_DETERMINABLE, note=note)
        return
    country = sources.registry.country(place.address)
    said = [(sources.registry.proof, country, SHIPPED)] if country else []
    for data in sources.datasets:
        if data.country and (found := data.country(place.address)):
            said.append((data.proof, found, IMPORTED))
    told = "; ".join(f"{proof.source}: {country}" for proof, country, _ in said)
    if network := place.network:
        note = f"{FROM_ADDRESS}: {network.name}, {network.kind}" + (
            f". What tables say: {told}" if told else ""
        )
        yield answer(place.base, COUNTRY, None, network.proof, SHIPPED, status=NOT_DETERMINABLE, note=note)
        return
    disputed = len({country for _, country, _ in said}) > 1
    agree = (
        f"sources disagree: {told}" if disputed else f"{len(said)} sources agree" if len(said) > 1 else None
    )
    for proof, country, origin in said:
        note = "; ".join(filter(None, ((proof.shows or "").removesuffix("."), agree)))
        status = DISPUTED if disputed else KNOWN
        yield answer(place.base, COUNTRY, country, proof, origin, status=status, note=note or None)
    if not said:
        yield unknown(place.base, COUNTRY, NO_COUNTRY)

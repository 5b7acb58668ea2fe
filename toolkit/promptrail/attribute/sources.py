"""Everything that a host can be looked up in, as one thing to hand around: the installed sources, or a case's own.

Which of them answered stands in each row. Nothing here asks a network.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from promptrail.attribute import domains, networks, registry, table
from promptrail.attribute.dataset import Dataset
from promptrail.attribute.domains import Suffixes
from promptrail.attribute.networks import Networks
from promptrail.attribute.registry import Registry
from promptrail.attribute.table import Table


@dataclass(frozen=True, slots=True)
class Sources:
    """The suffix list, the table of recipients, the networks, the registries, and what the user added."""

    suffixes: Suffixes
    table: Table
    networks: Networks
    registry: Registry
    datasets: Sequence[Dataset] = field(default_factory=tuple)


def installed() -> Sources:
    """The sources that come with this promptrail and its packages."""
    return Sources(domains.installed(), table.shipped(), networks.shipped(), registry.Registry())

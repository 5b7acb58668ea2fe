"""The country to which a registry (RIR) allocated an address: an address in, a country code out, by package iptocc.

An allocation says to whom a block was given, not where it is used; every row says so. A case keeps the answers that
it was given, because the package holds its data in machine code and cannot be copied.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version

from promptrail.attribute.subjects import Address
from promptrail.attribute.table import Proof
from promptrail.errors import MissingTool

TITLE = "RIR allocation, iptocc"
LICENCE = "MIT OR Apache-2.0"
URL = "https://github.com/roniemartinez/IPToCC"
SHOWS = "The country to whose holder a registry gave the block; not where the address is used."


class Registry:
    """The allocation table. `kept` are answers of an earlier day, which go before those of the installed package."""

    def __init__(self, kept: Mapping[str, str | None] | None = None, proof: Proof | None = None) -> None:
        self._kept = dict(kept or {})
        self._proof = proof
        self.given: dict[str, str | None] = {}
        """What was answered, by address: what a case keeps."""

    @property
    def proof(self) -> Proof:
        """The package, its version, and when its data was put together."""
        return self._proof or installed()

    def country(self, address: Address) -> str | None:
        """ISO 3166-1 alpha-2; None: not allocated, or not known."""
        text = str(address)
        if text not in self.given:
            self.given[text] = self._kept[text] if text in self._kept else _ask(text)
        return self.given[text]


@cache
def installed() -> Proof:
    """The installed package as a source. MissingTool names the command that installs it."""
    try:
        about = distribution("iptocc").read_text("sboms/iptocc-py.cyclonedx.json")
        number = version("iptocc")
    except PackageNotFoundError as fault:
        raise MissingTool("the package iptocc is not installed. `pip install iptocc` installs it.") from fault
    made = json.loads(about).get("metadata", {}).get("timestamp") if about else None
    return Proof(f"{TITLE} {number}", str(made)[:10] if made else None, LICENCE, URL, SHOWS)


def _ask(text: str) -> str | None:
    installed()
    import iptocc

    found = iptocc.country_code(text)
    return str(found) if found else None

"""What a file of the user's own can say: which country or network an address has, or who holds a domain.

Made by the readers of `imported`; each answer carries the file's title, date and licence as its proof.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from promptrail.attribute.subjects import Address
from promptrail.attribute.table import Proof

Lookup = Callable[[Address], str | None]
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One imported file, ready to be asked. What it does not hold is None or empty."""

    reader: str
    proof: Proof
    country: Lookup | None = None
    """ISO 3166-1 alpha-2."""
    network: Lookup | None = None
    """`AS24429 Zhejiang Taobao Network`."""
    domains: Mapping[str, str | None] = field(default_factory=dict)
    """Domains of a tracker list, with their owner where the list names one."""
    size: int = 0
    """Ranges or domains that were read."""

    def owner(self, name: str) -> tuple[bool, str | None]:
        """Whether the list holds a name or a domain above it, and the owner that it gives."""
        while name:
            if name in self.domains:
                return True, self.domains[name]
            name = name.partition(".")[2]
        return False, None


def as_name(number: object, organisation: object) -> str | None:
    """A network as its number and name; None where the number is missing."""
    digits = str(number or "").upper().removeprefix("AS").strip()
    if not digits.isdigit() or digits == "0":
        return None
    return f"AS{digits} {str(organisation or '').strip()}".strip()

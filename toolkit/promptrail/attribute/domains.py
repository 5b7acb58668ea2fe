"""Host names into registrable domains by the public suffix list (publicsuffixlist, dated in its version)."""

import ipaddress
from functools import cache
from importlib.metadata import version

RESERVED = (".test", ".example", ".invalid", ".localhost", ".example.com", ".example.net", ".example.org")
"""Names that no company can own (RFC 2606, RFC 6761): only the case may say who stands behind them."""


@cache
def _list() -> "object":
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def is_address(host: str) -> bool:
    """Whether a host is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def registrable(host: str) -> str | None:
    """The registrable domain (private rules of the list included); None for an address or a bare suffix."""
    name = host.rstrip(".").lower()
    if is_address(name):
        return None
    found = _list().privatesuffix(name)  # type: ignore[attr-defined]
    return str(found) if found else None


def reserved(host: str) -> bool:
    """Whether a name lies in a domain that is reserved for tests and examples."""
    return f".{host.rstrip('.').lower()}".endswith(RESERVED)


def source() -> str:
    """The list and its date, for the report."""
    return f"public suffix list (MPL-2.0), publicsuffixlist {version('publicsuffixlist')}, ICANN and private rules"

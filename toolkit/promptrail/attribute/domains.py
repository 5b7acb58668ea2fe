"""Host names into registrable domains by the public suffix list, with the section of the list that decided.

A name and a copy of the list in; domain, public suffix and section out. The section matters: by the ICANN section
everybody at a cloud is one site, by the private section each customer is. Private rules are applied here, and said.
"""

from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from promptrail.attribute.subjects import subject

RESERVED = (".test", ".example", ".invalid", ".localhost", ".example.com", ".example.net", ".example.org")
"""Names that no company can own (RFC 2606, RFC 6761): only the case may say who stands behind them."""
ICANN, PRIVATE, DEFAULT = "ICANN section", "private section", "* (default rule)"
LICENCE = "MPL-2.0"


class Suffix(NamedTuple):
    """What the list says about a name."""

    registrable: str | None
    """None: the name is itself a public suffix."""
    public: str
    rule: str
    """The rule that decided, with the section of the list in which it stands."""


class Suffixes:
    """A public suffix list that can be asked; `file` is a frozen copy, None the list of the installed package.

    The package's own look-up tells neither the rule nor its section and takes the longest part of an attribution, so
    the rules are walked here (publicsuffix.org/list, "Algorithm"); a test holds both against each other.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._rules: dict[str, str] = {}
        self._wild: dict[str, str] = {}
        self._exceptions: dict[str, str] = {}
        section = PRIVATE
        for line in (file or list_file()).read_text(encoding="utf-8").splitlines():
            if line.startswith("//"):
                section = ICANN if "BEGIN ICANN" in line else PRIVATE if "END ICANN" in line else section
            elif rule := line.split(" ")[0].strip().lower():
                self._add(rule, section)

    def _add(self, rule: str, section: str) -> None:
        kind, bare = rule[:1], rule.removeprefix("!").removeprefix("*.")
        name = bare if bare.isascii() else bare.encode("idna").decode("ascii")
        where = self._exceptions if kind == "!" else self._wild if kind == "*" else self._rules
        where[name] = f"{rule} ({section})"

    def of(self, name: str) -> Suffix:
        """The suffix of a name in A-labels and lower case: the longest rule that fits decides."""
        below, rest = "", name
        while True:
            above = rest.partition(".")[2]
            if rest in self._exceptions:
                return Suffix(rest, above, self._exceptions[rest])
            if above in self._wild:
                return Suffix(below or None, rest, self._wild[above])
            # A wildcard's own name is a suffix too: *.ck implies ck.
            if (rule := self._rules.get(rest) or self._wild.get(rest)) or not above:
                return Suffix(below or None, rest, rule or DEFAULT)
            below, rest = rest, above


@cache
def installed() -> Suffixes:
    """The list that comes with the installed package."""
    return Suffixes()


def list_file() -> Path:
    """The file of the installed list, to be copied into a case."""
    from publicsuffixlist import PSLFILE

    return Path(PSLFILE)


def list_version() -> str:
    """The package with its version, whose last part is the date of the list."""
    return f"publicsuffixlist {version('publicsuffixlist')}"


def registrable(host: str) -> str | None:
    """The registrable domain, private rules included; None for an address or a bare suffix."""
    name = subject(host).name
    return installed().of(name).registrable if name else None


def reserved(host: str) -> bool:
    """Whether a name lies in a domain that is reserved for tests and examples."""
    return f".{host.rstrip('.').lower()}".endswith(RESERVED)


def source() -> str:
    """The list and its date, for the report."""
    return f"public suffix list ({LICENCE}), {list_version()}, ICANN and private rules"

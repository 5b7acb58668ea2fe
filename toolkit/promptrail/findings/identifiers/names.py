"""What a field's name says it is: names and place of a value in, its meaning and how sure that is out.

The dictionary is `names.toml`. A name says what its sender calls a value, no more; a name that means other
things too needs a surer one in the same message. Also the constants: values that many devices share.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from promptrail.language import mark

FILE = "names.toml"
SURE, UNSURE = "E3", "E2"
"""Grade of one field: its name alone says it; or only what stands beside it, or its place."""
CLASSES = (mark("identifier"), mark("session"), mark("device"), mark("setting"), mark("network"))


class Term(NamedTuple):
    """One meaning."""

    term: str
    kind: str
    """One of CLASSES."""
    names: frozenset[str]
    beside: frozenset[str]
    places: frozenset[str]
    only: re.Pattern[str] | None
    source: str


class Named(NamedTuple):
    """What one field is."""

    term: Term
    grade: str


@cache
def dictionary() -> dict[str, tuple[Term, str]]:
    """Every name, pair or place -> its term and which of the three lists holds it; a name stands in one row alone."""
    found: dict[str, tuple[Term, str]] = {}
    for row in _data()["field"]:
        lists = {key: frozenset(row.get(key, ())) for key in ("names", "beside", "places")}
        only = re.compile(row["only"]) if "only" in row else None
        term = Term(row["term"], row["class"], only=only, source=row["source"], **lists)
        for key, words in lists.items():
            for word in sorted(words):
                if word in found:
                    raise ValueError(f"{FILE}: {word!r} stands under {term.term} and {found[word][0].term}")
                found[word] = (term, key)
    return found


@cache
def terms() -> list[Term]:
    """In the order of the file, which is that of pages."""
    return list(dict.fromkeys(term for term, _ in dictionary().values()))


@cache
def constants() -> dict[str, str]:
    """Value, without signs and case -> what it is."""
    return {plain(row["value"]): row["what"] for row in _data()["constant"]}


def plain(text: str) -> str:
    """A name or value without case and signs."""
    return re.sub(r"[^0-9a-z]", "", text.lower())


def segments(path: str) -> list[str]:
    """The names on a path, outermost first, each plain; indexes are left out but for the last."""
    every = [plain(part) for part in re.split(r" > |/|\.", path)]
    every = [part for part in every if part]
    return [part for n, part in enumerate(every) if not part.isdigit() or n == len(every) - 1]


def name_all(fields: Sequence[tuple[str, str]]) -> list[Named | None]:
    """(path, text) of one message's fields -> what each is; None for what the dictionary does not know."""
    told = [_look_up(path, text) for path, text in fields]
    sure = {term.term for term, how in filter(None, told) if how == "names"}
    out: list[Named | None] = []
    for found in told:
        if found is None or (found[1] == "beside" and not sure - {found[0].term}):
            out.append(None)
        else:
            out.append(Named(found[0], SURE if found[1] == "names" else UNSURE))
    return out


def _look_up(path: str, text: str) -> tuple[Term, str] | None:
    names = segments(path)
    known = dictionary()
    tries = ["/".join(names[-2:]), *names[-1:]]
    if names[-1:] and names[-1].isdigit():  # one of several in an array
        tries += ["/".join(names[-3:-1]), *names[-2:-1]]
    for name in tries:
        if (found := known.get(name)) and (found[0].only is None or found[0].only.fullmatch(text)):
            return found
    return None


@cache
def _data() -> dict[str, list[dict[str, Any]]]:
    text = files("promptrail.findings.identifiers").joinpath(FILE).read_text(encoding="utf-8")
    return tomllib.loads(text)

"""A checklist of what a privacy policy should tell: TOML in, `Checklist` out, each item with the articles it stands on.

Shipped are `pipa` and `gdpr`, which share their items' ids where they ask the same; a file of one's own is read alike.
Refused are unknown keys and an id that stands there twice, with file and line. It asks; it concludes nothing.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from promptrail.attribute.toml_rows import Rows
from promptrail.errors import ParameterError
from promptrail.findings.parameters import Parameter

NONE = "none"
CHECKLIST = Parameter(
    "checklist", str, "pipa", "what a policy should tell: pipa (Korea), gdpr (EU), a .toml file, or none"
)
HEAD, ITEM = ("id", "title", "note"), ("id", "asks", "articles", "source", "checked", "note")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a policy should tell."""

    id: str
    asks: str
    articles: str
    source: str
    checked: str | None = None
    """The day on which the article was read at the source; None: the citation was not checked."""
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Checklist:
    """Items in their order."""

    id: str
    title: str
    note: str
    items: tuple[Item, ...]


def shipped_checklists() -> dict[str, str]:
    """The text of each checklist that comes with promptrail, by id."""
    folder = files("promptrail.findings.policy").joinpath("checklists")
    found = {one.name: one for one in folder.iterdir() if one.name.endswith(".toml")}
    return {name.removesuffix(".toml"): found[name].read_text(encoding="utf-8") for name in sorted(found)}


@cache
def shipped_items() -> frozenset[str]:
    """The ids of all items of the shipped checklists."""
    return frozenset(item.id for name in shipped_checklists() for item in _shipped(name).items)


def choose(given: str) -> Checklist | None:
    """The checklist of this name or file; None for `none`. ParameterError where there is none."""
    if given == NONE:
        return None
    if given in shipped_checklists():
        return _shipped(given)
    file = Path(given).expanduser()
    if not file.is_file():
        names = ", ".join([*shipped_checklists(), NONE])
        raise ParameterError(f"no checklist {given!r}. There are: {names}; or give a .toml file.")
    return _read(Rows.read(file))


@cache
def _shipped(name: str) -> Checklist:
    return _read(Rows(f"{name}.toml", shipped_checklists()[name]))


def _read(rows: Rows) -> Checklist:
    rows.known(rows.data, ("checklist", "item"))
    head = rows.data.get("checklist")
    if not isinstance(head, dict):
        rows.fault("the table [checklist] is missing", key="checklist")
    rows.known(head, HEAD)
    said = {key: rows.text_of(head, key, must=True) or "" for key in HEAD}
    items: dict[str, Item] = {}
    for n, row in enumerate(rows.array("item")):
        rows.known(row, ITEM, "item", n)
        must = {key: rows.text_of(row, key, "item", n, must=True) or "" for key in ITEM[:4]}
        may = {key: rows.text_of(row, key, "item", n, must=False) for key in ITEM[4:]}
        if must["id"] in items:
            rows.fault(f"the id {must['id']} stands there twice", "item", n, "id")
        items[must["id"]] = Item(**must, checked=may["checked"], note=may["note"])
    return Checklist(**said, items=tuple(items.values()))

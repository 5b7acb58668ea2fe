"""Settings that servers handed out: answers of some runs in, those that configure, with their keys and values, out.

Known by words of the request's path and of the answer's fields, from `settings.toml`. Whatever the decoders open
is read: JSON, Protobuf, forms, property lists. A request for settings whose answer could not be read is told apart.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from promptrail import frames
from promptrail.case import Case
from promptrail.findings.delivered import only_delivered
from promptrail.findings.identifiers.fields import messages
from promptrail.findings.identifiers.names import plain, segments
from promptrail.findings.ledger import UNKNOWN_HOST
from promptrail.language import mark

FILE = "settings.toml"
LEVELS = 3
"""Of an answer, in which a field's name is looked at."""
MOST = 4000
"""Keys of one answer that are kept."""
NUMBER = re.compile(r"[0-9]{3,}|[0-9a-fA-F]{8,}|[0-9a-fA-F-]{32,36}|[A-Za-z0-9_-]{24,}")
"""A segment of a path that names one thing, not a kind of things."""
PARTS = ("body", "sse", "ws")
PATH, FIELDS, BOTH = mark("path"), mark("fields"), mark("path and fields")


class Words(NamedTuple):
    """What a word says."""

    kind: str
    where: str
    """paths, fields or unsure."""


class Received(NamedTuple):
    """One answer that hands out settings, or a request for them whose answer holds nothing that was read."""

    run: str
    flow: str
    host: str
    place: str
    """Method and path; what names one thing is {}."""
    at: float | None
    """When the answer came."""
    kinds: tuple[str, ...]
    known_by: str
    """path, fields, or path and fields."""
    values: dict[str, str]
    """By key; empty where nothing could be read."""


@cache
def words() -> dict[tuple[str, str], Words]:
    """(paths or fields, word) -> what it says. ValueError for a word in two rows."""
    found: dict[tuple[str, str], Words] = {}
    data = tomllib.loads(files("promptrail.findings.remote").joinpath(FILE).read_text(encoding="utf-8"))
    for row in data["words"]:
        for where in ("paths", "fields"):
            for word in row[where]:
                if (where, word) in found:
                    raise ValueError(f"{FILE}: {word!r} stands twice among the {where}")
                found[where, word] = Words(row["kind"], where)
        for word in row["unsure"]:
            for where in ("paths", "fields"):
                found.setdefault((where, word), Words(row["kind"], "unsure"))
    return found


def place(method: str | None, url: str | None) -> str:
    """`GET /v1/{}/settings`."""
    parts = urlsplit(url or "").path.split("/") if _splits(url) else []
    return f"{method or '?'} {'/'.join('{}' if NUMBER.fullmatch(part) else part for part in parts) or '/'}"


def _splits(url: str | None) -> bool:
    try:
        return bool(urlsplit(url or "").path)
    except ValueError:
        return False


def received(case: Case, runs: list[str]) -> list[Received]:
    """In the order of the flows."""
    flows = only_delivered(case, case.flows[case.flows["run"].isin(runs) & (case.flows["kind"] != "dns")])
    answers: dict[str, dict[str, str]] = {}
    for message in messages(case, runs):
        if message.direction == "response" and message.part in PARTS:
            told = answers.setdefault(message.flow, {})
            for one in message.fields:
                if one.outer and len(told) < MOST:
                    told[one.path] = one.text
    return [found for row in frames.rows(flows) if (found := _received(row, answers.get(row.flow, {})))]


def _received(row: Any, values: dict[str, str]) -> Received | None:
    where = place(row.method, row.url)
    paths, fields = list(_of_path(where)), list(_of_fields(values))
    sure_path = [one for one in paths if one.where != "unsure"]
    sure_field = [one for one in fields if one.where != "unsure"]
    if not (sure_path or sure_field or (paths and fields)) or (not values and not sure_path):
        return None
    by = BOTH if paths and fields else PATH if paths else FIELDS
    kinds = tuple(dict.fromkeys(one.kind for one in (*sure_path, *sure_field, *paths, *fields)))
    at = row.started if row.response_started is None else row.response_started
    host = row.host or row.dest_ip or UNKNOWN_HOST
    return Received(row.run, row.flow, host, where, at, kinds[:2], by, values)


def _of_path(where: str) -> Iterator[Words]:
    for segment in where.partition(" ")[2].split("/"):
        for word in dict.fromkeys((plain(segment), *map(plain, re.split(r"[.,;!]", segment)))):
            if told := words().get(("paths", word)):
                yield told


def _of_fields(values: dict[str, str]) -> Iterator[Words]:
    for name in dict.fromkeys(name for path in values for name in segments(path)[:LEVELS]):
        if told := words().get(("fields", name)):
            yield told

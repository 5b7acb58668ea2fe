"""SDK signatures and what they match: the shipped list and a user's Exodus list in, `Sdk`s of one app out.

The shipped list (`sdks.toml`) is ours: class prefixes, each with a source and its date. A user may add a file in the
format of Exodus Privacy's `trackers.json`, which gives regular expressions over class names and host names. That code
of an SDK is in a package is E0: it says what could be sent, not that anything was.
"""

import hashlib
import json
import re
import tomllib
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from promptrail.apk.archive import shown
from promptrail.apk.identity import Sdk
from promptrail.errors import InputError

SHIPPED = "promptrail"
KEYS = ("id", "name", "vendor", "purpose", "classes", "hosts", "source", "shows", "as_of")
TOLD = 5
"""Classes and hosts that are told as evidence of one SDK."""
LITERAL = re.compile(r"[\w.$/-]+\Z")
PREFIX = re.compile(r"[a-z][\w]*(?:\.[A-Za-z]\w*)+\Z")


@dataclass(frozen=True, slots=True)
class Signature:
    """One SDK. `classes` are prefixes of whole name parts; the patterns are an Exodus list's."""

    id: str
    name: str
    vendor: str | None
    purpose: str | None
    classes: tuple[str, ...]
    hosts: tuple[str, ...]
    list: str
    source: str
    as_of: str | None
    class_pattern: re.Pattern[str] | None = None
    host_pattern: re.Pattern[str] | None = None


@cache
def shipped() -> tuple[Signature, ...]:
    """The list that comes with promptrail. InputError names the row that is wrong."""
    text = files("promptrail.apk").joinpath("sdks.toml").read_text(encoding="utf-8")
    return signatures_of(text, "sdks.toml")


def signatures_of(text: str, name: str) -> tuple[Signature, ...]:
    """The rows of a list in our format. InputError names the file, the row and what it lacks."""
    out: list[Signature] = []
    for row in tomllib.loads(text).get("sdk", []):
        where = f"{name}, row {row.get('id', len(out) + 1)}"
        if missing := [key for key in KEYS if key not in row]:
            raise InputError(f"{where}: {missing[0]} is missing. Every row names what it rests on.")
        if unknown := [key for key in row if key not in KEYS]:
            raise InputError(f"{where}: unknown key {unknown[0]!r}. Known: {', '.join(KEYS)}.")
        if bad := [prefix for prefix in row["classes"] if not PREFIX.match(prefix)]:
            raise InputError(f"{where}: {bad[0]!r} is no package of two parts or more.")
        if any(row["id"] == one.id for one in out):
            raise InputError(f"{where}: the id stands twice.")
        told = {key: row[key] for key in ("id", "name", "vendor", "purpose", "source", "as_of")}
        out.append(Signature(**told, classes=tuple(row["classes"]), hosts=tuple(row["hosts"]), list=SHIPPED))
    return tuple(out)


def exodus(file: Path) -> tuple[Signature, ...]:
    """The trackers of a file in Exodus's format. InputError where it is none, or a pattern cannot be compiled."""
    try:
        data = file.read_bytes()
        trackers: Any = json.loads(data)["trackers"]
        rows = list(trackers.items()) if isinstance(trackers, dict) else list(enumerate(trackers))
        source = f"{file.name}, SHA-256 {hashlib.sha256(data).hexdigest()}"
        return tuple(_tracker(str(key), row, source) for key, row in rows)
    except OSError as fault:
        raise InputError(f"{file}: cannot be read: {fault.strerror}. Check the path.") from fault
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise InputError(f"{file}: not a list in Exodus's format: {fault}. Get the file anew.") from fault
    except re.error as fault:
        raise InputError(f"{file}: a signature is no regular expression: {fault}. Mend it.") from fault


def _tracker(key: str, row: Any, source: str) -> Signature:
    code, network = str(row.get("code_signature") or ""), str(row.get("network_signature") or "")
    parts = [part for part in code.split("|") if part.strip()]
    plain = all(LITERAL.match(part) for part in parts)
    if plain:  # a word without a dot is no class name: such lists write one where they have no signature
        parts = [part for part in parts if "." in part]
    categories = row.get("categories")
    return Signature(
        id=f"exodus-{row.get('id', key)}",
        name=str(row["name"]),
        vendor=None,
        purpose=", ".join(map(str, categories)) or None if isinstance(categories, list) else None,
        classes=(),
        hosts=(),
        list="exodus",
        source=source,
        as_of=str(row["creation_date"]) if row.get("creation_date") else None,
        class_pattern=re.compile("|".join(map(re.escape, parts)) if plain else code) if parts else None,
        host_pattern=re.compile(network) if network.strip() else None,
    )


def matches(
    signatures: Iterable[Signature], classes: Collection[str], hosts: Collection[str], entry: dict[str, str]
) -> tuple[Sdk, ...]:
    """The SDKs that show, in the order of the lists. `classes` are descriptors, `entry` tells where each stands."""
    names = sorted({descriptor[1:-1].replace("/", ".") for descriptor in classes})
    text = "\n".join(names)
    found = []
    for signature in signatures:
        under = _under(names, signature.classes)
        if signature.class_pattern:
            under += _lines(text, signature.class_pattern)
        known = sorted(h for h in hosts if _of(h, signature.hosts))
        if signature.host_pattern:
            known += sorted(h for h in hosts if signature.host_pattern.search(h))
        if not under and not (signature.host_pattern and known):
            continue
        descriptors = (f"L{name.replace('.', '/')};" for name in under)
        found.append(
            Sdk(
                signature.id,
                signature.name,
                signature.vendor,
                signature.purpose,
                signature.hosts,
                tuple(map(shown, under[:TOLD])),
                len(under),
                tuple(sorted({entry[one] for one in descriptors if one in entry})),
                tuple(known[:TOLD]),
                signature.list,
                signature.source,
                signature.as_of,
            )
        )
    return tuple(found)


def _under(names: Sequence[str], prefixes: Iterable[str]) -> list[str]:
    """The class names below some packages, out of sorted names."""
    out: list[str] = []
    for prefix in prefixes:
        at = bisect_left(names, prefix + ".")
        while at < len(names) and names[at].startswith(prefix + "."):
            out.append(names[at])
            at += 1
    return out


def _lines(text: str, pattern: re.Pattern[str]) -> list[str]:
    """The lines that a pattern matches anywhere in; each once, in order."""
    out: dict[str, None] = {}
    at = 0
    while hit := pattern.search(text, at):
        start = text.rfind("\n", 0, hit.start()) + 1
        end = text.find("\n", hit.start())
        end = len(text) if end < 0 else end
        out[text[start:end]] = None
        at = end + 1
        if at > len(text):
            break
    return list(out)


def _of(host: str, domains: Iterable[str]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)

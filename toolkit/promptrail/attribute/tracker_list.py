"""Lists of tracker domains: plain, hosts file, filter rules, Disconnect's and Tracker Radar's JSON in, `Dataset` out.

What a list says is only that it holds a domain, and who owns it where it names an owner. Rules about paths or page
parts say nothing about a host and are passed over; a file without any domain is refused.
"""

import json
import re
from pathlib import Path
from typing import Any

from promptrail.attribute.dataset import Dataset
from promptrail.attribute.subjects import subject
from promptrail.attribute.table import Proof
from promptrail.attribute.text_file import text_of
from promptrail.errors import InputError

ID = "tracker-list"
RULE = re.compile(r"\|\|([^/^$*|]+)\^(?:\$\S*)?\Z")
HOSTS = re.compile(r"(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+(\S+)\Z")


def fits(name: str, head: bytes) -> bool:
    """Whether a file is to be read as a list of domains."""
    return name.lower().endswith((".txt", ".list", ".hosts", ".json"))


def read(file: Path, proof: Proof, beside: Path | None = None) -> Dataset:
    """The domains of a list. InputError where it holds none."""
    text = text_of(file)
    found = _json(file, text) if text.lstrip().startswith("{") else _lines(text)
    if not found:
        raise InputError(
            f"{file}, line 1: no line of it is a domain, a hosts entry or a rule ||domain^. Check that it is a list."
        )
    return Dataset(ID, proof, domains=found, size=len(found))


def _lines(text: str) -> dict[str, str | None]:
    out: dict[str, str | None] = {}
    for raw in text.splitlines():
        line = raw.split("#", 1)[0].strip() if not raw.startswith("##") else ""
        if not line or line[0] in "![@":
            continue
        hit = RULE.match(line) or HOSTS.match(line)
        name = subject(hit[1] if hit else line).name
        if name and "." in name and (hit or "/" not in line):
            out[name] = None
    return out


def _json(file: Path, text: str) -> dict[str, str | None]:
    try:
        data: Any = json.loads(text)
    except ValueError as fault:
        raise InputError(f"{file}: no JSON: {fault}. Get the file anew.") from fault
    out: dict[str, str | None] = {}
    trackers = data.get("trackers")
    if isinstance(trackers, dict):
        for domain, about in trackers.items():
            owner = about.get("owner") if isinstance(about, dict) else None
            out[str(domain).lower()] = (
                str(owner["name"]) if isinstance(owner, dict) and owner.get("name") else None
            )
    categories = data.get("categories")
    for companies in categories.values() if isinstance(categories, dict) else ():
        for company in companies if isinstance(companies, list) else ():
            for name, sites in company.items() if isinstance(company, dict) else ():
                for domains in sites.values() if isinstance(sites, dict) else ():
                    for domain in domains if isinstance(domains, list) else ():
                        out[str(domain).lower()] = str(name)
    return out

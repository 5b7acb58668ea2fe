"""Declared values of device and account, and where each was sent: sightings in, one row a value, host and tier out.

Tiers stay apart. A digest is told with the algorithm and with what was hashed: as given, in small letters, ...
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from promptrail import frames
from promptrail.case import Case
from promptrail.errors import CaseError
from promptrail.findings.delivered import only_delivered
from promptrail.findings.identifiers.lasting import lasting, resets
from promptrail.findings.identifiers.strength import Strength, strength
from promptrail.findings.mask import Mask
from promptrail.language import mark, say
from promptrail.model import PERSONAL_KINDS, Probe
from promptrail.trace.needles import DIGESTS, digested
from promptrail.trace.show import layers

DECIDE = ("exact", "normalised", "reassembled", "digest")
"""Tiers that show the value, or that it was known; a part of it and a guess are told and decide nothing."""
PLACES = 3
"""Paths named in one row."""


class Value(NamedTuple):
    """One declared value."""

    probe: str
    kind: str
    text: str
    strength: Strength


def declared(case: Case) -> list[Value]:
    """In the order of the case."""
    mine = case.probes[case.probes["kind"].isin(PERSONAL_KINDS) & ~case.probes["decoy"].astype(bool)]
    return [Value(p.probe, p.kind, p.text, strength(p.kind, p.text)) for p in frames.rows(mine)]


def sightings(case: Case) -> pd.DataFrame:
    """Sightings of declared values in requests that reached a server, decoys left out, of every run."""
    s = only_delivered(case, case.sightings)
    asked = (s["direction"] == "request") & ~s["decoy"].astype(bool) & s["host"].notna()
    return s[s["kind"].isin(PERSONAL_KINDS) & asked]


def own_hosts(case: Case) -> set[str]:
    """Hosts stated to be the app's maker's."""
    return set(case.recipients.loc[case.recipients["own"].fillna(False).astype(bool), "host"])


def rows(
    case: Case, values: list[Value], seen: pd.DataFrame, runs: list[str], mask: Mask
) -> list[dict[str, Any]]:
    """By value, then by host, the maker's last, then by tier; masked. `seen` is of these runs."""
    own, new, found = own_hosts(case), resets(case, runs), []
    for value in values:
        mine = seen[seen["probe"] == value.probe]
        for (host, tier), part in sorted(mine.groupby(["host", "tier"], observed=True)):
            part = part.sort_values(["run", "at", "id"], kind="stable")
            last = lasting(part, runs, new)
            found.append(
                {
                    "value": mask.text(value.text),
                    "probe": value.probe,
                    "kind": value.kind,
                    "host": str(host),
                    "own": host in own,
                    "tier": str(tier),
                    "form": sorted({mask.text(words) for words in _forms(case, part)}),
                    "places": [mask.text(f"{s.part} {s.path}".strip()) for s in _places(part)],
                    "runs": last.runs,
                    "of": last.of,
                    "lasting": last.words,
                    "survived": last.survived,
                    "strength": value.strength.words,
                    "identifies": value.strength.identifies,
                    "sightings": len(part),
                }
            )
    order = {value.probe: n for n, value in enumerate(values)}
    return sorted(found, key=lambda row: (order[row["probe"]], row["own"], row["host"], row["tier"]))


def _places(part: pd.DataFrame) -> list[Any]:
    return list(frames.rows(part.drop_duplicates(["part", "path"]).head(PLACES)))


def _forms(case: Case, part: pd.DataFrame) -> Iterator[str]:
    """How the value stood there, in words, for each way of wrapping."""
    ways = part.assign(way=[" > ".join(chain) for chain in part["chain"]]).drop_duplicates("way")
    for row in frames.rows(ways.drop(columns="way")):
        chain = list(row.chain)
        if row.tier == "digest":
            yield _hashed(case, row, chain)
        elif row.tier == "partial":
            yield say("{share:.0f} % of it", share=100 * (row.share or 0))
        else:
            yield " > ".join(chain) or say("as it is")


def _hashed(case: Case, row: Any, chain: list[str]) -> str:
    """Algorithm and what was hashed, by hashing again."""
    name = next((step for step in reversed(chain) if step in DIGESTS), mark("hash"))
    unknown = say("{algorithm}, of which form is not known", algorithm=say(name))
    try:
        last = layers(case, row)[-1]
    except (CaseError, KeyError, StopIteration):
        return unknown
    digest = last.data[last.offset : last.offset + last.length]
    probe = Probe(row.probe, row.kind, row.text)
    for text in dict.fromkeys(digested(probe)):
        if hashlib.new(name, text.encode(), usedforsecurity=False).digest() == digest:
            return say("{algorithm} of the value {form}", algorithm=name, form=written(row.text, text))
    return unknown


def written(given: str, hashed: str) -> str:
    """What was done to a value before it was hashed."""
    if hashed == given:
        return say("as given")
    done = []
    if given.strip() != given and hashed.strip() == hashed:
        done.append(say("trimmed"))
    if given != given.lower() and hashed == hashed.lower():
        done.append(say("in small letters"))
    elif given != given.upper() and hashed == hashed.upper() and re.search("[A-Z]", hashed):
        done.append(say("in capitals"))
    if "+" in given and "+" not in hashed and "@" in given:
        done.append(say("without its +tag"))
    if "@" in given and "." in given.rpartition("@")[0] and "." not in hashed.rpartition("@")[0]:
        done.append(say("without dots before the @"))
    if "@" not in given:
        if re.search(r"[^0-9A-Za-z+]", given) and not re.search(r"[^0-9A-Za-z+]", hashed):
            done.append(say("without separators"))
        if given.lstrip().startswith("+") != hashed.startswith("+"):
            if hashed.startswith("+"):
                done.append(say("with +"))
            else:
                done.append(say("with 00") if hashed.startswith("00") else say("without +"))
    return ", ".join(done) or say("in another form")

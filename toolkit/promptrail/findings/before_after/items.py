"""What can be sent or not: runs in, items (a kind of value at a host) and what was seen of each in each run out.

An item is a prompt, a draft, a file name, one declared identifier, fields of a class by their names, or contact with a
host at all. A run in which the host could not be read is `unread`, one in which a value was met in part or as a guess
only is `weaker`: neither is "not seen".
"""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from promptrail import frames
from promptrail.case import Case
from promptrail.findings.delivered import only_delivered
from promptrail.findings.identifiers.fields import Sent, messages
from promptrail.findings.identifiers.names import CLASSES, name_all
from promptrail.findings.identifiers.values import DECIDE, declared
from promptrail.findings.ledger import NOT_A_LOSS, UNKNOWN_HOST, shown
from promptrail.findings.prompt.finding import SEEN as WHOLE
from promptrail.language import mark, say
from promptrail.model import PERSONAL_KINDS

SEEN, NOT_SEEN, WEAKER, UNREAD, NOT_TYPED = "seen", "not seen", "weaker", "unread", "not typed"
CONTACT, NAMED = mark("contact"), "fields"
TYPED = ("prompt", "draft", "file-name")
TOLD = tuple(name for name in CLASSES if name != "session")
"""Classes of named fields that are items; a session's number is new in each run."""
EVERYWHERE = {"user agent"}
"""Terms that any HTTP request carries, whatever its sender wants (RFC 9110, 10.1.5): no item."""
DOING = ("typing", "typed", "sent", "deleted", "attached")
ANYWHERE = UNKNOWN_HOST
NOUNS = {"file-name": mark("file name"), "email": mark("e-mail address"), "phone": mark("phone number")}
FIELDS = {
    "identifier": mark("identifier fields"),
    "device": mark("device fields"),
    "setting": mark("setting fields"),
    "network": mark("network fields"),
}
"""Items of the kind `NAMED`, by class."""


class Item(NamedTuple):
    kind: str
    """contact, prompt, draft, file-name, identifier, email, phone, fields."""
    name: str
    """Of a personal value its probe, of fields their class; else empty."""
    host: str

    @property
    def words(self) -> str:
        if self.kind == NAMED:
            return say(FIELDS[self.name])
        noun = say(NOUNS.get(self.kind, self.kind))
        return say("{noun} {name}", noun=noun, name=self.name).strip() if self.name else noun

    @property
    def at(self) -> str:
        """The item with its host."""
        return say("{item} at {host}", item=self.words, host=shown(self.host))


ORDER = ("prompt", "draft", "file-name", "identifier", "email", "phone", NAMED, CONTACT)


class Seen(NamedTuple):
    """What was seen of every item."""

    cells: dict[Item, dict[str, str]]
    """By item, then by run: one of the five words above."""
    hits: pd.DataFrame
    """The sightings that decide, of these runs; the column `item` says of which."""
    blind: dict[str, set[str]]
    """By run, the hosts at which something could not be read; ANYWHERE: it could be any host."""


def look(case: Case, runs: list[str], named: bool = True) -> Seen:
    """Of these runs; items that were met in none of them are no items. `named`: fields by their names too."""
    flows = only_delivered(case, case.flows[case.flows["run"].isin(runs) & (case.flows["kind"] != "dns")])
    hosts = dict(zip(flows["flow"], _names(flows), strict=True))
    met: dict[Item, dict[str, str]] = {}
    hits = _sightings(case, hosts)
    strong = [_strong(row.kind, row.tier) for row in frames.rows(hits)]
    items = [
        Item(row.kind, row.probe if row.kind in PERSONAL_KINDS else "", hosts[row.flow])
        for row in frames.rows(hits)
    ]
    for row, item, decides in zip(frames.rows(hits), items, strong, strict=True):
        here = met.setdefault(item, {})
        if decides or row.run not in here:
            here[row.run] = SEEN if decides else WEAKER
    for message in messages(case, runs) if named else ():
        for name in _classes(message):
            met.setdefault(Item(NAMED, name, message.host), {})[message.run] = SEEN
    for run, host in zip(flows["run"], _names(flows), strict=True):
        met.setdefault(Item(CONTACT, "", host), {})[str(run)] = SEEN
    blind = _blind(case, runs)
    shut = case.connections[case.connections["run"].isin(runs)]
    shut = shut[~shut["outcome"].isin(["read", *NOT_A_LOSS])]
    for run, host in zip(shut["run"], _names(shut), strict=True):
        if host != ANYWHERE:
            met.setdefault(Item(CONTACT, "", host), {})[str(run)] = SEEN
    typed = _typed(case, runs)
    order = {kind: n for n, kind in enumerate(ORDER)}
    ranked = sorted(met, key=lambda item: (order[item.kind], item.name, item.host))
    told = hits.assign(item=pd.Series(items, hits.index, dtype=object))
    cells = {
        item: {run: met[item].get(run) or _unseen(item, typed[run], blind[run]) for run in runs}
        for item in ranked
    }
    return Seen(cells, told[pd.Series(strong, hits.index, dtype=bool)], blind)


def _unseen(item: Item, typed: set[str], blind: set[str]) -> str:
    if item.kind in TYPED and item.kind not in typed:
        return NOT_TYPED
    near = {ANYWHERE} if item.kind == CONTACT else {ANYWHERE, item.host}
    return UNREAD if blind & near else NOT_SEEN


def _strong(kind: str, tier: str) -> bool:
    return tier in (DECIDE if kind in PERSONAL_KINDS else WHOLE)


def _sightings(case: Case, hosts: dict[str, str]) -> pd.DataFrame:
    """In requests of these flows, without decoys, and without values that too many devices share."""
    weak = {value.probe for value in declared(case) if not value.strength.identifies}
    hits = case.sightings
    return hits[
        hits["flow"].isin(hosts)
        & (hits["direction"] == "request")
        & ~hits["decoy"].astype(bool)
        & ~hits["probe"].isin(weak)
    ]


def _classes(message: Sent) -> set[str]:
    """Of named fields, in a request."""
    if message.direction != "request":
        return set()
    outer = [(one.path, one.text) for one in message.fields if one.outer and one.text.strip()]
    terms = [named.term for named in name_all(outer) if named and named.term.term not in EVERYWHERE]
    return {term.kind for term in terms if term.kind in TOLD}


def _names(rows: pd.DataFrame) -> Iterable[str]:
    """The host that was asked for, else the address."""
    named = rows["host"].where(rows["host"].notna(), rows["dest_ip"])
    return [str(one) if isinstance(one, str) else ANYWHERE for one in named]


def _blind(case: Case, runs: list[str]) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {run: set() for run in runs}
    shut = case.connections[case.connections["run"].isin(runs)]
    shut = shut[~shut["outcome"].isin(["read", *NOT_A_LOSS])]
    for run, host, named in zip(shut["run"], _names(shut), shut["host"].notna(), strict=True):
        out[str(run)].add(host if named else ANYWHERE)
    lost = case.undecoded[case.undecoded["run"].isin(runs) & (case.undecoded["direction"] == "request")]
    for run, host in zip(lost["run"], lost["host"], strict=True):
        out[str(run)].add(str(host) if isinstance(host, str) else ANYWHERE)
    about = case.runs[case.runs["run"].isin(runs) & ~case.runs["complete"].astype(bool)]
    for run in about["run"]:
        out[str(run)].add(ANYWHERE)
    return out


def _typed(case: Case, runs: list[str]) -> dict[str, set[str]]:
    """By run, the kinds of content of which it is known that they were typed: by its events, or seen on their way."""
    kinds = dict(zip(case.probes["probe"], case.probes["kind"], strict=True))
    out: dict[str, set[str]] = {run: set() for run in runs}
    events = case.events[case.events["run"].isin(runs) & case.events["event"].isin(DOING)]
    for run, probe in zip(events["run"], events["probe"], strict=True):
        if probe in kinds:
            out[str(run)].add(str(kinds[probe]))
    hits = case.sightings[case.sightings["run"].isin(runs) & ~case.sightings["decoy"].astype(bool)]
    for run, kind in zip(hits["run"], hits["kind"], strict=True):
        out[str(run)].add(str(kind))
    return out

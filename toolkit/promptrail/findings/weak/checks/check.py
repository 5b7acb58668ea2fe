"""The nouns of finding 07: a check, what it looks at, and what it says, down to the flow or record that shows it.

A check takes what one case shows and answers found, not found or not testable with its reason. It never says that
something is safe, and a row that does not decide says why.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pandas as pd

from promptrail.case import Case
from promptrail.findings.weak.checks.carried import Carried
from promptrail.findings.weak.checks.operations import Operation
from promptrail.language import mark

Status = Literal["found", "not found", "not testable"]
Against = Literal["on the way", "has the app"]
ON_THE_WAY: Against = "on the way"
HAS_THE_APP: Against = "has the app"
OUTSIDE = {True: mark("inside TLS"), False: mark("without TLS")}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a check met."""

    run: str
    host: str | None
    what: str
    cites: tuple[str, ...]
    """Where it stands: `flow ID`, `connection ID`, `hook AGENT NUMBER in RUN`."""
    flows: tuple[str, ...] = ()
    """Ids of the flows among them, whose sightings are its evidence."""
    tls: str = ""
    """inside TLS, without TLS, or empty: the row is about TLS itself."""
    decides: bool = True
    """False: it is told, and supports nothing by itself; `what` says why."""
    chance: float | None = None
    """How likely random bytes would look like this; None: not a matter of chance."""


class Answer(NamedTuple):
    """What a check says. `looked` tells at how much it looked, or why it could not."""

    status: Status
    looked: str
    rows: list[Row]
    fresh: int = 0
    """Things it looked at that were as they should be: a key or an IV that never came again."""
    hosts: frozenset[str] | None = None
    """At which hosts it could look; None: at all that were read."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the checks look at."""

    case: Case
    runs: list[str]
    flows: pd.DataFrame
    """Delivered, of these runs, without DNS."""
    connections: pd.DataFrame
    """Of these runs."""
    operations: list[Operation]
    """What hooks saw the app encrypt, sign or hash."""
    hooked: list[str]
    """Runs in which hooks on cryptography ran."""
    carried: Carried
    untrusted: list[str]
    """Runs in which the device did not trust the proxy's CA; none of `runs` is among them."""
    tls: dict[str, bool] = field(default_factory=dict)
    """By flow, whether TLS was outside."""


class Check(NamedTuple):
    """One check. `weakest` says whom it fails against where TLS is outside: nobody on the way, then."""

    id: str
    title: str
    against: Against
    needs: str
    """What a case must hold for it to run."""
    look: Callable[[Material], Answer]


def answered(rows: list[Row], looked: str, fresh: int = 0, hosts: Iterable[str] | None = None) -> Answer:
    """Found where a row decides; else not found."""
    status: Status = "found" if any(row.decides for row in rows) else "not found"
    return Answer(status, looked, rows, fresh, None if hosts is None else frozenset(map(str, hosts)))


def not_testable(why: str) -> Answer:
    return Answer("not testable", why, [])

"""Hosts of one operator added up, as further members of an experiment's family: what is split over names adds up again.

In: a recording by host, and who is said to run them. Out: the same recording with one entry more for each operator of
two hosts or more. The first party's are left alone, and so is whoever nobody named: nothing is added up on a guess.
"""

from collections.abc import Mapping
from dataclasses import replace

from promptrail.case import Case
from promptrail.findings.opaque.plans import first_party
from promptrail.findings.words import listed
from promptrail.infer.response import UNKNOWN, Recorded, grouped
from promptrail.language import say

NAMED = 3
"""Hosts named in the label of an operator's entry."""


def operators(case: Case, recorded: Recorded, positive: str) -> dict[str, tuple[str, ...]]:
    """By label, the hosts of each operator that was sent anything by two names or more."""
    rows = case.recipients
    said = rows[(rows["question"] == "service_operator") & rows["answer"].notna()]
    by_operator: dict[str, list[str]] = {}
    for host in sorted(recorded.hosts):
        answers = set(said.loc[said["host"] == host, "answer"])
        if len(answers) == 1 and not first_party(host, positive):
            by_operator.setdefault(str(answers.pop()), []).append(host)
    found = {_label(hosts): tuple(hosts) for _, hosts in sorted(by_operator.items()) if len(hosts) > 1}
    return {label: hosts for label, hosts in found.items() if label not in recorded.hosts}


def added(recorded: Recorded, groups: Mapping[str, tuple[str, ...]]) -> Recorded:
    """The recording with those entries too."""
    return replace(recorded, hosts={**recorded.hosts, **grouped(recorded, groups).hosts})


def named(host: str) -> str:
    """A host of a recording, or an operator's entry, as a sentence names it."""
    return say("(host not known)") if host == UNKNOWN else host


def _label(hosts: list[str]) -> str:
    more = [say("{n} more", n=len(hosts) - NAMED)] if len(hosts) > NAMED else []
    return say("{hosts} together", hosts=listed([*hosts[:NAMED], *more]))

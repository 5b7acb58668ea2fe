"""Who got something, as a policy would name them: hosts and what is said about them in, recipients out.

Hosts of one operator are one recipient. Where nobody says who operates a host its recipient is not known, whoever owns
the domain: neither the app's maker nor a third party.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from promptrail import frames
from promptrail.case import Case
from promptrail.findings.policy.terms import (
    AFFILIATES,
    ANYONE,
    FIRST,
    THIRD,
    entity_terms,
    of_role,
    with_broader,
)
from promptrail.findings.words import either
from promptrail.language import mark, say

NAMES = ("service_operator", "domain_owner", "legal_entity")
NO_HOST = mark("(no host)")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient."""

    name: str
    own: bool | None
    """True: the app's maker; False: a third party; None: not known."""
    hosts: tuple[str, ...]
    names: frozenset[str] = frozenset()
    """What it is called, in small letters: operator, owner, legal entity."""
    groups: frozenset[str] = frozenset()
    """Its corporate groups, in small letters."""
    roles: frozenset[str] = frozenset()
    """Terms that its role gives it; without those that stand above them."""

    def terms(self, more: Iterable[str] = ()) -> frozenset[str]:
        """Every term of the ontology that covers it; `more` are terms that somebody else gives it."""
        if self.own is None:
            return frozenset({ANYONE})
        base = FIRST if self.own else THIRD
        return with_broader({base, *(() if self.own else {*self.roles, *more})}, entity_terms())


def host_said(host: str) -> str:
    """A host as it is read."""
    return say(host) if host == NO_HOST else host


def recipients(case: Case, hosts: Iterable[str], company: str | None = None) -> dict[str, Recipient]:
    """Host -> its recipient; `company`, the policy's, is the maker where it is stated as an operator."""
    said: dict[str, list[dict[str, Any]]] = {}
    for row in frames.rows(case.recipients):
        said.setdefault(row.host, []).append(row._asdict())
    stated = any(row["own"] for rows in said.values() for row in rows)
    maker = {
        str(row["answer"]).casefold()
        for rows in said.values()
        for row in rows
        if row["own"] and row["answer"] and row["question"] in (*NAMES, "corporate_group")
    } | ({company.casefold()} if company else set())
    each = {host: _one(host, said.get(host, []), stated, maker) for host in hosts}
    together: dict[tuple[str, bool | None], list[Recipient]] = {}
    for one in each.values():
        together.setdefault((one.name, one.own), []).append(one)
    joined = {key: _joined(same) for key, same in together.items()}
    return {host: joined[one.name, one.own] for host, one in each.items()}


def _one(host: str, rows: list[dict[str, Any]], stated: bool, maker: set[str]) -> Recipient:
    def told(*questions: str) -> list[str]:
        answers = [r["answer"] for r in rows if r["question"] in questions and r["answer"]]
        return list(dict.fromkeys(map(str, answers)))

    operators = told("service_operator")
    names = frozenset(name.casefold() for name in told(*NAMES))
    groups = [*told("corporate_group"), *(str(r["group"]) for r in rows if r["group"])]
    own = next((bool(r["own"]) for r in rows if r["own"] is not None), None)
    if own is None and operators:
        own = True if maker & {name.casefold() for name in operators} else False if stated else None
    if not operators:
        owners = told("domain_owner")
        name = (
            say("domain of {owner}", owner=either(owners))
            if owners
            else say("holder of {host} not known", host=host_said(host))
        )
        own = own if own is not None and owners else None
    else:
        name = either(operators)
    roles = of_role(" ".join(str(r["role"]) for r in rows if r["role"]))
    if own is False and maker & {group.casefold() for group in groups}:
        roles |= {AFFILIATES}
    return Recipient(name, own, (host,), names, frozenset(group.casefold() for group in groups), roles)


def _joined(same: list[Recipient]) -> Recipient:
    return Recipient(
        same[0].name,
        same[0].own,
        tuple(sorted(host for one in same for host in one.hosts)),
        frozenset().union(*(one.names for one in same)),
        frozenset().union(*(one.groups for one in same)),
        frozenset().union(*(one.roles for one in same)),
    )

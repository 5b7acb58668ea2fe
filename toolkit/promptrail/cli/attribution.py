"""promptrail who, promptrail attribute add | refresh: who stands behind a host, and the tables that say so."""

import argparse
import json
from pathlib import Path
from typing import Any

from promptrail.case import Case
from promptrail.cli.speech import safe, say
from promptrail.errors import InputError

WORDS = {
    "domain_owner": "domain owner",
    "service_operator": "service operator",
    "network_operator": "network operator",
    "address_country": "address country",
    "corporate_group": "corporate group",
    "legal_entity": "legal entity",
    "established_in": "established in",
    "role": "role",
}


def add(commands: Any) -> None:
    who = commands.add_parser("who", help="who stands behind a host, each answer with source and date")
    who.add_argument("hosts", metavar="HOST|IP", nargs="+")
    who.add_argument(
        "--at", metavar="IP", action="append", default=[], help="an address at which it was seen"
    )
    who.add_argument(
        "--case", help="use this case's own table, what its capture shows, and the sources it keeps"
    )
    who.add_argument("--json", action="store_true", help="one JSON object a line, one a subject")
    who.set_defaults(run=who_is)
    tables = commands.add_parser("attribute", help="the tables that a case is attributed from")
    parts = tables.add_subparsers(metavar="WHAT", required=True)
    more = parts.add_parser("add", help="take in your own table: .mmdb, .csv or a list of tracker domains")
    more.add_argument("case", metavar="CASE")
    more.add_argument("file", metavar="FILE", type=Path)
    more.add_argument("--title", help="what it is called in reports; otherwise the name of the file")
    more.add_argument("--as-of", metavar="DATE", help="date of its data; otherwise as the file says")
    more.add_argument("--licence", help="under which licence you have it")
    more.set_defaults(run=add_table)
    again = parts.add_parser(
        "refresh", help="a new dated snapshot of the shipped tables, and what it changes"
    )
    again.add_argument("case", metavar="CASE")
    again.set_defaults(run=refresh_tables)


def who_is(options: argparse.Namespace) -> int:
    from promptrail.attribute import frozen
    from promptrail.attribute.dossier import dossiers
    from promptrail.attribute.observed import Observed, observed
    from promptrail.attribute.recipients import about
    from promptrail.attribute.sources import installed
    from promptrail.attribute.subjects import subject

    case = Case.open(options.case) if options.case else None
    sources = (frozen.sources(case) if case else None) or installed()
    seen_at = [subject(text) for text in options.at]
    if wrong := [s.given for s in seen_at if s.address is None]:
        raise InputError(f"{wrong[0]!r} is no address. --at takes an IPv4 or IPv6 address.")
    declared = case.declared_recipients if case else []
    captured = observed(case) if case and all(map(case.has, ("flows", "connections", "messages"))) else {}
    for host in dict.fromkeys(options.hosts):
        seen = captured.get(host) or Observed()
        more = [s.address for s in seen_at if s.address and s.address not in seen.addresses]
        seen.addresses.extend(more)
        (found,) = dossiers(about({host: seen}, declared, sources))
        if options.json:
            print(json.dumps(found, ensure_ascii=True))
        else:
            _tell(found)
    return 0


def _tell(found: dict[str, Any]) -> None:
    letters = f", {found['in_letters']}" if found["in_letters"] else ""
    domain = found["registrable_domain"] or "none"
    rule = f"; public suffix rule {found['suffix']}" if found["suffix"] else ""
    print(safe(f"{found['host']}  (registrable domain: {domain}{letters}{rule})"))
    if found["fault"]:
        print(f"  {safe(found['fault'])}")
    for question, words in WORDS.items():
        cell = found[question]
        for said in cell["all"] or []:
            value = said["value"] or said["status"]
            at = f" [{said['address']}]" if said["address"] and said["address"] != found["means"] else ""
            print(
                f"  {words:<17} {safe(str(value))}{'  DISPUTED' if cell['status'] == 'disputed' else ''}{at}"
            )
            dated = f", {said['date']}" if said["date"] else ""
            terms = f", {said['licence']}" if said["licence"] else ""
            print(safe(f"  {'':<17}   {said['source']}{dated}{terms}"))
            if said["note"] and not said["value"]:
                print(safe(f"  {'':<17}   {said['note']}"))
    for row in found["disagreements"]:
        print(safe(f"  does not agree    {row['what']}: {row['says']}"))


def add_table(options: argparse.Namespace) -> int:
    from promptrail.attribute import imported

    case = Case.open(options.case)
    done = imported.add(case, options.file, options.title, options.as_of, options.licence)
    proof = done.dataset.proof
    told = f"{done.dataset.size:,} {'domains' if done.dataset.domains else 'ranges'}"
    again = "" if done.new else " It was there already."
    print(
        safe(
            f"{proof.source}: {told}, SHA-256 {done.sha256}, date {proof.as_of or 'not stated'}, "
            f"licence {proof.licence or 'not stated'}.{again}"
        )
    )
    return 0


def refresh_tables(options: argparse.Namespace) -> int:
    from promptrail import pipeline
    from promptrail.attribute import refreshed

    case = Case.open(options.case)
    pipeline.ensure(case, say)
    with case.locked():
        done = refreshed.refresh(case)
    print(
        f"{done.snapshot}: the sources of this case from now on.{f' Before: {done.before}.' if done.before else ''}"
    )
    for line in done.files:
        print(f"  {line}")
    for change in done.changes:
        print(
            safe(
                f"  {change.host}  {WORDS.get(change.question, change.question)}: {change.was} -> {change.is_now}"
            )
        )
    print(f"{len(done.changes)} answers differ.")
    pipeline.ensure(case, say)
    return 0

"""Question 05: whose SDKs are in the app, and which of their vendors did it contact?

The claim under test: an SDK that is in the package sent something to its vendor. That code is in a package is E0 and
decides nothing; that its vendor was contacted does not say which code did it, unless a hook saw that.
"""

from typing import Any

from promptrail.apk.identity import Identity
from promptrail.case import Case
from promptrail.findings.ledger import Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import ASIDE, CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.sdks.embedded import Embedded, embedded, packages, unexplained
from promptrail.findings.stating import Asked, state
from promptrail.findings.words import app, evidence_rows, listed, upper_bound
from promptrail.language import mark, say, say_n
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "sdks", "1", "05-sdks"
QUESTION = mark("Whose SDKs are in {app}, and which of their vendors did it contact?")
PARAMETERS = [CASE, RUN, SHOW_VALUES]
NOT_THE_APP = ASIDE
ONLY_EVIDENCE = True
OBJECTIONS = [
    {
        "objection": mark("“Presence is not transmission.”"),
        "answer": mark(
            "The two stand in columns of their own; only contact that was recorded supports the claim."
        ),
        "left": mark("Code that was not run in these sessions may send in others."),
    },
    {
        "objection": mark("“The app's own code may have contacted that host.”"),
        "answer": mark(
            "Where hooks ran, the class that sent a request is named; where none is, the table says so."
        ),
        "left": mark("Without hooks, contact with a vendor does not say which code made it."),
    },
    {
        "objection": mark("“An SDK can be renamed, or be set to another host.”"),
        "answer": mark("Hosts that no SDK in the list accounts for are named."),
        "left": mark("Renamed code is not found by the names of its classes."),
    },
]


def find(case: Case, *, run: str = "", show_values: bool = False) -> Finding:
    """The finding; identities come from `promptrail apk FILE --case CASE`."""
    runs = chosen_runs(case.runs, run, NOT_THE_APP)
    kept = packages(case)
    rows = embedded(case, kept, runs)
    book = ledger(case, runs)
    checks = [_version(case, kept, runs), _whole(kept), _code(case, rows, runs), _sources(rows)]
    verdict = _verdict(rows, book, checks)
    flows = {flow for row in rows for flow in row.flows}
    hits = case.sightings[case.sightings["flow"].isin(flows) & (case.sightings["direction"] == "request")]
    hits = hits[~hits["decoy"].astype(bool)]
    mask = Mask(case.declared_probes, show_values)
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        mask,
        verdict=verdict,
        grade=_grade(rows, len(hits)) if verdict == "supported" else None,
        sentence=_sentence(case, kept, rows, book),
        licence=_licence(case, rows, book, verdict, len(runs)),
        evidence=evidence_rows(hits, mask),
        controls=checks,
        unseen=book.as_rows(),
        objections=[{part: say(words) for part, words in row.items()} for row in OBJECTIONS],
        parameters={"run": run, "show_values": show_values},
        facts={
            "runs": len(runs),
            "packages": [_about(one) for one in kept],
            "sdks": [row.as_row() for row in rows],
            "without_sdk": unexplained(case, rows, runs),
            **book.facts(),
        },
    )


def _verdict(rows: list[Embedded], book: Ledger, checks: list[Control]) -> str:
    if not rows or any(check.result == "fail" for check in checks):
        return "cannot tell"
    if any(row.requests or row.unread for row in rows):
        return "supported"
    return "not observed" if book.allows_absence else "cannot tell"


def _grade(rows: list[Embedded], sightings: int) -> str:
    """E1 contact alone; E2 a request was read; E3 a declared value was found in one."""
    if sightings:
        return "E3"
    return "E2" if any(row.requests for row in rows) else "E1"


def _sentence(case: Case, kept: list[Identity], rows: list[Embedded], book: Ledger) -> str:
    if not kept:
        return say(
            "No package of this app is kept with the case, so nothing can be said about the code in it. "
            "`promptrail apk FILE --case {case}` keeps one.",
            case=case.path.name,
        )
    if not rows:
        return say(
            "No SDK of the list shows in {packages}; renamed code does not show.", packages=_packages(kept)
        )
    met = [row for row in rows if row.requests or row.unread]
    quiet = len(rows) - len(met)
    n = len(rows)
    if not met:
        return say_n(
            "{n} SDK in {packages}; none of their vendors was seen to be contacted. Unread: {unread}.",
            "{n} SDKs in {packages}; none of their vendors was seen to be contacted. Unread: {unread}.",
            n,
            packages=_packages(kept),
            unread=book.figure(),
        )
    told = say_n(
        "{n} SDK in {packages}; contacted: {sdks}.",
        "{n} SDKs in {packages}; contacted: {sdks}.",
        n,
        packages=_packages(kept),
        sdks=listed([_contact(row) for row in met]),
    )
    if not quiet:
        return told
    rest = say_n(
        "The vendor of {n} other was not seen to be contacted.",
        "The vendors of {n} others were not seen to be contacted.",
        quiet,
    )
    return f"{told} {rest}"


def _packages(kept: list[Identity]) -> str:
    versions = sorted({str(one.version_name) for one in kept})
    return say_n(
        "the package of version {versions}",
        "the packages of versions {versions}",
        len(versions),
        versions=listed(versions),
    )


def _contact(row: Embedded) -> str:
    parts = []
    if row.requests:
        parts.append(say_n("{n} request", "{n} requests", row.requests))
    if row.unread:
        parts.append(say_n("{n} unread connection", "{n} unread connections", row.unread))
    vendor, sent, hosts = row.vendor or say("vendor not known"), listed(parts), listed(row.contacted)
    if not row.sent_by:
        return say("{sdk} ({vendor}; {sent} to {hosts})", sdk=row.name, vendor=vendor, sent=sent, hosts=hosts)
    return say(
        "{sdk} ({vendor}; {sent} to {hosts}, sent by {code})",
        sdk=row.name,
        vendor=vendor,
        sent=sent,
        hosts=hosts,
        code=listed(row.sent_by),
    )


def _licence(case: Case, rows: list[Embedded], book: Ledger, verdict: str, runs: int) -> tuple[str, str]:
    if verdict == "supported":
        met = [row for row in rows if row.requests or row.unread]
        hosts = sorted({host for row in met for host in row.contacted})
        licensed = say_n(
            "In {n} recorded run, {app} contacted {hosts}, held by vendors of SDKs in its package.",
            "In {n} recorded runs, {app} contacted {hosts}, held by vendors of SDKs in its package.",
            runs,
            app=app(case),
            hosts=listed(hosts),
        )
        if code := sorted({one for row in met for one in row.sent_by}):
            licensed += f" {say('Hooks saw {code} send them.', code=listed(code))}"
        if book.allows_absence:
            return licensed, say("“The SDK sent it”, where no hook saw that.")
        return (
            licensed,
            say(
                "“The SDK sent it”, where no hook saw that, and “it collects” anything that was not read: {unread}.",
                unread=book.figure(),
            ),
        )
    if verdict == "not observed":
        return (
            say_n(
                "In {n} recorded run, no contact with the vendors of the SDKs in the package was observed; what "
                "happens in fewer than {share:.0f} % of runs could still be missed (95 % confidence).",
                "In {n} recorded runs, no contact with the vendors of the SDKs in the package was observed; what "
                "happens in fewer than {share:.0f} % of runs could still be missed (95 % confidence).",
                runs,
                share=upper_bound(runs),
            ),
            say(
                "“The SDKs are inactive”: they may act at another time, in another region, or for another person."
            ),
        )
    return (
        say("The package and the recorded traffic do not settle whether an SDK contacted its vendor."),
        say("“The app has no trackers”, or “the SDK sends nothing”: neither was shown."),
    )


def _version(case: Case, kept: list[Identity], runs: list[str]) -> Control:
    """The package that was read has to be the one that was recorded."""
    recorded = set(case.runs.loc[case.runs["run"].isin(runs), "app_version"].dropna())
    read = {one.version_name for one in kept}
    missing = sorted(recorded - read)
    return Control(
        mark("Same version"),
        say("is it the package that was recorded?"),
        say("a package of every recorded version is kept"),
        say(
            "recorded {recorded}; kept {kept}",
            recorded=listed(sorted(recorded)),
            kept=listed(sorted(map(str, read))),
        ),
        "not run" if not kept or not recorded else "fail" if missing else "pass",
    )


def _whole(kept: list[Identity]) -> Control:
    unread = sum(len(one.unread) for one in kept)
    return Control(
        mark("Package read whole"),
        say("could an SDK be in what was not read?"),
        say("every part of the package was read"),
        say_n("{n} part not read", "{n} parts not read", unread) if kept else say("no package is kept"),
        "pass" if kept and not unread else "not run",
    )


def _code(case: Case, rows: list[Embedded], runs: list[str]) -> Control:
    hooked = case.hooks[case.hooks["run"].isin(runs) & (case.hooks["type"] == "stack")]
    named, met = sum(bool(row.sent_by) for row in rows), sum(bool(row.requests) for row in rows)
    return Control(
        mark("Which code"),
        say("did the SDK's own code send it?"),
        say("a hook names the class that sent a request"),
        say("for {n} of {all} contacted vendors", n=named, all=met)
        if len(hooked)
        else say("no hook recorded who sent what"),
        "pass" if len(hooked) and named else "not run",
    )


def _sources(rows: list[Embedded]) -> Control:
    sourced = sum(bool(row.source) for row in rows)
    return Control(
        mark("Sources"),
        say("can each signature be checked?"),
        say("every signature names a page that shows it, with its date"),
        say("{n} of {all}", n=sourced, all=len(rows)),
        "not run" if not rows else "pass" if sourced == len(rows) else "fail",
    )


def _about(one: Identity) -> dict[str, Any]:
    return {
        "package": one.package,
        "version": one.version_name,
        "files": [file.sha256 for file in one.files],
        "unread": len(one.unread),
    }

"""A policy beside what was observed: the facts of finding 04 in, its tables out.

Quotes are the policy's own words, which may be hostile: they are shown as text.
"""

from collections.abc import Iterable
from typing import Any

from promptrail.findings.policy.classes import CLASSES, DISPUTED, UNDECLARED
from promptrail.findings.policy.pairs import BASES
from promptrail.findings.policy.recipients import host_said
from promptrail.findings.policy.terms import entity_said
from promptrail.findings.words import either, listed
from promptrail.language import mark, say
from promptrail.report.html import Part, lines, paragraph, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import COLOURS, MAKER, OTHER, UNKNOWN, View

HOLDER = {True: MAKER, False: OTHER, None: UNKNOWN}
NOTHING = mark(
    "No annotated policy lies in the case's folder policies/, so there is nothing to hold the traffic against."
)


def about(view: View) -> Part:
    """Which policy, from when, fixed how, and read by whom."""
    facts: Any = view.finding.facts
    policy = facts["policy"]
    if policy is None:
        told = say(NOTHING)
        if facts["changed"]:
            told = say("{policies}: changed since it was annotated.", policies=", ".join(facts["changed"]))
        return Part(paragraph(told), told)
    captured = say(
        "captured on {day}, language {language}", day=policy["captured"], language=policy["language"]
    )
    rows = [
        (say("Policy"), policy["title"]),
        (say("Company"), policy["company"]),
        (say("From"), join([wrap(policy["url"]), small(captured)])),
        (say("In force"), _in_force(policy)),
        (say("Text"), join([wrap(policy["file"]), small(join(["SHA-256 ", wrap(policy["sha256"])]))])),
        (say("Read by"), lines(f"{one['by']}, {one['on']} ({one['file']})" for one in policy["annotators"])),
        (say("Runs left out"), ", ".join(facts["runs_left_out"]) or say("none")),
    ]
    if facts["changed"]:
        told = say("{policies}: changed since it was annotated", policies=", ".join(facts["changed"]))
        rows.append((say("Left aside"), told))
    if len(facts["policies"]) > 1:
        rows.append((say("Policies in the case"), ", ".join(facts["policies"])))
    body = table(
        rows,
        [(say("What"), "r", lambda row: row[0]), (say("As annotated"), "", lambda row: row[1])],
        say("The policy that was in force in these runs, and who annotated it."),
    )
    return Part(body)


def _in_force(policy: dict[str, Any]) -> str:
    """From when, until when if it ended, and for which versions of the app."""
    versions = ", ".join(policy["app_versions"]) or say("any version")
    if not policy["until"]:
        return say("from {start}, for {versions}", start=policy["in_force"], versions=versions)
    return say(
        "from {start} to {end}, for {versions}",
        start=policy["in_force"],
        end=policy["until"],
        versions=versions,
    )


def pairs(view: View) -> Part:
    """Each kind of data at each recipient, with the class and the words that it rests on."""
    facts: Any = view.finding.facts
    many = len(facts["policy"]["annotators"]) > 1 if facts["policy"] else False
    met = list(dict.fromkeys(pair["class"] for pair in facts["pairs"] if pair["class"]))
    key = join(
        [Html(" <b>{}</b>: {}.").format(say(name), say(CLASSES[name])) for name in CLASSES if name in met]
    )
    bases = ", ".join(say(basis) for basis in sorted({pair["basis"] for pair in facts["pairs"]}))
    caption = join([say("What went to whom ({bases}).", bases=bases), key])
    body = table(
        facts["pairs"],
        [
            (say("Data"), "r", lambda p: join([Html.escape(say(p["data"])), small(say(BASES[p["basis"]]))])),
            (say("Recipient"), "", _recipient),
            (say("Runs"), "n", lambda p: say("{found} of {all}", found=p["runs"], all=p["of"])),
            (say("The policy"), "", _class),
            (say("Its words"), "h", lambda p: _words(p, many)),
        ],
        say("What went to whom, and what the policy says of it."),
        none=say("Nothing that was looked for was seen to go anywhere."),
    )
    return Part(join([body, paragraph(key, "key")]) if met else body, str(caption))


def _recipient(pair: dict[str, Any]) -> Html:
    holder = HOLDER[pair["own"]]
    dot = Html('<i class="dot" style="background:{}"></i>').format(COLOURS[holder])
    return join(
        [dot, Html.escape(pair["recipient"]), small(lines(wrap(host_said(host)) for host in pair["hosts"]))]
    )


def _class(pair: dict[str, Any]) -> object:
    if pair["class"] is None:
        return say("no policy")
    weight = "fail" if pair["class"] in UNDECLARED and pair["decides"] else ""
    told = Html('<span class="chip {}">{}</span>').format(weight, say(pair["class"]))
    apart = sorted({one["class"] for one in pair["readings"]})
    return join([told, small(either(map(say, apart)))]) if len(apart) > 1 else told


def _words(pair: dict[str, Any], many: bool) -> Html:
    """The quotes; where annotators rest on different ones, each with who read it."""
    told: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for one in pair["readings"]:
        for statement in one["statements"]:
            told.setdefault(f"{statement['quote']} {statement['says']}", (statement, []))[1].append(one["by"])
    if not told:
        return Html("<small>{}</small>").format(say("no statement") if pair["readings"] else "–")
    return lines(
        _statement(said, who, many and len(who) < len(pair["readings"])) for said, who in told.values()
    )


def _statement(said: dict[str, Any], who: list[str], apart: bool) -> Html:
    """A quote with what it says, for what and where, and who alone reads it so."""
    more = [say(said["says"])]
    if said["purpose"]:
        more.append(say("purpose: {purpose}", purpose=said["purpose"]))
    if said["country"]:
        more.append(say("country: {country}", country=said["country"]))
    if apart:
        more.append(say("read so by {annotators}", annotators=", ".join(who)))
    return join([_quote(said["quote"]), Html(" <small>({})</small>").format("; ".join(more))])


def _quote(text: str) -> Html:
    return Html("<q>{}</q>").format(text)


def declared(view: View) -> Part:
    """The reverse: what the policy declares, and whether it was seen."""
    facts: Any = view.finding.facts
    return Part(
        table(
            facts["declared"],
            [
                (say("Declared"), "r", _what),
                (say("Its words"), "h", lambda d: lines(_quote(quote) for quote in d["quotes"])),
                (say("Seen?"), "", lambda d: say(d["outcome"])),
                (say("Why"), "h", lambda d: d["why"]),
            ],
            say(
                "What the policy declares, and whether it was seen; not observed is not the same as not collected."
            ),
            none=say("No statement says that data are collected or shared."),
        )
    )


def _what(row: dict[str, Any]) -> Html:
    """What is declared, and to whom it goes."""
    whom = say("to {recipient}", recipient=entity_said(row["entity"]))
    return join([Html.escape(say(row["data"])), small(whom)])


def checklist(view: View) -> Part:
    """What a policy should tell, with the articles, the annotators' answers and the words."""
    facts: Any = view.finding.facts
    found = facts["checklist"]
    if found is None:
        told = say("No checklist was asked for.")
        return Part(paragraph(told), told)
    body = table(
        found["items"],
        [
            (say("Item"), "r", lambda i: join([Html.escape(say(i["asks"])), small(i["id"])])),
            (say("Articles"), "h", _articles),
            (say("In the policy"), "", _answers),
            (
                say("Its words"),
                "h",
                lambda i: lines(_quote(q) for q in _once(r["quote"] for r in i["readings"])),
            ),
        ],
        f"{say(found['title'])}. {say(found['note'])}",
        "long",
    )
    unasked = say("Answered, and asked by no checklist: {items}.", items=", ".join(found["unasked"]))
    return Part(join([body, paragraph(unasked)]) if found["unasked"] else body)


def _articles(item: dict[str, Any]) -> Html:
    read = say("Citation not checked.")
    if item["checked"]:
        read = say("Wording read on {day}.", day=item["checked"])
    told = say(item["note"]) if item["note"] else read
    return join([Html.escape(item["articles"]), small(join([told, " ", wrap(item["source"])]))])


def _answers(item: dict[str, Any]) -> object:
    told = say(item["is"])
    if item["is"] != DISPUTED:
        return told
    return join([told, small(lines(f"{one['by']}: {say(one['is'])}" for one in item["readings"]))])


def _once(quotes: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(quote for quote in quotes if quote))


def agreement(view: View) -> Part:
    """How far every two annotators agree, answer by answer."""
    facts: Any = view.finding.facts
    rows = [one | {"of": listed([one["first"], one["second"]])} for one in facts["agreement"] if one["n"]]
    return Part(
        table(
            rows,
            [
                (say("Judged"), "r", lambda a: join([Html.escape(say(a["about"])), small(a["of"])])),
                (say("First / second: how often"), "", lambda a: lines(_confusion(a))),
                (say("Alike"), "n", lambda a: say("{found} of {all}", found=a["same"], all=a["n"])),
                (
                    say("Cohen's kappa"),
                    "n",
                    lambda a: say("not defined") if a["kappa"] is None else f"{a['kappa']:.2f}",
                ),
            ],
            say(
                "Agreement of the annotators. Kappa is the share of agreement beyond chance; with so few answers it "
                "moves far with one of them, and where both always say the same it is not defined."
            ),
            none=say("One annotator or none: there is nothing to compare."),
        )
    )


def _confusion(row: dict[str, Any]) -> list[str]:
    return [f"{say(first)} / {say(second)}: {n}" for first, second, n in row["table"]]

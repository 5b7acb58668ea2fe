"""A policy beside what was observed: the facts of finding 04 in, its tables out.

Quotes are the policy's own words, which may be hostile: they are shown as text.
"""

from collections.abc import Iterable
from typing import Any

from promptrail.findings.policy_classes import CLASSES, UNDECLARED
from promptrail.findings.policy_pairs import BASES
from promptrail.report.html import Part, lines, paragraph, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import COLOURS, MAKER, OTHER, UNKNOWN, View

HOLDER = {True: MAKER, False: OTHER, None: UNKNOWN}
NOTHING = "No annotated policy lies in the case's folder policies/, so there is nothing to hold the traffic against."


def about(view: View) -> Part:
    """Which policy, from when, fixed how, and read by whom."""
    facts: Any = view.finding.facts
    policy = facts["policy"]
    if policy is None:
        told = (
            f"{', '.join(facts['changed'])}: changed since it was annotated." if facts["changed"] else NOTHING
        )
        return Part(paragraph(told), told)
    versions = ", ".join(policy["app_versions"]) or "any version"
    ended = f" to {policy['until']}" if policy["until"] else ""
    left = ", ".join(facts["runs_left_out"])
    rows = [
        ("Policy", policy["title"]),
        ("Of", policy["company"]),
        (
            "From",
            join(
                [
                    wrap(policy["url"]),
                    small(f"captured on {policy['captured']}, language {policy['language']}"),
                ]
            ),
        ),
        ("In force", f"from {policy['in_force']}{ended}, for {versions}"),
        ("Text", join([wrap(policy["file"]), small(join(["SHA-256 ", wrap(policy["sha256"])]))])),
        ("Read by", lines(f"{one['by']}, {one['on']} ({one['file']})" for one in policy["annotators"])),
        ("Runs left out", left or "none"),
    ]
    if facts["changed"]:
        rows.append(("Left aside", f"{', '.join(facts['changed'])}: changed since it was annotated"))
    if len(facts["policies"]) > 1:
        rows.append(("Policies in the case", ", ".join(facts["policies"])))
    body = table(
        rows,
        [("What", "r", lambda row: row[0]), ("As annotated", "", lambda row: row[1])],
        "The policy that was in force in these runs, and who annotated it.",
    )
    return Part(body)


def pairs(view: View) -> Part:
    """Each kind of data at each recipient, with the class and the words that it rests on."""
    facts: Any = view.finding.facts
    many = len(facts["policy"]["annotators"]) > 1 if facts["policy"] else False
    met = list(dict.fromkeys(pair["class"] for pair in facts["pairs"] if pair["class"]))
    key = join([Html(" <b>{}</b>: {}.").format(name, CLASSES[name]) for name in CLASSES if name in met])
    caption = join([f"What went to whom ({', '.join(sorted({p['basis'] for p in facts['pairs']}))}).", key])
    body = table(
        facts["pairs"],
        [
            ("Data", "r", lambda p: join([Html.escape(p["data"]), small(BASES[p["basis"]])])),
            ("Recipient", "", _recipient),
            ("Runs", "n", lambda p: f"{p['runs']} of {p['of']}"),
            ("The policy", "", _class),
            ("Its words", "h", lambda p: _words(p, many)),
        ],
        "What went to whom, and what the policy says of it.",
        none="Nothing that was looked for was seen to go anywhere.",
    )
    return Part(join([body, paragraph(key, "key")]) if met else body, str(caption))


def _recipient(pair: dict[str, Any]) -> Html:
    holder = HOLDER[pair["own"]]
    dot = Html('<i class="dot" style="background:{}"></i>').format(COLOURS[holder])
    return join([dot, Html.escape(pair["recipient"]), small(lines(wrap(host) for host in pair["hosts"]))])


def _class(pair: dict[str, Any]) -> object:
    if pair["class"] is None:
        return "no policy"
    weight = "fail" if pair["class"] in UNDECLARED and pair["decides"] else ""
    told = Html('<span class="chip {}">{}</span>').format(weight, pair["class"])
    apart = sorted({one["class"] for one in pair["readings"]})
    return join([told, small(" or ".join(apart))]) if len(apart) > 1 else told


def _words(pair: dict[str, Any], many: bool) -> Html:
    """The quotes; where annotators rest on different ones, each with who read it."""
    told: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for one in pair["readings"]:
        for statement in one["statements"]:
            told.setdefault(f"{statement['quote']} {statement['says']}", (statement, []))[1].append(one["by"])
    if not told:
        return Html("<small>{}</small>").format("no statement" if pair["readings"] else "–")
    return lines(
        _statement(said, who, many and len(who) < len(pair["readings"])) for said, who in told.values()
    )


def _statement(said: dict[str, Any], who: list[str], apart: bool) -> Html:
    """A quote with what it says, for what and where, and who alone reads it so."""
    more = [said["says"], *(f"{key}: {said[key]}" for key in ("purpose", "country") if said[key])]
    more += [f"read so by {', '.join(who)}"] if apart else []
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
                ("Declared", "r", lambda d: join([Html.escape(d["data"]), small(f"to {d['entity']}")])),
                ("Its words", "h", lambda d: lines(_quote(quote) for quote in d["quotes"])),
                ("Seen?", "", lambda d: d["outcome"]),
                ("Why", "h", lambda d: d["why"]),
            ],
            "What the policy declares, and whether it was seen; not observed is not the same as not collected.",
            none="No statement says that data are collected or shared.",
        )
    )


def checklist(view: View) -> Part:
    """What a policy should tell, with the articles, the annotators' answers and the words."""
    facts: Any = view.finding.facts
    found = facts["checklist"]
    if found is None:
        told = "No checklist was asked for."
        return Part(paragraph(told), told)
    body = table(
        found["items"],
        [
            ("Item", "r", lambda i: join([Html.escape(i["asks"]), small(i["id"])])),
            ("Articles", "h", _articles),
            ("In the policy", "", _answers),
            ("Its words", "h", lambda i: lines(_quote(q) for q in _once(r["quote"] for r in i["readings"]))),
        ],
        f"{found['title']}. {found['note']}",
        "long",
    )
    unasked = f"Answered, and asked by no checklist: {', '.join(found['unasked'])}."
    return Part(join([body, paragraph(unasked)]) if found["unasked"] else body)


def _articles(item: dict[str, Any]) -> Html:
    read = f"Wording read on {item['checked']}." if item["checked"] else "Citation not checked."
    return join(
        [Html.escape(item["articles"]), small(join([item["note"] or read, " ", wrap(item["source"])]))]
    )


def _answers(item: dict[str, Any]) -> object:
    if item["is"] != "disputed":
        return item["is"]
    return join(["disputed", small(lines(f"{one['by']}: {one['is']}" for one in item["readings"]))])


def _once(quotes: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(quote for quote in quotes if quote))


def agreement(view: View) -> Part:
    """How far every two annotators agree, answer by answer."""
    facts: Any = view.finding.facts
    rows = [one | {"of": f"{one['first']} and {one['second']}"} for one in facts["agreement"] if one["n"]]
    return Part(
        table(
            rows,
            [
                ("Of", "r", lambda a: join([Html.escape(a["about"]), small(a["of"])])),
                ("First / second: how often", "", lambda a: lines(_confusion(a))),
                ("Alike", "n", lambda a: f"{a['same']} of {a['n']}"),
                (
                    "Cohen's kappa",
                    "n",
                    lambda a: "not defined" if a["kappa"] is None else f"{a['kappa']:.2f}",
                ),
            ],
            "Agreement of the annotators. Kappa is the share of agreement beyond chance; with so few answers it moves "
            "far with one of them, and where both always say the same it is not defined.",
            none="One annotator or none: there is nothing to compare.",
        )
    )


def _confusion(row: dict[str, Any]) -> list[str]:
    return [f"{first} / {second}: {n}" for first, second, n in row["table"]]

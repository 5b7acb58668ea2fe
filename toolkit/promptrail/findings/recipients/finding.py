"""Question 02: who stands behind each host, and what did it receive? Four answers a host, never merged.

Also told: where the host that was asked for, the TLS server name and the certificate do not agree.
"""

from typing import Any

import pandas as pd

from promptrail import frames
from promptrail.attribute import frozen
from promptrail.attribute.domains import source as suffix_source
from promptrail.attribute.dossier import cell
from promptrail.attribute.observed import observed
from promptrail.attribute.recipients import about
from promptrail.attribute.rows import DISAGREEMENT, QUESTIONS
from promptrail.attribute.sources import installed
from promptrail.case import Case
from promptrail.findings.delivered import only_delivered
from promptrail.findings.ledger import Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import ASIDE, CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.recipients.claims import outcomes
from promptrail.findings.recipients.claims_pack import CLAIMS, choose
from promptrail.findings.stating import Asked, state
from promptrail.findings.words import evidence_rows, listed, upper_bound
from promptrail.language import mark, say, say_n
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "recipients", "2", "02-recipients"
QUESTION = mark("Which organisations stand behind the hosts that {app} contacted, and what did each receive?")
PARAMETERS = [CASE, RUN, CLAIMS, SHOW_VALUES]
NOT_THE_APP = ASIDE
MOST = 6
"""Hosts named in the sentence; the table has them all."""
OBJECTIONS = [
    {
        "objection": mark("“The table is out of date.”"),
        "answer": mark("Each cell carries the date of its source."),
        "left": mark("Domains change hands; look again before you publish."),
    },
    {
        "objection": mark("“An address does not say who receives.”"),
        "answer": mark("Addresses are a column of their own and decide nothing here."),
        "left": mark("Clouds and delivery networks hide the operator behind them."),
    },
]
DISAGREE = (
    mark("TLS server name (SNI)"),
    mark("certificate"),
    mark("network of another name"),
    mark("country tables"),
    mark("date of a source"),
)
"""What `attribute.disagreements` calls them: codes, said where they are shown."""


def find(case: Case, *, run: str = "", claims: str = "", show_values: bool = False) -> Finding:
    """The finding; the claim under test is that somebody other than the app's maker received data.

    ParameterError where the claims pack cannot be tested on this case.
    """
    runs = chosen_runs(case.runs, run, NOT_THE_APP)
    pack = choose(case, claims)
    mask = Mask(case.declared_probes, show_values)
    table = hosts(case, runs)
    s = only_delivered(case, case.sightings)
    seen = s[s["run"].isin(runs) & ~s["decoy"].astype(bool) & (s["direction"] == "request")]
    others = table[~table["own"].fillna(False).astype(bool)]
    got = others[others["requests"] > 0]
    book = ledger(case, runs)
    verdict = _verdict(table, others, got, book)
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        mask,
        verdict=verdict,
        grade="E3" if seen["host"].isin(got["host"]).any() else "E2" if len(got) else None,
        sentence=_sentence(table, others, got, seen, book.figure()),
        licence=(
            _licensed(got, runs, verdict),
            say(
                "“The data is stored in” any country, “was passed on”, or that an address lies where its company "
                "is established: each column answers a question of its own."
            ),
        ),
        evidence=evidence_rows(seen, mask),
        controls=_controls(case, table),
        unseen=book.as_rows(),
        objections=[{part: say(words) for part, words in row.items()} for row in OBJECTIONS],
        parameters={"run": run, "claims": claims, "show_values": show_values},
        facts={
            "runs": len(runs),
            "hosts": _plain(table),
            "conflicts": conflicts(case, runs),
            "suffix_list": suffix_source(),
            "claims_pack": {"id": pack.id, "title": pack.title, "note": pack.note} if pack else None,
            "claims": outcomes(case, pack, runs) if pack else [],
            "holder_not_known": int(others["service_operator"].isna().sum()),
            **book.facts(),
        },
    )


def hosts(case: Case, runs: list[str]) -> pd.DataFrame:
    """One row a host: the answers with their sources, requests, bytes sent and received, unread connections.

    Where sources give different answers the answer is empty and its status `disputed`: none of them wins.
    """
    flows = case.flows[case.flows["run"].isin(runs)]
    sent = only_delivered(case, flows[flows["kind"] != "dns"])
    shut = case.connections[case.connections["run"].isin(runs) & (case.connections["outcome"] != "read")]
    names = sorted(set(flows["host"].dropna()) | set(shut["host"].dropna()))
    said: dict[str, list[dict[str, Any]]] = {}
    for answer in frames.rows(case.recipients):
        said.setdefault(answer.host, []).append(answer._asdict())
    rows = []
    for name in names:
        answers = said.get(name, [])
        mine = sent[sent["host"] == name]
        row: dict[str, Any] = {"host": name}
        for question in QUESTIONS:
            found = cell([a for a in answers if a["question"] == question])
            row[question], row[f"{question}_status"] = found["value"], found["status"]
            row[f"{question}_source"], row[f"{question}_as_of"] = found["source"], found["date"]
            row[f"{question}_licence"] = found["licence"]
        for column in ("registrable_domain", "suffix", "country", "group", "role", "own"):
            row[column] = next((a[column] for a in answers if a[column] is not None), None)
        row["addresses"] = sorted(
            set(mine["dest_ip"].dropna()) | set(shut.loc[shut["host"] == name, "dest_ip"].dropna())
        )
        row["requests"] = len(mine)
        row["bytes_out"] = int(mine["request_length"].fillna(0).sum())
        row["bytes_in"] = int(mine["response_length"].fillna(0).sum())
        row["unread_connections"] = int((shut["host"] == name).sum())
        rows.append(row)
    columns = ["host", "own", "requests", "service_operator"]
    table = pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)
    table["own"] = table["own"].astype("boolean")
    return table


def conflicts(case: Case, runs: list[str]) -> list[dict[str, str]]:
    """Where the parts of these runs do not agree about a host: names, certificates, CNAMEs, networks, countries."""
    sources = frozen.sources(case) or installed()
    rows = about(observed(case, runs), case.declared_recipients, sources)
    out = []
    for row in rows:
        if row["question"] == DISAGREEMENT:
            what, _, held = str(row["note"]).partition("; held by ")
            out.append({"host": row["host"], "what": what, "says": row["answer"], "held_by": held})
    return out


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): _cell(v) for k, v in row.items()} for row in table.to_dict("records")]


def _cell(value: Any) -> Any:
    return value if isinstance(value, list) or not pd.isna(value) else None


def _verdict(table: pd.DataFrame, others: pd.DataFrame, got: pd.DataFrame, book: Ledger) -> str:
    """Absence needs that requests to the maker were read, that no other host was met, and a ledger that allows it."""
    if len(got):
        return "supported"
    read = bool((table["requests"] > 0).any())
    return "not observed" if read and not len(others) and book.allows_absence else "cannot tell"


def _sentence(
    table: pd.DataFrame, others: pd.DataFrame, got: pd.DataFrame, seen: pd.DataFrame, figure: str
) -> str:
    if not len(table):
        return say("No host was contacted in what was recorded.")
    n = len(table)
    if not len(got):
        return say_n(
            "{n} host seen, no readable request to any but the app's maker. Unread: {unread}.",
            "{n} hosts seen, no readable request to any but the app's maker. Unread: {unread}.",
            n,
            unread=figure,
        )
    told = []
    for host in got["host"]:
        kinds = [say(kind) for kind in sorted(set(seen.loc[seen["host"] == host, "kind"]))]
        told.append(f"{host} ({listed(kinds)})" if kinds else str(host))
    named = told if len(told) <= MOST else [*told[:MOST], say("{n} more", n=len(told) - MOST)]
    met = say_n(
        "{others} of {n} host are not stated to be the app maker's; readable requests went to {hosts}.",
        "{others} of {n} hosts are not stated to be the app maker's; readable requests went to {hosts}.",
        n,
        others=len(others),
        hosts=listed(named),
    )
    if unknown := int(others["service_operator"].isna().sum()):
        return f"{met} {say('For {n} of them nobody has stated who runs the service.', n=unknown)}"
    return met


def _licensed(got: pd.DataFrame, runs: list[str], verdict: str) -> str:
    if verdict == "not observed":
        return say_n(
            "In {n} recorded run, no host but the app maker's was contacted; what happens in fewer than {share:.0f} % "
            "of runs could still be missed (95 % confidence).",
            "In {n} recorded runs, no host but the app maker's was contacted; what happens in fewer than {share:.0f} % "
            "of runs could still be missed (95 % confidence).",
            len(runs),
            share=upper_bound(len(runs)),
        )
    if not len(got):
        return say("The recorded traffic shows no readable request to a host other than the app maker's.")
    return say_n(
        "In {runs}, requests were sent to {n} host not stated to be the app maker's. Who holds each is given with "
        "source and date.",
        "In {runs}, requests were sent to {n} hosts not stated to be the app maker's. Who holds each is given with "
        "source and date.",
        len(got),
        runs=say_n("{n} recorded run", "{n} recorded runs", len(runs)),
    )


def _controls(case: Case, table: pd.DataFrame) -> list[Control]:
    cells = case.recipients[case.recipients["host"].isin(table["host"]) & case.recipients["answer"].notna()]
    dated = int(cells["as_of"].notna().sum())
    named = int(cells["source"].notna().sum())
    return [
        Control(
            mark("Sources"),
            say("can each answer be checked?"),
            say("every answer names its source"),
            say("{n} of {all}", n=named, all=len(cells)),
            "not run" if not len(cells) else "pass" if named == len(cells) else "fail",
        ),
        Control(
            mark("Dates"),
            say("was it so at the time?"),
            say("every answer is dated"),
            say("{n} of {all}", n=dated, all=len(cells)),
            "not run" if not len(cells) else "pass" if dated == len(cells) else "fail",
        ),
    ]

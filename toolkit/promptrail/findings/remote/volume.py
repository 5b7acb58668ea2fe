"""How much an app sent, when and to whom: runs in, requests and bytes of each run by organisation and phase out.

A request is one HTTP exchange that reached a server, or one stream; a WebSocket is one, whatever is said in it; a retry
is one more. Bytes are its URL, headers and messages as sent, without TLS and before any compression of headers.
Connections that could not be read are counted beside them, never as nothing.
"""

from typing import Any, NamedTuple

import pandas as pd

from promptrail.case import Case
from promptrail.findings.delivered import only_delivered
from promptrail.findings.ledger import NOT_A_LOSS
from promptrail.findings.phases import AFTER_REFUSAL, AT, BEFORE, UNTIMED, Decision, decisions
from promptrail.findings.words import answer
from promptrail.language import mark, say

TYPING, ANSWERED = mark("typing"), mark("after a prompt")
IDLE, WHOLE = mark("idle"), mark("no steps known")
EARLY, BAND = mark("before the answer"), mark("at the answer")
PHASES = (EARLY, BAND, TYPING, ANSWERED, IDLE, AFTER_REFUSAL, UNTIMED, WHOLE)
NAMES = {BEFORE: EARLY, AT: BAND, AFTER_REFUSAL: AFTER_REFUSAL}
"""The answer is that to the consent dialog. What the person does afterwards ends the band around it."""
WINDOW = 10.0
"""Seconds after a prompt was sent that count as its own, unless the person does something else before."""
DONE = ("sent", "deleted", "attached")
NOBODY, OTHERS = mark("not known who"), mark("everybody but the maker")
DOMAIN_OF = "domain of "
DEFINITION = mark(
    "A request is an exchange that reached a server (a WebSocket is one, a retry is one more); bytes are URL, headers "
    "and messages as sent, without TLS. DNS is not counted; connections that could not be read stand beside it."
)


class Span(NamedTuple):
    start: float
    end: float
    phase: str


def volume(case: Case, runs: list[str]) -> pd.DataFrame:
    """One row a request or unread connection: run, organisation, own, phase, requests, bytes, unread."""
    flows = only_delivered(case, case.flows[case.flows["run"].isin(runs) & (case.flows["kind"] != "dns")])
    sent = case.messages[case.messages["direction"] == "request"].groupby("flow")["length"].sum()
    heads = [_head(url, headers) for url, headers in zip(flows["url"], flows["request_headers"], strict=True)]
    bodies = [float(sent.get(flow, 0) or 0) for flow in flows["flow"]]
    read = pd.DataFrame(
        {
            "run": flows["run"],
            "host": flows["host"].where(flows["host"].notna(), flows["dest_ip"]),
            "time": flows["started"],
            "requests": 1,
            "bytes": [h + b for h, b in zip(heads, bodies, strict=True)],
            "unread": 0,
        }
    )
    shut = case.connections[case.connections["run"].isin(runs)]
    shut = shut[~shut["outcome"].isin(["read", *NOT_A_LOSS])]
    unread = pd.DataFrame(
        {
            "run": shut["run"],
            "host": shut["host"].where(shut["host"].notna(), shut["dest_ip"]),
            "time": shut["opened"],
            "requests": 0,
            "bytes": 0.0,
            "unread": 1,
        }
    )
    rows = pd.concat([part for part in (read, unread) if len(part)] or [read], ignore_index=True)
    spans, answered = _spans(case, runs), decisions(case, runs)
    rows["phase"] = [
        _phase(answered.get(run), spans[run], at) for run, at in zip(rows["run"], rows["time"], strict=True)
    ]
    known = {host: organisation(case, host) for host in rows["host"].dropna().unique()}
    own = set(case.recipients.loc[case.recipients["own"].fillna(False).astype(bool), "host"])
    rows["organisation"] = [known.get(host, NOBODY) for host in rows["host"]]
    rows["own"] = rows["host"].isin(own)
    return rows.drop(columns=["host", "time"])


def organisation(case: Case, host: str) -> str:
    """Who runs it, else whose domain it is, else that nobody says."""
    operator = answer(case, host, "service_operator")
    owner = answer(case, host, "domain_owner")
    return operator or (f"{DOMAIN_OF}{owner}" if owner else NOBODY)


def in_words(name: str) -> str:
    """An organisation as a page shows it."""
    if name.startswith(DOMAIN_OF):
        return say("domain of {owner}", owner=name.removeprefix(DOMAIN_OF))
    return say(name) if name in (NOBODY, OTHERS) else name


def _head(url: object, headers: Any) -> int:
    size = len(url.encode("utf-8", "surrogatepass")) if isinstance(url, str) else 0
    return size + sum(len(h["name"]) + len(h["value"]) + 4 for h in ([] if headers is None else headers))


def _spans(case: Case, runs: list[str]) -> dict[str, list[Span] | None]:
    """By run, when the person typed and when a prompt had just been sent; None for a run without events."""
    out: dict[str, list[Span] | None] = dict.fromkeys(runs)
    events = case.events[case.events["run"].isin(runs)].sort_values(["run", "at", "event"], kind="stable")
    for run, part in events.groupby("run", sort=True):
        steps = list(zip(part["at"].map(float), part["event"], part["probe"], strict=True))
        found = []
        for n, (at, event, _) in enumerate(steps):
            later = steps[n + 1 :]
            if event == "typing":
                end = next((when for when, what, _ in later if what in DONE), at)
                found.append(Span(at, end, TYPING))
            elif event == "sent":
                end = next(
                    (when for when, what, _ in later if what in ("typing", "attached", "end")), at + WINDOW
                )
                found.append(Span(at, min(end, at + WINDOW), ANSWERED))
        out[str(run)] = found
    return out


def _phase(decision: Decision | None, spans: list[Span] | None, at: float | None) -> str:
    if at is None or pd.isna(at):
        return UNTIMED
    if spans is None:
        return WHOLE
    doing = next((one.phase for one in spans if one.start <= at < one.end), None)
    return doing or (NAMES.get(decision.phase(at), IDLE) if decision else IDLE)


def per_run(rows: pd.DataFrame, runs: list[str], by: list[str]) -> pd.DataFrame:
    """Sums of each run: index the columns `by`, columns (figure, run); 0 where a run has none."""
    sums = rows[rows["run"].isin(runs)].pivot_table(
        index=by,
        columns="run",
        values=["requests", "bytes", "unread"],
        aggfunc="sum",
        fill_value=0,
        observed=True,
    )
    wanted = pd.MultiIndex.from_product([["requests", "bytes", "unread"], runs])
    table: pd.DataFrame = sums.reindex(columns=wanted, fill_value=0)
    return table

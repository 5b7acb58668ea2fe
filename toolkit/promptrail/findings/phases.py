"""What an app sent in which phase of a run: before, at, after accepting and after refusing the consent dialog.

In: the frames runs, events, clocks, flows, connections and sightings. Out: one row for each exchange or unread
connection, with its seconds from the decision. Between two phases lies a band in which the order cannot be told: how
well the clocks agree before the event, and the time that a tap takes after it.
"""

from typing import NamedTuple

import pandas as pd

from promptrail.case import Case
from promptrail.findings.controls import CLOCK
from promptrail.findings.delivered import only_delivered
from promptrail.language import mark

ACCEPTED, REFUSED = "consent", "refused"
BEFORE, AT, AFTER = mark("before"), mark("at"), mark("after consent")
AFTER_REFUSAL, UNTIMED = mark("after refusal"), mark("no time")
PHASES = (BEFORE, AT, AFTER, AFTER_REFUSAL, UNTIMED)
TAP = 1.0
"""Seconds after the event in which the app may still have acted as before: the tap travels by adb."""


class Decision(NamedTuple):
    """The first answer to the dialog in a run."""

    at: float
    accepted: bool
    uncertainty: float
    """Seconds by which events and flows of the run may disagree."""

    def phase(self, at: float | None) -> str:
        if at is None or pd.isna(at):
            return UNTIMED
        if at < self.at - self.uncertainty:
            return BEFORE
        if at <= self.at + self.uncertainty + TAP:
            return AT
        return AFTER if self.accepted else AFTER_REFUSAL


def decisions(case: Case, runs: list[str]) -> dict[str, Decision]:
    """By run, where the run's events hold one."""
    events = case.events[case.events["run"].isin(runs) & case.events["event"].isin([ACCEPTED, REFUSED])]
    first = events.sort_values(["at", "event"], kind="stable").groupby("run").first()
    return {
        str(run): Decision(float(row["at"]), row["event"] == ACCEPTED, _uncertainty(case, str(run)))
        for run, row in first.iterrows()
    }


def _sets(hits: pd.DataFrame, column: str) -> dict[str, frozenset[str]]:
    """By flow, the values of a column of its sightings."""
    return {str(flow): frozenset(map(str, part[column])) for flow, part in hits.groupby("flow")}


def _uncertainty(case: Case, run: str) -> float:
    """As the clocks of the run's witnesses were found to agree; what is not known counts as `CLOCK`."""
    told = case.clocks.loc[case.clocks["run"] == run, "uncertainty"].dropna()
    return max(CLOCK, float(told.max())) if len(told) else CLOCK


def sent(case: Case, decided: dict[str, Decision]) -> pd.DataFrame:
    """Columns run, host, phase, after (s from the decision), bytes, read, probes (set of ids), kinds, flow."""
    flows = case.flows[case.flows["run"].isin(decided) & (case.flows["kind"] != "dns")]
    flows = only_delivered(case, flows)
    hits = case.sightings
    hits = hits[
        (hits["direction"] == "request") & ~hits["decoy"].astype(bool) & hits["flow"].isin(flows["flow"])
    ]
    probes, kinds = _sets(hits, "probe"), _sets(hits, "kind")
    read = pd.DataFrame(
        {
            "run": flows["run"],
            "host": flows["host"],
            "time": flows["started"],
            "bytes": flows["request_length"].astype("Float64"),
            "read": True,
            "flow": flows["flow"],
            "probes": [probes.get(flow, frozenset()) for flow in flows["flow"]],
            "kinds": [kinds.get(flow, frozenset()) for flow in flows["flow"]],
        }
    )
    shut = case.connections
    shut = shut[shut["run"].isin(decided) & ~shut["outcome"].isin(["read", "not-reached"])]
    unread = pd.DataFrame(
        {
            "run": shut["run"],
            "host": shut["host"].where(shut["host"].notna(), shut["dest_ip"]),
            "time": shut["opened"],
            "bytes": shut["bytes_out"].astype("Float64"),
            "read": False,
            "flow": None,
            "probes": [frozenset()] * len(shut),
            "kinds": [frozenset()] * len(shut),
        }
    )
    rows = pd.concat([part for part in (read, unread) if len(part)] or [read], ignore_index=True)
    rows["phase"] = [decided[run].phase(at) for run, at in zip(rows["run"], rows["time"], strict=True)]
    rows["after"] = [at - decided[run].at for run, at in zip(rows["run"], rows["time"], strict=True)]
    order = ["run", "time", "host", "flow"]
    return rows.sort_values(order, kind="stable", na_position="last").reset_index(drop=True)

"""The frames of a case as a page may show them: case, mask and finding in, small ordered tables out.

Everything that was captured passes the mask here, before it is cut, counted or drawn. Tiers stay apart everywhere:
an exact sighting and a guess are never one number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from promptrail.case import Case
from promptrail.findings import FINDINGS
from promptrail.findings.ledger import NOT_A_LOSS, shown
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import chosen_runs
from promptrail.findings.prompt.finding import ID as PROMPT_TO_HOST
from promptrail.findings.prompt.words import CONTENT
from promptrail.findings.words import either
from promptrail.language import mark, say
from promptrail.model import Direction, Finding

MAKER, OTHER, UNKNOWN = mark("the app's maker"), mark("another company"), mark("not known who")
COLOURS = {MAKER: "#2f6db5", OTHER: "#c8560c", UNKNOWN: "#767676"}
"""Colour says one thing: who stands behind a host. These three survive grey print and colour-blind eyes."""

TIERS = ("exact", "normalised", "reassembled", "partial", "digest", "obfuscated")
SCOPES = {
    "exact": "whole",
    "normalised": "whole",
    "reassembled": "whole",
    "partial": "part",
    "digest": "digest",
    "obfuscated": "guess",
}
PLURAL = {
    "prompt": mark("prompts"),
    "draft": mark("drafts"),
    "file-name": mark("file names"),
    "identifier": mark("identifiers"),
    "email": mark("e-mail addresses"),
    "phone": mark("phone numbers"),
}
"""Kinds of probe in the order of the page."""

QUESTIONS = ("domain_owner", "service_operator", "network_operator", "address_country")


@dataclass(frozen=True, slots=True)
class Host:
    """One host: what was said about it, and how much of its traffic could be read."""

    host: str
    answers: dict[str, list[dict[str, object]]]
    """By question: the rows of the frame `recipients`, the case's own first."""
    holder: str
    reading: str
    """all, part or none of its traffic was read."""
    flows: int

    def best(self, question: str) -> str | None:
        """The answer to a question, or all of several; None: nobody said."""
        told = dict.fromkeys(str(r["answer"]) for r in self.answers.get(question, []) if known(r["answer"]))
        return either(told) or None


@dataclass
class View:
    """A case behind its mask."""

    case: Case
    mask: Mask
    finding: Finding

    @cached_property
    def runs(self) -> list[str]:
        """The runs that the finding speaks about, in order of their start; `run_names` where it chose among them."""
        frame = self.case.runs.sort_values(["started", "run"], kind="stable")
        named = self.finding.facts.get("run_names")
        if isinstance(named, list):
            return [str(run) for run in frame["run"] if run in named]
        return chosen_runs(
            frame, str(self.finding.parameters.get("run", "")), self._stated("NOT_THE_APP", ())
        )

    def _stated(self, name: str, otherwise: Any) -> Any:
        """What the finding's own module states for its page (see findings/__init__.py)."""
        return getattr(FINDINGS.get(self.finding.notebook), name, otherwise)

    @property
    def show_values(self) -> bool:
        """Whether personal values stand in full; credentials never do."""
        return bool(self.finding.parameters.get("show_values"))

    @property
    def about_content(self) -> bool:
        """Whether the finding is about what was typed; else identifiers are shown too."""
        return self.finding.id == PROMPT_TO_HOST

    @cached_property
    def sightings(self) -> pd.DataFrame:
        """What was found in requests of these runs, without decoys, in order of run, time and id."""
        frame = self._seen("request")
        if self._stated("ONLY_EVIDENCE", False):
            frame = frame[frame["id"].isin({row.get("sighting") for row in self.finding.evidence})]
            frame = frame.reset_index(drop=True)
        return frame

    @cached_property
    def answers(self) -> pd.DataFrame:
        """The same in what servers answered. ONLY_EVIDENCE does not narrow it: no finding rests on an answer with a
        value in it, so nothing would ever be left.
        """
        return self._seen("response")

    def _seen(self, direction: Direction) -> pd.DataFrame:
        frame = self.case.sightings
        asked = (
            frame["run"].isin(self.runs)
            & (frame["direction"] == direction)
            & frame["probe"].isin(self.probes["probe"])
        )
        frame = frame[asked & ~frame["decoy"].astype(bool)].copy()
        frame["host"] = [self.host_name(h) for h in frame["host"]]
        frame["tier"] = pd.Categorical(frame["tier"], categories=TIERS, ordered=True)
        frame["order"] = [self.runs.index(r) for r in frame["run"]]
        return (
            frame.sort_values(["order", "at", "id"], kind="stable")
            .drop(columns="order")
            .reset_index(drop=True)
        )

    @cached_property
    def probes(self) -> pd.DataFrame:
        """The probes that the finding is about, without decoys, in order of kind and id."""
        frame = self.case.probes
        frame = frame[~frame["decoy"].astype(bool)].copy()
        if self.about_content:
            frame = frame[frame["kind"].isin(CONTENT)]
        if probe := self.finding.parameters.get("probe"):
            frame = frame[frame["probe"] == probe]
        frame["rank"] = [list(PLURAL).index(k) if k in PLURAL else 99 for k in frame["kind"]]
        return frame.sort_values(["rank", "probe"], kind="stable").drop(columns="rank").reset_index(drop=True)

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds of the declared probes, in page order."""
        return list(dict.fromkeys(self.probes["kind"]))

    @cached_property
    def hosts(self) -> dict[str, Host]:
        """Every host seen: the maker's first, then other companies, then those nobody knows; by name within."""
        mine = self.case.flows[self.case.flows["run"].isin(self.runs)]
        flows = mine.groupby("host", dropna=True).size()
        connections = self.case.connections[self.case.connections["run"].isin(self.runs)]
        lost = {
            str(h)
            for h in connections.loc[~connections["outcome"].isin(["read", *NOT_A_LOSS]), "host"].dropna()
        }
        undecoded = self.case.undecoded
        asked = undecoded["run"].isin(self.runs) & (undecoded["direction"] == "request")
        lost |= {str(h) for h in undecoded.loc[asked, "host"].dropna()}
        names = {str(h) for h in flows.index} | {str(h) for h in connections["host"].dropna()}
        said: dict[str, dict[str, list[dict[str, object]]]] = {}
        for row in self.case.recipients.to_dict("records"):
            said.setdefault(str(row["host"]), {}).setdefault(str(row["question"]), []).append(
                {str(k): v for k, v in row.items()}
            )
        maker_stated = bool(self.case.recipients["own"].fillna(False).any())
        found = []
        for name in sorted(names):
            count = int(flows.get(name, 0))
            reading = "none" if not count else "part" if name in lost else "all"
            answers = said.get(name, {})
            found.append(Host(self.host_name(name), answers, _holder(answers, maker_stated), reading, count))
        order = list(COLOURS)
        return {h.host: h for h in sorted(found, key=lambda h: (order.index(h.holder), h.host))}

    def host_name(self, host: object) -> str:
        """A host as the page shows it; without one, words that say so."""
        return self.mask.text(shown(str(host))) if known(host) else say("(no host)")

    def holder(self, host: str) -> str:
        """Which of the three stands behind a host."""
        found = self.hosts.get(host)
        return found.holder if found else UNKNOWN

    def who(self, host: str) -> str:
        """Operator and country of the address, each as far as it is known."""
        operator, country = self.operator_and_country(host)
        return say("{operator}, address in {country}", operator=operator, country=country)

    def operator_and_country(self, host: str) -> tuple[str, str]:
        """Who runs a host and where its address lies; what nobody said, in words."""
        found = self.hosts.get(host)
        operator = found.best("service_operator") if found else None
        country = found.best("address_country") if found else None
        return operator or say("operator not known"), country or say("a country not known")

    @cached_property
    def starts(self) -> dict[str, float]:
        """By run, the time that its clock counts from: its start, else its first event or flow."""
        runs = self.case.runs.set_index("run")["started"].dropna().to_dict()
        for frame, column in ((self.case.events, "at"), (self.case.flows, "started")):
            for run, at in frame.groupby("run")[column].min().dropna().items():
                runs.setdefault(run, at)
        return {str(k): float(v) for k, v in runs.items()}


def known(value: object) -> bool:
    """Whether a cell of a frame holds something."""
    return value is not None and value is not pd.NA and value == value and value != ""


def way(part: str, chain: Iterable[str]) -> str:
    """How a value was wrapped, in words: the part of the message, then each layer once from the outside in."""
    steps: list[str] = []
    for step in chain:
        if not steps or steps[-1] != step:
            steps.append(str(step))
    return f"{say(part)}: {' › '.join(steps)}" if steps else say("{part}, as typed", part=say(part))


def count_tiers(frame: pd.DataFrame) -> str:
    """`12 exact, 3 digest`: each tier by itself, never their sum."""
    counts = frame["tier"].value_counts()
    return ", ".join(say("{n} {tier}", n=int(counts[t]), tier=say(t)) for t in TIERS if counts.get(t, 0))


def _holder(answers: dict[str, list[dict[str, object]]], maker_stated: bool) -> str:
    """An unknown operator is never taken for the app's maker, whoever owns the domain; and a known one is another
    company only where somebody said so, or said which hosts are the maker's."""
    for row in answers.get("service_operator", []):
        if known(row["answer"]):
            if known(row.get("own")):
                return MAKER if bool(row["own"]) else OTHER
            return OTHER if maker_stated else UNKNOWN
    return UNKNOWN

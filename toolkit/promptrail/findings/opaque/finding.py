"""Question 10: what do the sizes of channels that could not be read say about the prompt?

The claim under test: what a host besides the first party's was sent depends on the content of the prompt. Volume that
follows its length is not enough; a control that failed, padding and irregular traffic give "cannot tell".
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from promptrail.case import Case
from promptrail.findings.cited import cited_rows
from promptrail.findings.ledger import Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.opaque import answer
from promptrail.findings.opaque.cited import cited
from promptrail.findings.opaque.controls import Checks, controls
from promptrail.findings.opaque.counted import uncounted
from promptrail.findings.opaque.fields import studied as studied_fields
from promptrail.findings.opaque.licence import licence, objections
from promptrail.findings.opaque.operators import added, named, operators
from promptrail.findings.opaque.plans import KINDS as PLANS
from promptrail.findings.opaque.plans import Followed, Plans, chosen, first_party, plans_of
from promptrail.findings.opaque.series import series
from promptrail.findings.opaque.words import ABSENT, CONTENT, CONTROL, KINDS, TRACE, Told, kind, sentences
from promptrail.findings.parameters import CASE, SHOW_VALUES, Parameter
from promptrail.findings.stating import Asked, state
from promptrail.infer import response
from promptrail.infer.decide import Experiment, analyse
from promptrail.infer.doses import doses
from promptrail.infer.response import Recorded
from promptrail.infer.verdicts import HostVerdict
from promptrail.language import mark
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "opaque-channels", "1", "10-opaque-channels"
QUESTION = mark("What do the sizes of what {app} sent, where it could not be read, say about the prompt?")
PLAN = Parameter(
    "plan",
    str,
    "",
    "first letters of a plan's digest, several with commas; empty: the only one that was followed",
)
PARAMETERS = [CASE, PLAN, SHOW_VALUES]
DRAWN = 6
"""Hosts that the figures show; the tables have all."""


class Row(NamedTuple):
    """One host of the experiment, or the hosts of one operator together; the name is masked."""

    host: str
    kind: str
    own: bool
    """The first party's."""
    members: list[str]
    """The host, or the hosts that are added up in it."""
    verdict: HostVerdict
    licensed: str
    not_licensed: str


class Studied(NamedTuple):
    """What the finding rests on."""

    plans: Plans
    dose: Followed | None
    contrast: Followed | None
    differential: Followed | None
    recorded: Recorded | None
    experiment: Experiment | None
    told: Told
    rows: list[Row]
    """In the order of `KINDS`, then by p, then by host."""
    fields: dict[str, Any] | None
    uncounted: list[str]
    book: Ledger

    def those(self, *kinds: str) -> list[Row]:
        """Of others than the first party; an operator's sum only where none of its hosts says the same."""
        alone = {(row.members[0], row.kind) for row in self.rows if len(row.members) == 1}
        return [
            row
            for row in self.others()
            if row.kind in kinds
            and (len(row.members) == 1 or not any((host, row.kind) in alone for host in row.members))
        ]

    def others(self) -> list[Row]:
        return [row for row in self.rows if not row.own]

    def fields_elsewhere(self) -> list[dict[str, Any]]:
        """Decoded fields that follow the input, in requests to others; none where the inputs differed in length."""
        about = self.fields
        if about is None or len(about["lengths"]) != 1:
            return []
        return [row for row in about["rows"] if row["outcome"] == "supported" and not row["own"]]

    def runs(self) -> list[str]:
        used = (self.dose, self.contrast, self.differential)
        return sorted({run for one in used if one is not None for run in one.runs})


def find(case: Case, *, plan: str = "", show_values: bool = False) -> Finding:
    """The finding; without a plan that was followed it names the command that draws one."""
    mask = Mask(case.declared_probes, show_values)
    plans = plans_of(case)
    dose, contrast, differential = (chosen(plans, kind, plan) for kind in PLANS)
    used = [one for one in (dose, contrast, differential) if one is not None]
    recorded, second = _observed(case, dose), _observed(case, contrast)
    groups: dict[str, tuple[str, ...]] = {}
    if dose is not None and recorded is not None:
        groups = operators(case, recorded, dose.plan.positive)
        recorded, second = added(recorded, groups), added(second, groups) if second is not None else None
    experiment = _analysed(dose, recorded, contrast, second)
    fields = studied_fields(case, differential, mask) if differential is not None else None
    checks = controls(case, plans, used, experiment, contrast, second, fields)
    told = _told(dose, recorded, contrast, experiment, checks)
    runs = sorted({run for one in used for run in one.runs})
    studied = Studied(
        plans,
        dose,
        contrast,
        differential,
        recorded,
        experiment,
        told,
        _rows(experiment, groups, told, mask),
        fields,
        uncounted(case, [run for one in (dose, contrast) if one is not None for run in one.runs]),
        ledger(case, runs),
    )
    verdict = _verdict(case, studied, checks.all)
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        mask,
        verdict=verdict,
        grade=_grade(case, studied) if verdict == "supported" else None,
        sentence=answer.sentence(case, studied, verdict, checks.all),
        licence=licence(case, studied, verdict),
        evidence=cited_rows(case, cited(studied, studied.those(CONTENT)), mask),
        controls=checks.all,
        unseen=studied.book.as_rows(),
        objections=objections(studied, checks.all),
        parameters={"plan": plan, "show_values": show_values},
        facts=_facts(studied, mask),
    )


def _observed(case: Case, followed: Followed | None) -> Recorded | None:
    if followed is None:
        return None
    gap = min(response.GAP, followed.plan.seconds / 6)  # the lab's slots are short
    return response.observe(followed.plan, case.events, case.bursts, case.runs, gap=gap)


def _analysed(
    dose: Followed | None, recorded: Recorded | None, contrast: Followed | None, second: Recorded | None
) -> Experiment | None:
    if dose is None or recorded is None:
        return None
    stage2 = (contrast.plan, second) if contrast is not None and second is not None else None
    return analyse(dose.plan, recorded, stage2)


def _told(
    dose: Followed | None,
    recorded: Recorded | None,
    contrast: Followed | None,
    experiment: Experiment | None,
    checks: Checks,
) -> Told:
    if dose is None or recorded is None or experiment is None:
        return Told(0, 0, 0.01, failed=checks.failed)
    return Told(
        doses(dose.plan, recorded).count,
        experiment.family,
        dose.plan.alpha,
        contrast.plan.alpha if contrast else 0.01,
        checks.failed,
        checks.voided,
    )


def _rows(
    experiment: Experiment | None, groups: Mapping[str, tuple[str, ...]], told: Told, mask: Mask
) -> list[Row]:
    if experiment is None:
        return []
    control = experiment.positive.host if experiment.positive else None
    found = []
    for verdict in experiment.hosts:
        what, name = kind(verdict, told, verdict.host == control), mask.text(named(verdict.host))
        own = first_party(verdict.host, experiment.plan.positive)
        members = [mask.text(host) for host in groups.get(verdict.host, (verdict.host,))]
        found.append(Row(name, what, own, members, verdict, *sentences(name, verdict, what, told)))
    return sorted(found, key=lambda row: (not row.own, KINDS.index(row.kind), row.verdict.p, row.members))


def _verdict(case: Case, studied: Studied, checks: list[Control]) -> str:
    """What a failed control voids is no `CONTENT` any more; absence needs that none failed and all was counted."""
    if answer.without(case, studied) or studied.told.failed:
        return "cannot tell"
    if studied.those(CONTENT) or studied.fields_elsewhere():
        return "supported"
    settled = studied.experiment is not None and all(row.kind in (TRACE, ABSENT) for row in studied.others())
    whole = not studied.uncounted and all(check.result != "fail" for check in checks)
    return "not observed" if settled and whole else "cannot tell"


def _grade(case: Case, studied: Studied) -> str:
    """Volume alone is contact and an inference: E1, or E2 where each exchange was decrypted and its body not decoded.

    Decoded fields alone are E3; beside a volume the lower grade stands for the answer. p is not a grade.
    """
    content = {host for row in studied.those(CONTENT) for host in row.members}
    read = case.flows[case.flows["run"].isin(studied.runs())]["host"].dropna()
    return "E3" if not content else "E2" if content <= set(read) else "E1"


def _facts(studied: Studied, mask: Mask) -> dict[str, Any]:
    dose, recorded = studied.dose, studied.recorded
    about = None
    if dose is not None and recorded is not None and studied.experiment is not None:
        about = {
            "digest": dose.digest,
            "seed": dose.plan.seed,
            "runs": list(dose.runs),
            "prompts": studied.told.prompts,
            "controls": len(recorded.slots(dose.plan, "control")),
            "drafts": len(recorded.slots(dose.plan, "draft")),
            "family": studied.experiment.family,
            "alpha": dose.plan.alpha,
            "draws": studied.experiment.draws,
            "positive": mask.text(dose.plan.positive),
        }
    return {
        "runs": len(studied.runs()),
        "run_names": studied.runs(),
        "hosts": sum(len(row.members) == 1 for row in studied.rows),
        "plan": about,
        "volumes": [_volume(row) for row in studied.rows],
        "series": _series(studied),
        "fields": studied.fields,
        "uncounted": [mask.text(words) for words in studied.uncounted],
        **studied.book.facts(),
    }


def _volume(row: Row) -> dict[str, Any]:
    v = row.verdict
    return {
        "host": row.host,
        "kind": row.kind,
        "own": row.own,
        "members": row.members,
        "outcome": v.outcome,
        "why": v.why,
        "p": v.p,
        "p_adjusted": v.p_adjusted,
        "slope": v.slope,
        "slope_low": v.slope_low,
        "slope_high": v.slope_high,
        "cap": v.cap,
        "carriers": v.carriers,
        "eligible": v.eligible,
        "share_low": v.share_low,
        "share_high": v.share_high,
        "ceiling": v.ceiling,
        "bytes": v.bytes,
        "excluded": list(v.excluded),
        "detectable": v.detectable,
        "stage2": v.stage2,
        "p_stage2": v.p_stage2,
        "drafts": v.drafts,
        "licensed": row.licensed,
        "not_licensed": row.not_licensed,
    }


def _series(studied: Studied) -> list[dict[str, Any]]:
    """Of the hosts that are drawn: the positive control, then in the order of the rows."""
    if studied.dose is None or studied.recorded is None:
        return []
    plan, recorded = studied.dose.plan, studied.recorded
    first = [*(row for row in studied.rows if row.kind == CONTROL), *studied.others()][:DRAWN]
    return [
        {"host": row.host, "kind": row.kind, "members": row.members}
        | series(plan, recorded, row.verdict.host, row.verdict.p)
        for row in first
        if studied.told.prompts
    ]

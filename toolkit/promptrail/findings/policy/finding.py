"""Question 04: does the privacy policy declare what was seen to be sent, and to whom?

The claim under test: data went to somebody that the policy does not clearly declare. A pair of data and recipient that
every annotator finds omitted or denied supports it; broad, contradictory and disputed words support nothing. What must
be declared is a question of law, which is never answered here.
"""

from typing import NamedTuple

from promptrail.case import Case
from promptrail.findings.ledger import Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import ASIDE, CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.policy import words
from promptrail.findings.policy.checklist import CHECKLIST
from promptrail.findings.policy.checklist import choose as choose_checklist
from promptrail.findings.policy.classes import CLEAR, UNDECLARED, Judged, judge, together
from promptrail.findings.policy.controls import NEEDED, NEEDED_IF_TYPED, checks
from promptrail.findings.policy.declared import Declared, declared
from promptrail.findings.policy.documents import POLICY, Chosen, choose
from promptrail.findings.policy.facts import facts
from promptrail.findings.policy.pairs import Pair, Seen, observed
from promptrail.findings.stating import Asked, state
from promptrail.findings.words import evidence_rows
from promptrail.language import mark
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "policy", "1", "04-policy"
QUESTION = mark("Does the privacy policy of {app} declare what was seen to be sent, and to whom?")
PARAMETERS = [CASE, RUN, POLICY, CHECKLIST, SHOW_VALUES]
NOT_THE_APP = ASIDE
ONLY_EVIDENCE = True
REPLICATED = 3
TYPED = ("prompts", "drafts")


class Studied(NamedTuple):
    """What the finding rests on."""

    chosen: Chosen
    runs: list[str]
    """Those that the policy governs; without one, all that were chosen."""
    seen: Seen
    judged: dict[int, list[Judged]]
    """By place in the list of pairs: what each annotator's statements say; empty without a policy."""
    declared: list[Declared]
    checks: list[Control]
    book: Ledger

    @property
    def pairs(self) -> list[Pair]:
        """Those that rest on a declared value."""
        return [pair for pair in self.seen.pairs if pair.decides]

    def klass(self, n: int) -> str | None:
        """The class of the n-th pair by all annotators."""
        return together(one.klass for one in self.judged[n]) if self.judged.get(n) else None

    def of(self, name: str) -> list[Pair]:
        """The pairs that rest on a declared value and have this class."""
        return [p for n, p in enumerate(self.seen.pairs) if p.decides and self.klass(n) == name]

    def undeclared(self) -> list[Pair]:
        """Those that every annotator finds omitted or denied, be it one of the two."""
        return [p for n, p in enumerate(self.seen.pairs) if p.decides and self.klass(n) in UNDECLARED]

    @property
    def readings(self) -> list[list[str]]:
        """By annotator: the class of each pair that rests on a declared value."""
        decided = [self.judged[n] for n, p in enumerate(self.seen.pairs) if p.decides and n in self.judged]
        return [
            list(classes) for classes in zip(*([one.klass for one in row] for row in decided), strict=True)
        ]

    def loose(self) -> list[Pair]:
        """Those that rest on less than a declared value and are not clearly declared."""
        return [p for n, p in enumerate(self.seen.pairs) if not p.decides and self.klass(n) != CLEAR]


def find(
    case: Case, *, run: str = "", policy: str = "", checklist: str = "pipa", show_values: bool = False
) -> Finding:
    """The finding; annotations lie in the case's `policies/` (see `policy_annotation`)."""
    items = choose_checklist(checklist)
    runs = chosen_runs(case.runs, run, NOT_THE_APP)
    studied = study(case, runs, policy)
    verdict = _verdict(studied)
    mask = Mask(case.declared_probes, show_values)
    decisive = studied.undeclared() or studied.pairs
    hits = studied.seen.hits
    hits = hits[hits["id"].isin({sighting for pair in decisive for sighting in pair.sightings})]
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        mask,
        verdict=verdict,
        grade=None if verdict == "cannot tell" else _grade(decisive, studied.checks),
        sentence=words.sentence(case, studied, verdict),
        licence=words.licence(case, studied, verdict),
        evidence=evidence_rows(hits, mask),
        controls=studied.checks,
        unseen=studied.book.as_rows(),
        objections=words.objections(studied, studied.checks),
        parameters={"run": run, "policy": policy, "checklist": checklist, "show_values": show_values},
        facts=facts(case, studied, items),
    )


def study(case: Case, runs: list[str], policy: str = "") -> Studied:
    """Everything of these runs; without a policy that governs them the pairs stand alone."""
    chosen = choose(case, runs, policy)
    mine = chosen.runs or runs
    about = chosen.document.about if chosen.document else None
    seen = observed(case, mine, about.company if about else None)
    readers = chosen.document.annotations if chosen.document and chosen.runs else ()
    judged = {n: [judge(reader, pair) for reader in readers] for n, pair in enumerate(seen.pairs) if readers}
    book = ledger(case, mine)
    studied = Studied(chosen, mine, seen, judged, declared(case, mine, readers, seen, book), [], book)
    return studied._replace(checks=checks(case, runs, chosen, studied.readings))


def _verdict(studied: Studied) -> str:
    """Broad, contradictory and disputed words decide nothing; "contradicted" needs everything read and clear."""
    if not studied.chosen.runs or any(check.result == "fail" for check in studied.checks):
        return "cannot tell"
    if studied.undeclared():
        return "supported"
    clear = bool(studied.pairs) and len(studied.of(CLEAR)) == len(studied.pairs) and not studied.loose()
    return "contradicted" if clear and studied.book.allows_absence else "cannot tell"


def _grade(pairs: list[Pair], controls: list[Control]) -> str:
    """E3: declared values in requests; E4 with the controls; E5 if a pair was seen in three runs."""
    held = {check.control: check.result for check in controls}
    typed = any(pair.data in TYPED for pair in pairs)
    if any(held[name] != "pass" for name in (*NEEDED, *(NEEDED_IF_TYPED if typed else ()))):
        return "E3"
    return "E5" if max(len(pair.runs) for pair in pairs) >= REPLICATED else "E4"

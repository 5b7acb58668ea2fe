"""The control "Decoys", for every finding: how many values that nobody typed or holds were found all the same."""

from collections.abc import Collection

from promptrail.case import Case
from promptrail.findings.words import upper_bound
from promptrail.language import mark, say
from promptrail.model import Control


def facts(case: Case, runs: Collection[str], kinds: Collection[str] | None = None) -> dict[str, int]:
    """For the facts of a finding; nothing where no decoy was searched for."""
    met, count = _matched(case, runs, kinds)
    return {"decoys": count, "decoys_matched": met} if count else {}


def _matched(case: Case, runs: Collection[str], kinds: Collection[str] | None) -> tuple[int, int]:
    """(decoys found in these runs, decoys searched for); `kinds`: only decoys of probes of these kinds."""
    searched = case.probes[case.probes["decoy"].astype(bool)]
    met = case.sightings[case.sightings["run"].isin(list(runs)) & case.sightings["decoy"].astype(bool)]
    if kinds is not None:
        searched = searched[searched["kind"].isin(list(kinds))]
        met = met[met["kind"].isin(list(kinds))]
    return int(met["probe"].nunique()), len(searched)


def decoys(case: Case, runs: Collection[str], kinds: Collection[str] | None = None) -> Control:
    """None of n is never "0 %": the control tells the bound that it proves (exact binomial; about 3/n)."""
    met, count = _matched(case, runs, kinds)
    told = say("{found} of {all}", found=met, all=count)
    if count and not met:
        told = say(
            "{found} of {all} (so at most {share:.1f} % would match, 95 % confidence)",
            found=met,
            all=count,
            share=upper_bound(count),
        )
    return Control(
        mark("Decoys"),
        say("do we find what is not there?"),
        say("0 of {all} values of the same shape, never typed or held, match", all=count),
        told,
        "not run" if not count else "fail" if met else "pass",
    )

"""Question 00: what does this case hold, and was every capture read whole?"""

from promptrail.case import Case
from promptrail.findings.ledger import ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.stating import Asked, state
from promptrail.language import mark, say, say_n
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "captures", "1", "00-start-here"
QUESTION = mark("What does this case hold, and was every capture read whole?")
PARAMETERS = [CASE, RUN, SHOW_VALUES]


def find(case: Case, *, run: str = "", show_values: bool = False) -> Finding:
    """The finding; the claim under test is that every capture was read whole."""
    runs = chosen_runs(case.runs, run)
    flows = case.flows[case.flows["run"].isin(runs)]
    hosts = int(flows["host"].nunique())
    lost = case.problems[case.problems["run"].isin(runs) & (case.problems["severity"] == "lost")]
    broken = int(lost["run"].nunique())
    book = ledger(case, runs)
    held = {
        "runs": say_n("{n} run", "{n} runs", len(runs)),
        "flows": say_n("{n:,} flow", "{n:,} flows", len(flows)),
        "hosts": say_n("{n} host", "{n} hosts", hosts),
    }
    if not runs:
        sentence = say(
            "The case holds no capture yet. `promptrail import {case} FILE` adds one.", case=case.path.name
        )
    elif broken:
        sentence = say(
            "{runs} with {flows} to {hosts}; {broken} could not be read whole.", **held, broken=broken
        )
    else:
        sentence = say("{runs} with {flows} to {hosts}; every capture was read whole.", **held)
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        Mask(case.declared_probes, show_values),
        sentence=sentence,
        verdict="cannot tell" if not runs else "contradicted" if broken else "supported",
        grade=None,
        licence=(
            say("The files named in this page were read as described in it.")
            if runs
            else say("Nothing was recorded yet."),
            say("Anything about what the app sent: the other notebooks answer that."),
        ),
        evidence=[],
        controls=[
            Control(
                mark("Whole captures"),
                say("was anything cut off?"),
                say("no capture is cut short or changed"),
                say("{found} of {all}", found=len(runs) - broken, all=len(runs)),
                "not run" if not runs else "fail" if broken else "pass",
            )
        ],
        unseen=book.as_rows(),
        objections=[],
        parameters={"run": run, "show_values": show_values},
        facts={
            "runs": len(runs),
            "flows": len(flows),
            "hosts": hosts,
            "examiner": case.examiner,
            "basis": case.basis,
            "app": case.app,
            "device": case.device,
            **book.facts(),
        },
    )

"""Question 00: what does this case hold, and was every capture read whole?"""

from promptrail.case import Case
from promptrail.findings.ledger import ledger
from promptrail.findings.parameters import CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.words import counted
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "captures", "1", "00-start-here"
QUESTION = "What does this case hold, and was every capture read whole?"
PARAMETERS = [CASE, RUN, SHOW_VALUES]


def find(case: Case, *, run: str = "", show_values: bool = False) -> Finding:
    """The finding; the claim under test is that every capture was read whole."""
    runs = chosen_runs(case.runs, run)
    flows = case.flows[case.flows["run"].isin(runs)]
    hosts = int(flows["host"].nunique())
    lost = case.problems[case.problems["run"].isin(runs) & (case.problems["severity"] == "lost")]
    broken = int(lost["run"].nunique())
    book = ledger(case, runs)
    end = f"{broken} could not be read whole" if broken else "every capture was read whole"
    sentence = (
        f"{len(runs)} {counted(len(runs), 'run')} with {len(flows):,} {counted(len(flows), 'flow')} "
        f"to {hosts} {counted(hosts, 'host')}; {end}."
    )
    if not runs:
        sentence = f"The case holds no capture yet. `promptrail import {case.path.name} FILE` adds one."
    return Finding(
        id=ID,
        version=VERSION,
        notebook=NOTEBOOK,
        question=QUESTION,
        sentence=sentence,
        verdict="cannot tell" if not runs else "contradicted" if broken else "supported",
        grade=None,
        simulated=case.simulated,
        licensed="The files named in this page were read as described in it."
        if runs
        else "Nothing was recorded yet.",
        not_licensed="Anything about what the app sent: the other notebooks answer that.",
        evidence=[],
        controls=[
            Control(
                "Whole captures",
                "was anything cut off?",
                "no capture is cut short or changed",
                f"{len(runs) - broken} of {len(runs)}",
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

"""Question 09: how much of what the app sent could not be read, and may a negative finding be made from this case?"""

from promptrail.case import Case
from promptrail.findings.ledger import NOT_A_LOSS, ledger
from promptrail.findings.parameters import CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.words import counted, listed
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "unseen", "1", "09-unseen"
QUESTION = "Could everything that {app} sent be read?"
PARAMETERS = [CASE, RUN, SHOW_VALUES]


def find(case: Case, *, run: str = "", show_values: bool = False) -> Finding:
    """The finding; the claim under test is that everything that was sent was read."""
    runs = chosen_runs(case.runs, run, ("C3",))
    book = ledger(case, runs)
    app = case.app["name"] if case.app["name"] != "not stated" else "the app"
    losses = [row for row in book.rows if row.reason not in NOT_A_LOSS]
    verdict = "supported" if book.allows_absence else "contradicted" if losses or book.lost else "cannot tell"
    hosts = book.hosts()
    if not book.read and not losses:
        sentence = "Nothing that was sent is in these captures, so there is nothing to say about it."
    elif book.allows_absence:
        sentence = f"All {book.read:,} bytes that were seen to be sent were read."
    else:
        sentence = (
            f"Not everything could be read: {book.figure()}"
            + (f", at {listed(hosts)}" if hosts else "")
            + "."
        )
    first = [p for p in case.declared_probes if p.kind == "prompt"]
    need = sum(len(p.text.encode("utf-8", "surrogatepass")) for p in first)
    return Finding(
        id=ID, version=VERSION, notebook=NOTEBOOK, question=QUESTION.format(app=app), sentence=sentence, verdict=verdict,
        grade=None, simulated=case.simulated,
        licensed=(
            "What these captures do not show was, as far as they reach, not sent in the recorded runs."
            if book.allows_absence
            else f"In {len(runs)} recorded {counted(len(runs), 'run')}, this could not be read: {book.figure()}."
        ),
        not_licensed=(
            "“The app never sends it”: a capture speaks about its own runs only."
            if book.allows_absence
            else "“It was not sent”, about anything: what was not found may be in what was not read."
        ),
        evidence=[], unseen=book.as_rows(), controls=[_whole(case, runs), _accounted(case, runs)],
        objections=[
            {"objection": "“Traffic can bypass a proxy.”", "answer": "This ledger counts what reached the recorder.", "left": "What went past the recorder is not counted here; a packet capture beside it would show it."},
        ],
        parameters={"run": run, "show_values": show_values},
        facts={
            "read": book.read, "unread": book.unread, **book.facts(), "lost": book.lost, "negative_allowed": book.allows_absence, "prompts_need": need, "runs": len(runs),
        },
    )  # fmt: skip


def _whole(case: Case, runs: list[str]) -> Control:
    part = case.runs[case.runs["run"].isin(runs)]
    whole = int(part["complete"].astype(bool).sum())
    return Control("Whole captures", "was anything cut off?", "every capture was closed and its hashes hold", f"{whole} of {len(part)}",
                   "not run" if not len(part) else "pass" if whole == len(part) else "fail")  # fmt: skip


def _accounted(case: Case, runs: list[str]) -> Control:
    """Each flow belongs to a connection that was seen: the two books agree."""
    flows = case.flows[case.flows["run"].isin(runs) & case.flows["connection"].notna()]
    known = set(case.connections["connection"])
    lost = int((~flows["connection"].isin(known)).sum())
    return Control("Books agree", "is any flow without a connection?", "every flow belongs to a connection that was seen", f"{len(flows) - lost} of {len(flows)}",
                   "not run" if not len(flows) else "pass" if not lost else "fail")  # fmt: skip

"""Question 09: how much of what the app sent could not be read, and may a negative finding be made from this case?"""

from promptrail.case import Case
from promptrail.findings.ledger import NOT_A_LOSS, Ledger, ledger
from promptrail.findings.parameters import CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.words import app, counted, listed
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "unseen", "1", "09-unseen"
QUESTION = "Could everything that {app} sent be read?"
PARAMETERS = [CASE, RUN, SHOW_VALUES]


def find(case: Case, *, run: str = "", show_values: bool = False) -> Finding:
    """The finding; the claim under test is that everything that was sent was read."""
    runs = chosen_runs(case.runs, run, ("C3",))
    book = ledger(case, runs)
    losses = [row for row in book.rows if row.reason not in NOT_A_LOSS]
    whole = book.allows_absence
    if whole:
        licensed = "What these captures do not show was, as far as they reach, not sent in the recorded runs."
        forbidden = "“The app never sends it”: a capture speaks about its own runs only."
    else:
        licensed = (
            f"In {len(runs)} recorded {counted(len(runs), 'run')}, this could not be read: {book.figure()}."
        )
        forbidden = "“It was not sent”, about anything: what was not found may be in what was not read."
    return Finding(
        id=ID,
        version=VERSION,
        notebook=NOTEBOOK,
        question=QUESTION.format(app=app(case)),
        sentence=_sentence(book, bool(losses)),
        verdict="supported" if whole else "contradicted" if losses or book.lost else "cannot tell",
        grade=None,
        simulated=case.simulated,
        licensed=licensed,
        not_licensed=forbidden,
        evidence=[],
        controls=[_whole(case, runs), _accounted(case, runs)],
        unseen=book.as_rows(),
        objections=[
            {
                "objection": "“Traffic can bypass a proxy.”",
                "answer": "This ledger counts what reached the recorder.",
                "left": "What went past it is not counted here; a packet capture beside it would show it.",
            }
        ],
        parameters={"run": run, "show_values": show_values},
        facts={
            "runs": len(runs),
            "read": book.read,
            "unread": book.unread,
            "lost": book.lost,
            "negative_allowed": whole,
            "prompts_need": _need(case),
            **book.facts(),
        },
    )


def _need(case: Case) -> int:
    """Bytes that all prompts take, written plainly: what an unread part would have to hold."""
    return sum(
        len(p.text.encode("utf-8", "surrogatepass")) for p in case.declared_probes if p.kind == "prompt"
    )


def _sentence(book: Ledger, losses: bool) -> str:
    if not book.read and not losses:
        return "Nothing that was sent is in these captures, so there is nothing to say about it."
    if book.allows_absence:
        return f"All {book.read:,} bytes that were seen to be sent were read."
    hosts = book.hosts()
    return f"Not everything could be read: {book.figure()}{f', at {listed(hosts)}' if hosts else ''}."


def _whole(case: Case, runs: list[str]) -> Control:
    part = case.runs[case.runs["run"].isin(runs)]
    whole = int(part["complete"].astype(bool).sum())
    return Control(
        "Whole captures",
        "was anything cut off?",
        "every capture was closed and its hashes hold",
        f"{whole} of {len(part)}",
        "not run" if not len(part) else "pass" if whole == len(part) else "fail",
    )


def _accounted(case: Case, runs: list[str]) -> Control:
    """Each flow belongs to a connection that was seen: the two books agree."""
    flows = case.flows[case.flows["run"].isin(runs) & case.flows["connection"].notna()]
    lost = int((~flows["connection"].isin(set(case.connections["connection"]))).sum())
    return Control(
        "Books agree",
        "is any flow without a connection?",
        "every flow belongs to a connection that was seen",
        f"{len(flows) - lost} of {len(flows)}",
        "not run" if not len(flows) else "pass" if not lost else "fail",
    )

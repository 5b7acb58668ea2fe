"""Question 09: how much of what the app sent could not be read, and may a negative finding be made from this case?"""

from promptrail import frames
from promptrail.case import Case
from promptrail.findings.cited import Cited, cited_rows
from promptrail.findings.ledger import NOT_A_LOSS, WORDS, Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import ASIDE, CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.wire import Book
from promptrail.findings.wire import book as connections
from promptrail.findings.words import app, counted, listed
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "unseen", "2", "09-unseen"
QUESTION = "Could everything that {app} sent be read?"
PARAMETERS = [CASE, RUN, SHOW_VALUES]
NOT_THE_APP = ASIDE


def find(case: Case, *, run: str = "", show_values: bool = False) -> Finding:
    """The finding; the claim under test is that everything that was sent was read."""
    runs = chosen_runs(case.runs, run, NOT_THE_APP)
    book, wire = ledger(case, runs), connections(case, runs)
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
        evidence=cited_rows(case, _unread(case, runs), Mask(case.declared_probes, show_values)),
        controls=[_whole(case, runs), _accounted(wire), _on_the_wire(wire)],
        unseen=book.as_rows(),
        objections=[
            {
                "objection": "“Traffic can bypass a proxy.”",
                "answer": _past(wire),
                "left": " ".join(wire.cannot_know) or "Nothing was recorded.",
            }
        ],
        parameters={"run": run, "show_values": show_values},
        facts={
            "runs": len(runs),
            "read": book.read,
            "unread": book.unread,
            "lost": book.lost,
            "negative_allowed": whole,
            "connections": wire.as_rows(),
            "cannot_know": wire.cannot_know,
            "prompts_need": _need(case),
            **book.facts(),
        },
    )


def _unread(case: Case, runs: list[str]) -> list[Cited]:
    """Every connection that could not be read."""
    shut = case.connections
    shut = shut[shut["run"].isin(runs) & ~shut["outcome"].isin(["read", *NOT_A_LOSS])]
    return [
        Cited(WORDS.get(row.outcome, row.outcome), row.run, row.host, f"connection {row.connection}")
        for row in frames.rows(shut)
    ]


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


def _accounted(wire: Book) -> Control:
    """Each flow belongs to a connection that was seen: the two books agree."""
    lost = wire.orphans
    return Control(
        "Books agree",
        "is any flow without a connection?",
        "every flow belongs to a connection that was seen",
        f"{wire.exchanges - lost} of {wire.exchanges}",
        "not run" if not wire.exchanges else "pass" if not lost else "fail",
    )


def _on_the_wire(wire: Book) -> Control:
    """Where packets were captured, they hold every connection that anyone saw."""
    lost = wire.not_on_the_wire
    return Control(
        "Packets beside",
        "do the packets hold every connection that the proxy and the hooks saw?",
        "every connection is on the wire, with its bytes",
        f"{wire.on_the_wire} {counted(wire.on_the_wire, 'connection')} on the wire"
        + (f"; not there: {listed(lost)}" if lost else ""),
        "not run" if not wire.captured else "fail" if lost else "pass",
    )


def _past(wire: Book) -> str:
    """What a packet capture says about traffic that went past the proxy."""
    if not wire.captured:
        return "This ledger counts what reached the recorder; no packets were captured beside it."
    past = sum(line.past_the_proxy for line in wire.lines)
    return (
        f"Packets were captured in {wire.captured} {counted(wire.captured, 'run')}: of {wire.on_the_wire} "
        f"{counted(wire.on_the_wire, 'connection')} on the wire, {past} went past the proxy."
    )

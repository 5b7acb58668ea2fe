"""Question 09: how much of what the app sent could not be read, and may a negative finding be made from this case?"""

from promptrail import frames
from promptrail.case import Case
from promptrail.findings.cited import Cited, cited_rows
from promptrail.findings.ledger import NOT_A_LOSS, WORDS, Ledger, ledger, shown
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import ASIDE, CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.stating import Asked, state
from promptrail.findings.wire import Book
from promptrail.findings.wire import book as connections
from promptrail.findings.words import listed
from promptrail.language import mark, say, say_n
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "unseen", "2", "09-unseen"
QUESTION = mark("Could everything that {app} sent be read?")
PARAMETERS = [CASE, RUN, SHOW_VALUES]
NOT_THE_APP = ASIDE


def find(case: Case, *, run: str = "", show_values: bool = False) -> Finding:
    """The finding; the claim under test is that everything that was sent was read."""
    runs = chosen_runs(case.runs, run, NOT_THE_APP)
    book, wire = ledger(case, runs), connections(case, runs)
    losses = [row for row in book.rows if row.reason not in NOT_A_LOSS]
    whole = book.allows_absence
    if whole:
        licensed = say(
            "What these captures do not show was, as far as they reach, not sent in the recorded runs."
        )
        forbidden = say("“The app never sends it”: a capture speaks about its own runs only.")
    else:
        licensed = say_n(
            "In {n} recorded run, this could not be read: {unread}.",
            "In {n} recorded runs, this could not be read: {unread}.",
            len(runs),
            unread=book.figure(),
        )
        forbidden = say("“It was not sent”, about anything: what was not found may be in what was not read.")
    mask = Mask(case.declared_probes, show_values)
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        mask,
        sentence=_sentence(book, bool(losses)),
        verdict="supported" if whole else "contradicted" if losses or book.lost else "cannot tell",
        grade=None,
        licence=(licensed, forbidden),
        evidence=cited_rows(case, _unread(case, runs), mask),
        controls=[_whole(case, runs), _accounted(wire), _on_the_wire(wire)],
        unseen=book.as_rows(),
        objections=[
            {
                "objection": say("“Traffic can bypass a proxy.”"),
                "answer": _past(wire),
                "left": " ".join(wire.cannot_know) or say("Nothing was recorded."),
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
        Cited(say(WORDS.get(row.outcome, row.outcome)), row.run, row.host, f"connection {row.connection}")
        for row in frames.rows(shut)
    ]


def _need(case: Case) -> int:
    """Bytes that all prompts take, written plainly: what an unread part would have to hold."""
    return sum(
        len(p.text.encode("utf-8", "surrogatepass")) for p in case.declared_probes if p.kind == "prompt"
    )


def _sentence(book: Ledger, losses: bool) -> str:
    if not book.read and not losses:
        return say("Nothing that was sent is in these captures, so there is nothing to say about it.")
    if book.allows_absence:
        return say("All {read:,} bytes that were seen to be sent were read.", read=book.read)
    if hosts := [shown(host) for host in book.hosts()]:
        return say(
            "Not everything could be read: {unread}, at {hosts}.", unread=book.figure(), hosts=listed(hosts)
        )
    return say("Not everything could be read: {unread}.", unread=book.figure())


def _whole(case: Case, runs: list[str]) -> Control:
    part = case.runs[case.runs["run"].isin(runs)]
    whole = int(part["complete"].astype(bool).sum())
    return Control(
        mark("Whole captures"),
        say("was anything cut off?"),
        say("every capture was closed and its hashes hold"),
        say("{found} of {all}", found=whole, all=len(part)),
        "not run" if not len(part) else "pass" if whole == len(part) else "fail",
    )


def _accounted(wire: Book) -> Control:
    """Each flow belongs to a connection that was seen: the two books agree."""
    lost = wire.orphans
    return Control(
        mark("Books agree"),
        say("is any flow without a connection?"),
        say("every flow belongs to a connection that was seen"),
        say("{found} of {all}", found=wire.exchanges - lost, all=wire.exchanges),
        "not run" if not wire.exchanges else "pass" if not lost else "fail",
    )


def _on_the_wire(wire: Book) -> Control:
    """Where packets were captured, they hold every connection that anyone saw."""
    lost = [shown(host) for host in wire.not_on_the_wire]
    told = say_n("{n} connection on the wire", "{n} connections on the wire", wire.on_the_wire)
    if lost:
        told = say("{connections}; not there: {hosts}", connections=told, hosts=listed(lost))
    return Control(
        mark("Packets beside"),
        say("do the packets hold every connection that the proxy and the hooks saw?"),
        say("every connection is on the wire, with its bytes"),
        told,
        "not run" if not wire.captured else "fail" if lost else "pass",
    )


def _past(wire: Book) -> str:
    """What a packet capture says about traffic that went past the proxy."""
    if not wire.captured:
        return say("This ledger counts what reached the recorder; no packets were captured beside it.")
    return say(
        "Packets were captured in {runs}: of {connections} on the wire, {past} went past the proxy.",
        runs=say_n("{n} run", "{n} runs", wire.captured),
        connections=say_n("{n} connection", "{n} connections", wire.on_the_wire),
        past=sum(line.past_the_proxy for line in wire.lines),
    )

"""What of the answers to some runs could not be read: the frames in, words out.

Beside the ledger, which counts what the app sent: a value that is not found in answers may stand in one of these.
"""

from promptrail.case import Case
from promptrail.findings.ledger import NOT_A_LOSS, ledger
from promptrail.language import say, say_n


def unread(case: Case, runs: list[str]) -> str:
    """The figure in words; empty where every answer that the captures of these runs list was read."""
    lost = case.undecoded[case.undecoded["run"].isin(runs) & (case.undecoded["direction"] == "response")]
    connections = case.connections[case.connections["run"].isin(runs)]
    shut = int((~connections["outcome"].isin(["read", *NOT_A_LOSS])).sum())
    book = ledger(case, runs)
    parts = []
    if n := len(lost):
        parts.append(say_n("{n:,} piece of an answer", "{n:,} pieces of answers", n))
    if shut:
        parts.append(
            say_n("whatever came back on {n:,} connection", "whatever came back on {n:,} connections", shut)
        )
    if n := len(book.lost):
        parts.append(say_n("the rest of {n} broken capture", "the rest of {n} broken captures", n))
    return say(" and ").join([*parts, *book.unlisted])

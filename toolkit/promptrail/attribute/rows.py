"""The rows of the frame `recipients`: their words, an empty one, and how an answer or the lack of one is written.

Five questions are never merged: who holds the domain, who runs the service, who runs the network, in which country
the address lies, to which group the holder belongs.
"""

from typing import Any

from promptrail.attribute.table import Proof

QUESTIONS = ("domain_owner", "service_operator", "network_operator", "address_country", "corporate_group")
ORGANISATIONS = ("domain_owner", "service_operator")
DETAILS = {"legal_entity": "entity", "established_in": "country", "role": "role"}
"""Further rows, only where somebody answers: question, and the cell of the table that answers it."""
LISTED = "tracker_list"
"""A row for each imported list that holds the domain."""
DISAGREEMENT = "disagreement"
KNOWN, NOT_KNOWN, NOT_DETERMINABLE, DISPUTED = "known", "not known", "not determinable", "disputed"
IMPORTED, CAPTURE = "imported", "capture"
NOBODY = "no source names it"
Row = dict[str, Any]
EMPTY: Row = {
    "host": None,
    "registrable_domain": None,
    "suffix": None,
    "question": None,
    "answer": None,
    "status": NOT_KNOWN,
    "address": None,
    "country": None,
    "group": None,
    "role": None,
    "own": None,
    "source": NOBODY,
    "url": None,
    "as_of": None,
    "licence": None,
    "origin": None,
    "note": None,
}
"""A row of the frame that says nothing."""


def answer(base: Row, question: str, said: str | None, proof: Proof, origin: str, **more: Any) -> Row:
    """A row with an answer and its proof; `more` replaces columns."""
    row = base.copy()
    row["question"], row["answer"], row["status"], row["origin"] = question, said, KNOWN, origin
    row["source"], row["url"], row["as_of"] = proof.source, proof.url, proof.as_of
    row["licence"], row["note"] = proof.licence, proof.shows
    row.update(more)
    return row


def unknown(base: Row, question: str, why: str) -> Row:
    """A row without an answer; its source says why there is none."""
    row = base.copy()
    row["question"], row["source"] = question, why
    return row

"""One object a subject: value, source and date by question; where sources differ, none wins."""

from promptrail.attribute.dossier import cell, dossiers
from promptrail.attribute.recipients import who


def row(answer: str | None, status: str = "known", source: str = "s") -> dict[str, object]:
    about = {"url": None, "as_of": "2026-01-02", "licence": "MIT", "note": None, "address": None}
    return {"answer": answer, "status": status, "source": source, **about}


def test_one_answer_has_its_source_and_date() -> None:
    """And the list of all that was said has it too."""
    told = cell([row(None, "not known"), row("A", source="t")])
    assert (told["value"], told["source"], told["date"], told["status"]) == ("A", "t", "2026-01-02", "known")
    assert [x["value"] for x in told["all"]] == [None, "A"]


def test_two_answers_are_disputed() -> None:
    """Null and `disputed`, both side by side; two sources that say the same are one answer."""
    told = cell([row("SG"), row("CN")])
    assert (told["value"], told["status"], [x["value"] for x in told["all"]]) == (
        None,
        "disputed",
        ["SG", "CN"],
    )
    assert cell([row("SG"), row("SG", source="t")])["value"] == "SG"


def test_no_row_is_not_known() -> None:
    """A question that the rows do not hold has the same form."""
    told = cell([])
    assert (told["value"], told["status"], told["source"], told["all"]) == (None, "not known", None, [])


def test_subjects_stay_in_order_and_are_spelled_as_given() -> None:
    """The object says what was given and what it means."""
    found = dossiers(who(["GATOR.volces.com.", "münchen.de", "1.1.1.1"]))
    assert [f["host"] for f in found] == ["GATOR.volces.com.", "münchen.de", "1.1.1.1"]
    assert [f["means"] for f in found] == ["gator.volces.com", "xn--mnchen-3ya.de", "1.1.1.1"]
    assert found[1]["in_letters"] == "münchen.de"

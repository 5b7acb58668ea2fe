"""Notebook 02's own blocks: the picture of recipients, each recipient, the claims; nothing hostile gets through."""

import json
import re
from pathlib import Path

import pytest

from factories import DEVICE, Rows, finding, parley
from hostile import Tags, hostile
from promptrail.errors import ParameterError
from promptrail.findings.mask import Mask
from promptrail.findings.recipients import finding as recipients
from promptrail.report.blocks import recipients as blocks
from promptrail.report.dossier import Dossier
from promptrail.report.html import Part
from promptrail.report.view import COLOURS, MAKER, OTHER, UNKNOWN, View


class Page:
    def __init__(self, view: View) -> None:
        self._view = view


def dossier(rows: Rows, folder: Path, claims: str = "") -> Dossier:
    case = rows.write(folder / "case")
    return Dossier(Page(View(case, Mask(case.declared_probes), recipients.find(case, claims=claims))))


def words(part: object) -> str:
    assert isinstance(part, Part)
    text = re.sub(r"<[^>]+>", " ", part.html.replace("<wbr>", ""))
    return " ".join(text.split()).replace(" , ", ", ")


def test_the_picture_leads_to_group_and_country_of_establishment(tmp_path: Path) -> None:
    """Kind, host, operator, group; coloured by who holds the host; everything in words too."""
    rows = parley()
    flow = rows.flow("r1", "who.knows.test", DEVICE.encode())
    rows.sighting(flow, "i1", DEVICE.encode(), 60)
    figure = dossier(rows, tmp_path).figure()
    spec = json.loads(figure.to_json())  # type: ignore[union-attr]
    labels = spec["data"][0]["node"]["label"]
    assert any(x.startswith("<b>prompts</b>") for x in labels) and "Brightmoor" in labels
    assert "group not known, in XB" in [x.replace("<br>", " ") for x in labels]
    shade = dict(zip(labels, spec["data"][0]["node"]["color"], strict=True))
    assert (shade["Parley Labs"], shade["Brightmoor"], shade["not known who"]) == (
        COLOURS[MAKER],
        COLOURS[OTHER],
        COLOURS[UNKNOWN],
    )
    alt = spec["layout"]["meta"]["alt"]
    assert "prompts to ingest.brightmoor.test, run by Brightmoor (group not known, in XB): 4 exact" in alt


def test_without_a_sighting_there_is_no_picture(tmp_path: Path) -> None:
    """A sentence instead."""
    rows = Rows()
    rows.run("r1")
    assert "no way to draw" in words(dossier(rows, tmp_path).figure())


def test_the_same_case_gives_the_same_picture(tmp_path: Path) -> None:
    """Byte for byte."""
    first, second = (dossier(parley(), tmp_path / n).figure() for n in ("a", "b"))
    assert first.to_json() == second.to_json()  # type: ignore[union-attr]


def test_each_recipient_but_the_maker_has_its_page(tmp_path: Path) -> None:
    """Folded, with what is said about it and where, and what was found; values withheld."""
    told = dossier(parley(), tmp_path)
    said = words(told.each())
    assert "What is said about Brightmoor." in said and "lab: invented" in said
    assert "prompts: p1" in said and "What is said about Parley Labs." not in said
    assert DEVICE not in said
    assert words(told.one("ingest.brightmoor.test")) == words(told.one("Brightmoor"))
    with pytest.raises(
        ParameterError, match=r"no recipient 'Nobody'\. There are: Brightmoor, Parley Labs, Quillmark"
    ):
        told.one("Nobody")


def test_recipients_are_counted_and_unread_is_not_zero(tmp_path: Path) -> None:
    """Requests and bytes by recipient; where nothing could be read the cell says so."""
    said = words(dossier(parley(), tmp_path).holders())
    assert "Brightmoor established in XB ingest.brightmoor.test 8" in said
    assert re.search(r"Quillmark \(owner of the domain; operator not known\).*none read \? \? 2 \?", said)


def test_each_claim_says_what_was_claimed_and_what_not(tmp_path: Path) -> None:
    """With verdict, reason, source and grade of the evidence that its author had."""
    said = words(dossier(parley(), tmp_path).claims())
    assert "Not claimed: What was sent." in said and "their evidence: E0, static only" in said
    for verdict in ("● supported", "⊗ contradicted", "◐ cannot tell"):
        assert verdict in said
    assert "No claims pack was given" in words(dossier(parley(), tmp_path / "b", "none").claims())


def test_what_cannot_be_told_says_why(tmp_path: Path) -> None:
    """A country that the address does not tell, and one that sources dispute, are not plain answers."""
    rows = parley()
    base = {"host": "chat.parley.test", "own": True, "source": "S", "as_of": "2026-01-01", "licence": "MIT"}
    rows.rows["recipients"] = [r for r in rows.rows["recipients"] if r["question"] != "address_country"]
    barred = {"question": "address_country", "status": "not determinable", "note": "a delivery network"}
    rows.rows["recipients"].append(base | barred)
    for answer in ("SG", "CN"):
        told = {
            "question": "address_country",
            "status": "disputed",
            "answer": answer,
            "source": f"table {answer}",
        }
        rows.rows["recipients"].append(base | told | {"host": "edge.quillmark.example"})
    case = rows.write(tmp_path / "case")
    said = words(blocks.recipients(View(case, Mask(case.declared_probes), finding())))
    assert "not determinable a delivery network" in said
    assert "disputed SG table SG, 2026-01-01, MIT CN table CN, 2026-01-01, MIT" in said


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """Hosts, owners and notes full of markup make no element and no attribute of their own."""
    rows = Rows()
    rows.run("r1")
    rows.probe("p1", "prompt", "a prompt of the test plover 4417")
    for text in hostile(1):
        flow = rows.flow("r1", text, b"{}", cert_names=[text, f"{text}x"], sni=f"{text}y")
        rows.sighting(flow, "p1", b"{}", 1, path=text, chain=[text])
        rows.recipient(text, False, domain_owner=text, service_operator=text, corporate_group=text, role=text)
    told = dossier(rows, tmp_path)
    parts = (told.each(), told.holders(), told.claims(), blocks.conflicts(told._view))
    seen = Tags()
    seen.feed("".join(str(part.html) for part in parts))
    assert seen.tags <= {"p", "b", "span", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "bdi", "wbr",
                         "i", "small", "br", "details", "summary"}  # fmt: skip
    assert seen.attributes <= {"class", "aria-label", "aria-hidden", "tabindex", "role", "scope", "style"}
    figure = told.figure()
    assert "<script" not in figure.to_json()  # type: ignore[union-attr]

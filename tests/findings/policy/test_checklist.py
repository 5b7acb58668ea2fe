"""Checklists: what is shipped is sourced, one of one's own is read alike, and a broken one is told."""

from pathlib import Path

import pytest

from promptrail.errors import InputError, ParameterError
from promptrail.findings.policy.checklist import choose, shipped_checklists, shipped_items

OWN = """
[checklist]
id = "own"
title = "Ours"
note = "None."
[[item]]
id = "retention"
asks = "How long?"
articles = "Our charter, 3"
source = "https://charter.example"
"""


@pytest.mark.parametrize("name", shipped_checklists())
def test_every_shipped_item_cites_and_says_whether_it_was_checked(name: str) -> None:
    """An article, where it stands, and the day on which it was read or why it was not."""
    found = choose(name)
    assert found is not None and found.id == name
    for item in found.items:
        assert "art." in item.articles and item.source.startswith("https://")
        assert item.checked or item.note


def test_the_two_share_the_ids_of_what_both_ask() -> None:
    """One answer of an annotator serves both."""
    pipa, gdpr = ({item.id for item in one.items} for name in ("pipa", "gdpr") if (one := choose(name)))
    both = {
        "recipients",
        "countries",
        "purposes",
        "retention",
        "destruction",
        "safeguards",
        "rights",
        "contact",
    }
    assert both | {"language", "data"} <= pipa & gdpr and shipped_items() == pipa | gdpr


def test_one_of_one_s_own(tmp_path: Path) -> None:
    """Any file of the same form; an item without a day was not checked."""
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    found = choose(str(tmp_path / "own.toml"))
    assert found is not None
    assert [(item.id, item.checked) for item in found.items] == [("retention", None)]
    assert choose("none") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            OWN + "[[item]]\nid = 'retention'\nasks = 'x'\narticles = 'x'\nsource = 'x'\n",
            "stands there twice",
        ),
        (OWN.replace("asks", "ask"), "line 8: unknown key 'ask'. Did you mean 'asks'?"),
        (OWN.replace('articles = "Our charter, 3"', ""), "articles is missing"),
        ("[[item]]\n", "the table [checklist] is missing"),
    ],
)
def test_a_broken_one_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """As everywhere."""
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as told:
        choose(str(tmp_path / "own.toml"))
    assert said in str(told.value)


def test_an_unknown_one_is_told_with_those_that_there_are() -> None:
    """By name or as a file."""
    with pytest.raises(ParameterError, match=r"There are: gdpr, pipa, none; or give a \.toml file"):
        choose("ccpa")

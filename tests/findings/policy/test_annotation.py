"""A reading of a policy from its file: what is kept, and how each fault is told with file and line."""

from pathlib import Path
from typing import Any

import pytest

from factories import sha256
from policy_readings import reading, statement
from promptrail.errors import InputError
from promptrail.findings.policy.annotation import read

OWN = {"term": "chat content", "of": "data", "means": ["prompts", "drafts"], "quote": "what you type"}
TIDEDESK = {"name": "Tidedesk", "also": ["Tidedesk Ltd"]}


def test_a_reading_keeps_what_it_says(tmp_path: Path) -> None:
    """Who, when, which text, which statements; every quote was looked up."""
    row = statement("prompts", "first party", purpose="chat", country="XA")
    found = read(reading(tmp_path, row, answer=[{"item": "retention", "is": "absent"}]))
    assert (found.by, found.on, found.about.in_force, found.quotes) == ("Anna", "2026-11-21", "2026-01-01", 1)
    (one,) = found.statements
    assert (one.data, one.entity, one.positive) == (("prompts",), ("first party",), True)
    assert (one.purpose, one.country) == ("chat", "XA") and not found.changed
    assert [(a.item, a.status, a.quote) for a in found.answers] == [("retention", "absent", None)]


def test_the_policy_s_own_terms_are_put_in_ours(tmp_path: Path) -> None:
    """A statement about its own word speaks of what the policy means by it."""
    found = read(reading(tmp_path, statement("chat content", "first party"), local=[OWN]))
    assert found.statements[0].data == ("prompts", "drafts")


def test_companies_are_known_by_all_their_names(tmp_path: Path) -> None:
    """In small letters, as recipients are compared."""
    found = read(reading(tmp_path, statement("prompts", "Tidedesk", "shares"), company=[TIDEDESK]))
    assert found.companies[0].names == {"tidedesk", "tidedesk ltd"}


def test_a_line_s_end_in_a_quote_is_white_space(tmp_path: Path) -> None:
    """The words count, not where the page broke them."""
    quote = "Nobody gets\n  your drafts."
    assert read(reading(tmp_path, statement("drafts", "anyone", "does not collect", quote=quote))).quotes == 1


def test_a_text_that_was_changed_is_marked(tmp_path: Path) -> None:
    """Its quotes are not looked up in another text; whoever uses it must leave it aside."""
    file = reading(tmp_path, statement("prompts", "first party"))
    (tmp_path / "app.txt").write_text("Parley Labs receives nothing.", encoding="utf-8")
    found = read(file)
    assert found.changed and found.quotes == 0


GOOD = statement("prompts", "first party")
FAULTS: dict[str, tuple[dict[str, Any], list[dict[str, Any]], str, str]] = {
    # what is wrong: (tables and policy, statements, what is said, the line it stands in)
    "quote": (
        {},
        [GOOD, GOOD | {"id": "b", "quote": "Everybody gets it"}],
        "does not stand in the text",
        'quote = "Everybody',
    ),
    "data": ({}, [GOOD | {"data": ["promts"]}], "unknown term 'promts' in data", 'data = ["promts"]'),
    "entity": (
        {},
        [GOOD | {"entity": ["Tidedesk"]}],
        "unknown term 'Tidedesk' in entity",
        'entity = ["Tidedesk"]',
    ),
    "says": ({}, [GOOD | {"says": "sells"}], "unknown: 'sells'", 'says = "sells"'),
    "no data": ({}, [GOOD | {"data": []}], "data is missing", "data = []"),
    "key": ({}, [GOOD | {"entitty": "x"}], "unknown key 'entitty'. Did you mean 'entity'?", "entitty"),
    "id twice": ({}, [GOOD, GOOD], "stands there twice", "id ="),
    "exception": (
        {},
        [GOOD | {"exception_to": ["x"]}],
        "no statement that says the contrary",
        "exception_to",
    ),
    "day": ({"policy": {"in_force": "1 May 2026"}}, [], "in_force must be a day", "in_force"),
    "day that is none": ({"policy": {"captured": "2026-02-30"}}, [], "captured must be a day", "captured"),
    "file elsewhere": ({"policy": {"file": "../app.txt"}}, [], "must be a name beside this file", "file ="),
    "no file": ({"policy": {"file": "none.txt"}}, [], "none.txt cannot be read", "file ="),
    "simulated": ({"policy": {"simulated": "yes"}}, [], "simulated must be true or false", "simulated"),
    "company twice": ({"company": [TIDEDESK, TIDEDESK]}, [], "stands there twice, or is a term", "name ="),
    "company's class": (
        {"company": [{"name": "X", "is": ["friends"]}]},
        [],
        "unknown term 'friends' in is",
        "is =",
    ),
    "company without why": (
        {"company": [{"name": "X", "is": ["partners"]}]},
        [],
        "why is missing",
        "[[company]]",
    ),
    "own term of nothing": ({"local": [OWN | {"means": []}]}, [], "means is missing", "means"),
    "own term of ours": ({"local": [OWN | {"term": "prompts"}]}, [], "has a meaning already", "term ="),
    "own term of what": ({"local": [OWN | {"of": "person"}]}, [], "must be data or entity", "of ="),
    "answer": ({"answer": [{"item": "x", "is": "unclear"}]}, [], "unknown: 'unclear'", "is ="),
    "answer without quote": (
        {"answer": [{"item": "x", "is": "stated"}]},
        [],
        "a quote shows what is stated",
        "is =",
    ),
    "absence with quote": (
        {"answer": [{"item": "x", "is": "absent", "quote": "your"}]},
        [],
        "nothing shows what",
        "is =",
    ),
    "answered twice": ({"answer": [{"item": "x", "is": "absent"}] * 2}, [], "x is answered twice", "item"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, fault: str) -> None:
    """What is wrong, in which file, on which line, and that the line is to be mended."""
    tables, rows, said, where = FAULTS[fault]
    file = reading(tmp_path, *rows, **tables)
    with pytest.raises(InputError) as told:
        read(file)
    lines = file.read_text("utf-8").splitlines()
    line = int(str(told.value).split(", line ")[1].split(":")[0])
    assert said in str(told.value) and str(file) in str(told.value)
    assert where in lines[line - 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the table [policy] is missing"),
        ("[policy]\ntitle = 1", "title must be text"),
        ("[policy", "not valid TOML"),
        ("[[policy]]", "the table [policy] is missing"),
        ("[polcy]", "unknown key 'polcy'"),
    ],
)
def test_a_file_that_is_no_reading(tmp_path: Path, text: str, said: str) -> None:
    """Refused in a sentence."""
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as told:
        read(tmp_path / "x.toml")
    assert said in str(told.value)


def test_a_text_that_is_no_text_is_not_read_on(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 can be annotated by nobody: the quote is not found."""
    file = reading(tmp_path, statement("prompts", "first party"))
    data = b"\xff\xfe\x00P"
    (tmp_path / "app.txt").write_bytes(data)

    text = file.read_text("utf-8")
    old = text.split('sha256 = "')[1][:64]
    file.write_text(text.replace(old, sha256(data)), encoding="utf-8")
    with pytest.raises(InputError, match="does not stand in the text"):
        read(file)

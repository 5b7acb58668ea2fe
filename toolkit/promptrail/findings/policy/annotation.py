"""One person's reading of one privacy policy, by hand: a TOML file beside the policy's text in, `Annotation` out.

Each statement says which data go to whom or do not, with its words quoted from the text. Refused, with file and line:
unknown keys and terms, a quote that does not stand in the text, a day that is none. A text that is no longer the one
that was annotated (SHA-256) is not refused but marked: whoever uses it has to leave it aside.
"""

import datetime
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from promptrail.attribute.toml_rows import Rows
from promptrail.findings.policy.statements import (
    ABSENT,
    IS,
    SAYS,
    About,
    Annotation,
    Answer,
    Company,
    Statement,
)
from promptrail.findings.policy.terms import data_terms, entity_terms

POLICY = ("title", "company", "url", "language", "captured", "in_force", "until", "app_versions", "simulated")
PLACE = ("file", "sha256")
KEYS = {
    "local": ("term", "of", "means", "quote"),
    "company": ("name", "also", "is", "why"),
    "statement": ("id", "quote", "data", "entity", "says", "purpose", "country", "exception_to"),
    "answer": ("item", "is", "quote"),
}
LARGEST = 4 << 20
"""Bytes of a policy's text; a longer file is none."""


def read(file: Path) -> Annotation:
    """The annotation in a file. InputError names the file, the line and what to do."""
    rows = Rows.read(file)
    rows.known(rows.data, ("policy", "annotation", *KEYS))
    about = _about(rows)
    by = rows.data.get("annotation")
    if not isinstance(by, dict):
        rows.fault("the table [annotation] is missing: who read it, and on which day", key="annotation")
    rows.known(by, ("by", "on"))
    data = _text(rows, file.parent / about.file)
    found = hashlib.sha256(data).hexdigest()
    text = plain(data.decode("utf-8", "replace")) if found == about.sha256 else None
    reader = _Reader(rows, text)
    companies = reader.companies()
    local = reader.local(companies)
    return Annotation(
        name=file.name,
        about=about,
        by=rows.text_of(by, "by", must=True) or "",
        on=_day(rows, by, "on") or "",
        statements=reader.statements(companies, local),
        companies=tuple(companies.values()),
        answers=reader.answers(),
        quotes=reader.quotes,
        found=found,
    )


def plain(text: str) -> str:
    """A text with every run of white space as one space: a line's end is no word of a policy."""
    return " ".join(text.split())


def _about(rows: Rows) -> About:
    head: Any = rows.data.get("policy")
    if not isinstance(head, dict):
        rows.fault("the table [policy] is missing", key="policy")
    rows.known(head, (*POLICY, *PLACE))
    said = {
        k: rows.text_of(head, k, must=True) or "" for k in ("title", "company", "url", "language", *PLACE)
    }
    if Path(said["file"]).name != said["file"]:
        rows.fault(f"file must be a name beside this file, not {said['file']!r}", key="file")
    if not isinstance(head.get("simulated", False), bool):
        rows.fault("simulated must be true or false", key="simulated")
    return About(
        **said,
        captured=_day(rows, head, "captured") or "",
        in_force=_day(rows, head, "in_force") or "",
        until=_day(rows, head, "until") if "until" in head else None,
        app_versions=tuple(rows.texts_of(head, "app_versions")),
        simulated=head.get("simulated", False),
    )


def _day(rows: Rows, row: dict[str, Any], key: str) -> str | None:
    text = rows.text_of(row, key, must=True) or ""
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        rows.fault(f"{key} must be a day such as 2025-04-28, not {text!r}", key=key)


def _text(rows: Rows, file: Path) -> bytes:
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= LARGEST else b""
    except OSError as fault:
        rows.fault(f"{file.name} cannot be read: {fault.strerror}; it must lie beside this file", key="file")
    if size > LARGEST:
        rows.fault(f"{file.name} has {size:,} bytes: no policy is so long", key="file")
    return data


class _Reader:
    """Reads the rows of one file; counts the quotes that stand in its text."""

    def __init__(self, rows: Rows, text: str | None) -> None:
        self.rows, self.text, self.quotes = rows, text, 0

    def _row(self, array: str, n: int, row: dict[str, Any]) -> dict[str, Any]:
        self.rows.known(row, KEYS[array], array, n)
        return row

    def _said(self, row: dict[str, Any], key: str, array: str, n: int) -> str:
        return self.rows.text_of(row, key, array, n, must=True) or ""

    def _quote(self, row: dict[str, Any], array: str, n: int) -> str:
        quote = plain(self._said(row, "quote", array, n))
        if self.text is not None:
            if quote not in self.text:
                self.rows.fault(f"the quote does not stand in the text: {quote[:60]!r}", array, n, "quote")
            self.quotes += 1
        return quote

    def _terms(self, row: dict[str, Any], key: str, array: str, n: int, known: list[str]) -> tuple[str, ...]:
        found = self.rows.texts_of(row, key, array, n)
        for term in found:
            if term not in known:
                self.rows.fault(f"unknown term {term!r} in {key}; known: {', '.join(known)}", array, n, key)
        return tuple(found)

    def companies(self) -> dict[str, Company]:
        found: dict[str, Company] = {}
        for n, row in enumerate(self.rows.array("company")):
            self._row("company", n, row)
            name = self._said(row, "name", "company", n)
            if name in found or name in entity_terms():
                self.rows.fault(f"{name!r} stands there twice, or is a term", "company", n, "name")
            also = self.rows.texts_of(row, "also", "company", n)
            terms = self._terms(row, "is", "company", n, list(entity_terms()))
            if terms:
                self._said(row, "why", "company", n)
            found[name] = Company(name, frozenset(one.casefold() for one in (name, *also)), terms)
        return found

    def local(self, companies: dict[str, Company]) -> dict[str, dict[str, tuple[str, ...]]]:
        """The policy's own terms: `data` or `entity` -> term -> what it means by it."""
        found: dict[str, dict[str, tuple[str, ...]]] = {"data": {}, "entity": {}}
        known = {"data": list(data_terms()), "entity": [*entity_terms(), *companies]}
        for n, row in enumerate(self.rows.array("local")):
            self._row("local", n, row)
            term, of = (self._said(row, key, "local", n) for key in ("term", "of"))
            if of not in found:
                self.rows.fault(f"of must be data or entity, not {of!r}", "local", n, "of")
            if term in found[of] or term in known[of]:
                self.rows.fault(f"{term!r} has a meaning already", "local", n, "term")
            found[of][term] = self._terms(row, "means", "local", n, known[of])
            if not found[of][term]:
                self.rows.fault("means is missing: which terms?", "local", n, "means")
            self._quote(row, "local", n)
        return found

    def statements(
        self, companies: dict[str, Company], local: dict[str, dict[str, tuple[str, ...]]]
    ) -> tuple[Statement, ...]:
        known = {"data": list(data_terms()), "entity": [*entity_terms(), *companies]}
        found: dict[str, Statement] = {}
        for n, row in enumerate(self.rows.array("statement")):
            self._row("statement", n, row)
            name, says = (self._said(row, key, "statement", n) for key in ("id", "says"))
            if name in found:
                self.rows.fault(f"the id {name} stands there twice", "statement", n, "id")
            if says not in SAYS:
                self.rows.fault(f"unknown: {says!r}; known: {', '.join(SAYS)}", "statement", n, "says")
            data, entity = (self._meant(row, key, n, known[key], local[key]) for key in ("data", "entity"))
            purpose, country = (
                self.rows.text_of(row, key, "statement", n, must=False) for key in ("purpose", "country")
            )
            quote = self._quote(row, "statement", n)
            found[name] = Statement(name, quote, data, entity, says, purpose, country)
        return tuple(self._excepted(n, one, found) for n, one in enumerate(found.values()))

    def _meant(
        self, row: dict[str, Any], key: str, n: int, known: list[str], local: dict[str, tuple[str, ...]]
    ) -> tuple[str, ...]:
        """The terms of a statement, its policy's own ones put in those of the ontology."""
        given = self._terms(row, key, "statement", n, [*known, *local])
        if not given:
            self.rows.fault(f"{key} is missing", "statement", n, key)
        return tuple(dict.fromkeys(term for one in given for term in local.get(one, (one,))))

    def _excepted(self, n: int, one: Statement, found: dict[str, Statement]) -> Statement:
        row = self.rows.array("statement")[n]
        others = self.rows.texts_of(row, "exception_to", "statement", n)
        for other in others:
            if other not in found or found[other].positive == one.positive:
                what = f"exception_to names {other!r}, which is no statement that says the contrary"
                self.rows.fault(what, "statement", n, "exception_to")
        return replace(one, exception_to=tuple(others))

    def answers(self) -> tuple[Answer, ...]:
        found: dict[str, Answer] = {}
        for n, row in enumerate(self.rows.array("answer")):
            self._row("answer", n, row)
            item, status = (self._said(row, key, "answer", n) for key in ("item", "is"))
            if status not in IS:
                self.rows.fault(f"unknown: {status!r}; known: {', '.join(IS)}", "answer", n, "is")
            if item in found:
                self.rows.fault(f"{item} is answered twice", "answer", n, "item")
            if (status == ABSENT) == ("quote" in row):
                what = "a quote shows what is stated or vague, and nothing shows what is absent"
                self.rows.fault(what, "answer", n, "is")
            found[item] = Answer(item, status, None if status == ABSENT else self._quote(row, "answer", n))
        return tuple(found.values())

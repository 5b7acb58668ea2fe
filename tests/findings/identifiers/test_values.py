"""Declared values as they were sent: hashed ones with what was hashed, through a real import and trace."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from captures import entry, write_har
from promptrail import ingest, pipeline
from promptrail.case import Case
from promptrail.findings.identifiers import finding as identifiers
from promptrail.findings.identifiers.values import written

EMAIL, PHONE, ADID = "Iso.Pleth+chat@Mail.example", "+82 10-5555-0142", "c65403c9-2cae-4c27-ba89-bb057e5cdefc"


def rows(folder: Path, value: str) -> list[dict[str, Any]]:
    """The rows of finding 06 for a capture in which one request carries this value."""
    case = Case.create(folder / "case")
    ingest.place(case, write_har(folder, entry("https://api.tidedesk.example/v1", f'{{"user":"{value}"}}')))
    for kind, text in (("email", EMAIL), ("phone", PHONE), ("identifier", ADID)):
        case.add_probe(kind, text)
    pipeline.ensure(case)
    found: Any = identifiers.find(case).facts["values"]
    return list(found)


@pytest.mark.parametrize(
    ("text", "algorithm", "said"),
    [
        (EMAIL, "sha256", "sha256 of the value as given"),
        (EMAIL.lower(), "sha256", "sha256 of the value in small letters"),
        ("iso.pleth@mail.example", "md5", "md5 of the value in small letters, without its +tag"),
        (
            "isopleth@mail.example",
            "sha1",
            "sha1 of the value in small letters, without its +tag, without dots before the @",
        ),
        ("+821055550142", "sha256", "sha256 of the value without separators"),
        ("821055550142", "sha256", "sha256 of the value without separators, without +"),
        ("00821055550142", "sha512", "sha512 of the value without separators, with 00"),
        (ADID.replace("-", ""), "md5", "md5 of the value without separators"),
        (ADID.upper().replace("-", ""), "sha256", "sha256 of the value in capitals, without separators"),
    ],
)
def test_a_hash_tells_what_was_hashed(tmp_path: Path, text: str, algorithm: str, said: str) -> None:
    """E-mail, phone and identifier in the forms in which trackers hash them."""
    (row,) = rows(tmp_path, hashlib.new(algorithm, text.encode()).hexdigest())
    assert (row["tier"], row["form"]) == ("digest", [said])


def test_a_plain_value_tells_how_it_was_wrapped(tmp_path: Path) -> None:
    """Exact, with its place and its layers."""
    (row,) = rows(tmp_path, ADID)
    assert (row["tier"], row["form"], row["places"]) == ("exact", ["json"], ["body /user"])


def test_other_case_is_a_tier_of_its_own(tmp_path: Path) -> None:
    """Normalised is never called exact."""
    (row,) = rows(tmp_path, ADID.upper())
    assert row["tier"] == "normalised"


@pytest.mark.parametrize(
    "value", ["c65403c9-2cae-4c27-ba89-bb057e5cdefd", hashlib.sha256(b"other").hexdigest()]
)
def test_another_value_of_the_same_shape_is_not_seen(tmp_path: Path, value: str) -> None:
    """One digit off, or the hash of something else."""
    assert rows(tmp_path, value) == []


def test_an_unheard_of_form_is_called_so() -> None:
    """Never a wrong word for what was done."""
    assert written("abcdef", "zzz") == "in another form"

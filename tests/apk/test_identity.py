"""The JSON of an identity: it comes back as it was, and what is no identity is refused."""

import json
from pathlib import Path

import pytest

from apk.packages import chat
from promptrail import apk
from promptrail.apk import Identity
from promptrail.errors import InputError


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("identity") / "chat.apk"
    file.write_bytes(chat())
    return apk.read(file).to_json()


def test_what_was_kept_comes_back_as_it_was(text: str) -> None:
    """Every record, also those inside others."""
    assert Identity.from_json(text, "x.json").to_json() == text
    assert (
        Identity.from_json(text, "x.json").network_security
        == Identity.from_json(text, "y.json").network_security
    )


def test_it_is_ascii_with_a_schema(text: str) -> None:
    """Hostile text cannot change how the file is read or shown."""
    assert text.isascii() and json.loads(text)["schema"] == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row | {"schema": 2}, "has schema 2, and this promptrail reads 1"),
        (lambda row: {k: v for k, v in row.items() if k != "hosts"}, "not what `promptrail apk` keeps"),
        (lambda row: row | {"extra": 1}, "not what `promptrail apk` keeps"),
        (lambda row: row | {"files": [{"x": 1}]}, "not what `promptrail apk` keeps"),
        (lambda row: [row], "not what `promptrail apk` keeps"),
        (lambda row: 7, "not what `promptrail apk` keeps"),
    ],
)
def test_what_is_none_is_refused(text: str, change: object, said: str) -> None:
    """With the name of the file."""
    assert callable(change)
    with pytest.raises(InputError, match=said) as fault:
        Identity.from_json(json.dumps(change(json.loads(text))), str(Path("case") / "x.json"))
    assert "x.json" in str(fault.value)

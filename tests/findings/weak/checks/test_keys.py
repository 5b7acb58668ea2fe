"""Keys that are no secret, as hooks saw them: over fresh installs, and beside what they encrypted."""

import hashlib
from pathlib import Path

import pytest

from factories import compact
from findings.weak_cases import IV, KEY, KIT, answer, decided, hooked_runs, noise, sealed
from promptrail.findings.weak.checks.keys_in_sight import in_sight, is_written

OTHER = noise("another key", 16)


@pytest.mark.parametrize(
    ("names", "fresh", "keys", "status", "rows"),
    [
        (("r1", "r2"), True, (KEY, KEY), "found", [True]),
        (("r1", "r2"), False, (KEY, KEY), "not found", [False]),
        (("r1", "r2"), True, (KEY, OTHER), "not found", []),
        (("r1",), True, (KEY,), "not testable", []),
    ],
)
def test_a_key_that_comes_with_the_app(
    tmp_path: Path,
    names: tuple[str, ...],
    fresh: bool,
    keys: tuple[bytes, ...],
    status: str,
    rows: list[bool],
) -> None:
    """Over fresh installs; over restarts alone it may have been made at installation and be kept well."""
    made = hooked_runs(*names, fresh=fresh)
    for run, key in zip(names, keys, strict=True):
        sealed(made, "AES/CBC/PKCS5Padding", b"a report", run=run, key=key, iv=noise(run, 16))
    found = answer(made, tmp_path, "lasting-key")
    assert (found.status, decided(found)) == (status, rows)


SESSION = "7c1d9e0fab"


@pytest.mark.parametrize(
    ("key", "how"),
    [
        (hashlib.md5(SESSION.encode(), usedforsecurity=False).digest(), "made of the MD5"),
        (hashlib.sha256(SESSION.encode()).digest()[:16], "made of the SHA256"),
        (hashlib.md5(SESSION.encode(), usedforsecurity=False).hexdigest()[:16].encode(), "made of the MD5"),
        (SESSION.encode(), "it stands in the message"),
        (OTHER, ""),
    ],
)
def test_a_key_that_follows_from_its_message(tmp_path: Path, key: bytes, how: str) -> None:
    """From a value beside the ciphertext, as it stands or through a digest."""
    rows = hooked_runs()
    sealed(rows, "AES/CBC/PKCS5Padding", b"a report", key=key, iv=IV, fields={"session": SESSION})
    found = answer(rows, tmp_path, "key-in-message")
    assert found.status == ("found" if how else "not found")
    assert all(how in row.what and row.host == KIT for row in found.rows)


def test_a_key_is_only_looked_for_where_its_ciphertext_stands(tmp_path: Path) -> None:
    """A ciphertext that was met in no message leaves nothing to compare."""
    rows = hooked_runs()
    sealed(rows, "AES/CBC/PKCS5Padding", b"a report", key=KEY, iv=IV, host=None)
    rows.flow("r1", KIT, compact({"key": KEY.hex()}))
    assert answer(rows, tmp_path, "key-in-message").status == "not testable"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (KEY, True),
        (KEY.hex().encode(), True),
        (KEY.hex().upper().encode(), True),
        (b"xx" + KEY, True),
        (b"", False),
    ],
)
def test_a_key_in_sight(value: bytes, found: bool) -> None:
    """As bytes, in hex of either case, or inside a longer value."""
    assert (in_sight(KEY, [b"", b"abc", value]) is not None) is found


@pytest.mark.parametrize(("key", "text"), [(b"brightmoor-kit-1", True), (KEY, False), (b"short", False)])
def test_a_key_that_somebody_typed(key: bytes, text: bool) -> None:
    """Printable, and long enough for that to mean something."""
    assert is_written(key) is text

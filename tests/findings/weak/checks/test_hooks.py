"""What hooks saw an app encrypt and sign: weak ways, sound ones, and records that say nothing."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import modes

from factories import Rows, compact
from findings.weak_cases import CLOUD, IV, KEY, KIT, aes, answer, crypto, decided, hooked_runs, noise, sealed
from promptrail.findings.weak.checks.check import Answer
from promptrail.findings.weak.checks.operations import operations

HOOKS = ("ecb", "iv", "lasting-key", "key-in-message", "withdrawn", "signature")
OTHER = noise("another key", 16)


@pytest.mark.parametrize("check", HOOKS)
def test_without_hooks_nothing_is_tested(tmp_path: Path, check: str) -> None:
    """And the answer names the agent."""
    rows = Rows()
    rows.flow(rows.run("r1"), KIT, b"{}")
    found = answer(rows, tmp_path, check)
    assert found.status == "not testable" and "java-crypto" in found.looked


@pytest.mark.parametrize(
    ("algorithm", "found"),
    [
        ("AES/ECB/PKCS5Padding", True),
        ("AES", True),
        ("aes/ecb/nopadding", True),
        ("DESede", True),
        ("AES/CBC/PKCS5Padding", False),
        ("AES/GCM/NoPadding", False),
        ("ChaCha20-Poly1305", False),
        ("RC4", False),
        ("RSA/ECB/OAEPWithSHA-256AndMGF1Padding", False),
        ("PBEWithMD5AndDES", False),
    ],
)
def test_ecb_by_name_and_by_default(tmp_path: Path, algorithm: str, found: bool) -> None:
    """javax.crypto takes a bare name for ECB; the ECB of RSA is no chaining of blocks."""
    rows = hooked_runs()
    number = sealed(rows, algorithm, b"a report of the kit", key=KEY)
    told = answer(rows, tmp_path, "ecb")
    assert [row.host for row in told.rows] == ([KIT] if found else [])
    assert all(row.cites[0] == f"hook java-crypto {number} in r1" for row in told.rows)


def test_what_was_met_in_no_request_decides_nothing(tmp_path: Path) -> None:
    """An app may encrypt for its own storage."""
    rows = hooked_runs()
    sealed(rows, "AES/ECB/PKCS5Padding", b"a page of a local file", key=KEY, host=None)
    rows.flow("r1", KIT, b"{}")
    found = answer(rows, tmp_path, "ecb")
    assert decided(found) == [False] and found.rows[0].host is None and found.status == "not found"


def test_each_run_has_its_own_operation(tmp_path: Path) -> None:
    """ECB gives the same ciphertext again in another run: each message is its own run's."""
    rows = hooked_runs("r1", "r2")
    for run in ("r1", "r2"):
        sealed(rows, "AES/ECB/PKCS5Padding", b"the same report", run=run, key=KEY)
    (row,) = answer(rows, tmp_path, "ecb").rows
    assert row.decides and "2 encryptions met in 2 messages" in row.what


@pytest.mark.parametrize(
    ("algorithm", "uses", "rows", "fresh"),
    [
        ("AES/CBC/PKCS5Padding", [(KEY, IV, b"one text"), (KEY, IV, b"another text")], [True], 0),
        ("AES/CBC/PKCS5Padding", [(KEY, IV, b"one text"), (KEY, IV, b"one text")], [], 1),
        ("AES/CBC/PKCS5Padding", [(KEY, IV, b"one text"), (OTHER, IV, b"another text")], [], 2),
        ("AES/CBC/PKCS5Padding", [(KEY, IV, b"one text"), (KEY, IV[::-1], b"another text")], [], 2),
        ("AES/ECB/PKCS5Padding", [(KEY, None, b"one text"), (KEY, None, b"another text")], [], 0),
        ("AES/GCM/NoPadding", [(KEY, IV[:12], b"one text"), (KEY, IV[:12], b"another text")], [True], 0),
    ],
)
def test_one_iv_under_one_key(
    tmp_path: Path,
    algorithm: str,
    uses: list[tuple[bytes, bytes | None, bytes]],
    rows: list[bool],
    fresh: int,
) -> None:
    """It counts over different texts, and never where key or IV changed."""
    made = hooked_runs()
    for key, iv, text in uses:
        sealed(made, algorithm, text, key=key, iv=iv)
    found = answer(made, tmp_path, "iv")
    assert (decided(found), found.fresh) == (rows, fresh)


@pytest.mark.parametrize(
    ("algorithm", "iv", "words"),
    [
        ("AES/CTR/NoPadding", IV, "taken from each other"),
        ("AES/GCM/NoPadding", IV[:12], "taken from each other"),
        ("ChaCha20", IV[:12], "taken from each other"),
        (
            "AES/CBC/PKCS5Padding",
            bytes(16),
            "one IV of zeros of 16 bytes for 2 different texts: equal beginnings show",
        ),
    ],
)
def test_what_a_repeated_iv_is_worth(tmp_path: Path, algorithm: str, iv: bytes, words: str) -> None:
    """Keystreams give more than chaining; the chance of random IVs to meet stands in the row."""
    rows = hooked_runs()
    for text in (b"one text", b"another text"):
        sealed(rows, algorithm, text, key=KEY, iv=iv)
    (row,) = answer(rows, tmp_path, "iv").rows
    assert words in row.what and row.chance is not None and row.chance < 1e-20


@pytest.mark.parametrize(
    ("algorithm", "found"),
    [
        ("DES/CBC/PKCS5Padding", True),
        ("DESede/CBC/PKCS5Padding", True),
        ("ARCFOUR", True),
        ("RC4", True),
        ("AES/CBC/PKCS5Padding", False),
        ("ChaCha20", False),
    ],
)
def test_ciphers_that_are_withdrawn(tmp_path: Path, algorithm: str, found: bool) -> None:
    """By the name of their family."""
    rows = hooked_runs()
    sealed(rows, algorithm, b"a report of the kit", key=KEY, iv=IV[:8])
    assert answer(rows, tmp_path, "withdrawn").status == ("found" if found else "not found")


@pytest.mark.parametrize(
    ("mode", "algorithm", "field", "found"),
    [
        ("digest", "MD5", "sign", True),
        ("digest", "SHA-1", "x-sig", True),
        ("digest", "SHA1", "signature", True),
        ("digest", "SHA-256", "sign", False),
        ("digest", "MD5", "device", False),
        ("digest", "MD5", "design", False),
        ("sign", "MD5withRSA", "proof", True),
        ("sign", "SHA1withRSA", "proof", True),
        ("sign", "SHA256withECDSA", "proof", False),
        ("mac", "HmacMD5", "sign", False),
        ("verify", "MD5withRSA", "sign", False),
    ],
)
def test_signatures_over_broken_digests(
    tmp_path: Path, mode: str, algorithm: str, field: str, found: bool
) -> None:
    """A bare digest counts in a field that is named like a signature; HMAC holds."""
    rows = hooked_runs()
    output = noise((mode, algorithm), 20)
    crypto(rows, "r1", algorithm, b"text and secret", output, mode=mode)
    rows.flow("r1", CLOUD, compact({"v": 1, field: output.hex()}))
    told = answer(rows, tmp_path, "signature")
    assert [row.host for row in told.rows] == ([CLOUD] if found else [])


def test_a_signature_in_a_header_or_a_url_is_met(tmp_path: Path) -> None:
    """Not only in bodies."""
    rows = hooked_runs()
    output = noise("sign", 16)
    crypto(rows, "r1", "MD5", b"text", output, mode="digest")
    rows.flow("r1", CLOUD, b"", request_headers=[(b"X-Sign", output.hex().encode())])
    rows.flow("r1", CLOUD, b"", url=f"https://{CLOUD}/v1?sig={output.hex()}", request_headers=[])
    assert [row.host for row in answer(rows, tmp_path, "signature").rows] == [CLOUD, CLOUD]


@pytest.mark.parametrize(
    "detail",
    [
        "",
        "{",
        "[]",
        "null",
        '{"mode":7}',
        '{"mode":"encrypt","key":"zz","iv":5}',
        '{"mode":"encrypt","key":""}',
    ],
)
def test_records_that_say_nothing_support_nothing(tmp_path: Path, detail: str) -> None:
    """A damaged detail is passed over, and no exception."""
    rows = hooked_runs("r1", "r2")
    for run in ("r1", "r2"):
        crypto(rows, run, "AES/CBC/PKCS5Padding", b"text", aes(b"text", modes.CBC(IV)), detail=detail)
    rows.rows["hooks"][-1] = rows.rows["hooks"][-1].__class__(
        "r2", None, 0.0, "java-crypto", None, None, "crypto"
    )
    for check in HOOKS:
        found: Answer = answer(rows, tmp_path, check)
        assert found.status != "found"


def test_only_agents_for_cryptography_count(tmp_path: Path) -> None:
    """Another agent's record is no operation, and its run is not one with hooks on ciphers."""
    rows = Rows()
    rows.run("r1")
    crypto(rows, "r1", "AES", b"text", noise(1, 16), key=KEY)
    rows.rows["hooks"][0] = rows.rows["hooks"][0].__class__("r1", 0, 0.0, "origin", None, None, "crypto")
    assert operations(rows.write(tmp_path / "case"), ["r1"]) == ([], [])

"""TLS by the version that was agreed, or that a hello offers at most."""

from pathlib import Path
from typing import Any

import pytest

from factories import Rows
from findings.weak_cases import CLOUD, answer, decided


@pytest.mark.parametrize(
    ("known", "rows"),
    [
        ({"tls_version": "TLSv1.3"}, []),
        ({"tls_version": "TLSv1.2", "ja4": "t12d1516h2_8daaf6152771_b186095e22b6"}, []),
        ({"tls_version": "TLSv1.1"}, [True]),
        ({"tls_version": "TLSv1"}, [True]),
        ({"tls_version": "SSLv3"}, [True]),
        ({"tls_version": "TLSv1", "outcome": "no-keys"}, [True]),
        ({"tls_version": "TLSv1", "outcome": "tls-failed"}, [False]),
        ({"ja4": "t10d0706h1_8daaf6152771_b186095e22b6", "outcome": "tls-failed"}, [False]),
        ({"ja4": "ts3i070600_8daaf6152771_b186095e22b6"}, [True]),
        ({"ja4": "nonsense", "tls_version": "TLSv1.2"}, []),
        ({"tls_version": "TLSv1.2", "cipher": "DES-CBC3-SHA"}, [True]),
        ({"tls_version": "TLSv1.2", "cipher": "0x000a"}, [True]),
        ({"tls_version": "TLSv1.2", "cipher": "NULL-SHA256", "outcome": "tls-failed"}, [False]),
        ({"tls_version": "TLSv1.2", "cipher": "0xc02f"}, []),
        ({"tls_version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384"}, []),
        ({"tls_version": "TLSv1.2", "cipher": "ECDHE-RSA-AES128-GCM-SHA256"}, []),
    ],
)
def test_versions_below_1_2_are_found_where_something_was_sent(
    tmp_path: Path, known: dict[str, Any], rows: list[bool]
) -> None:
    """A handshake that failed is told alone; a JA4 counts by what it offers at most."""
    made = Rows()
    made.connection(made.run("r1"), CLOUD, **known)
    found = answer(made, tmp_path, "old-tls")
    assert decided(found) == rows and found.hosts == {CLOUD}


@pytest.mark.parametrize(
    ("witnesses", "words"),
    [
        (["proxy", "packets"], "TLSv1, with the proxy"),
        (["packets"], "TLSv1, with the server"),
        (["hook"], "TLSv1, as a hook saw it"),
        ([], "TLSv1, as recorded"),
    ],
)
def test_it_says_with_whom_the_version_was_agreed(tmp_path: Path, witnesses: list[str], words: str) -> None:
    """Through a proxy the server's choice is not seen, and that is not said."""
    rows = Rows()
    rows.connection(rows.run("r1"), CLOUD, tls_version="TLSv1", witnesses=witnesses)
    (row,) = answer(rows, tmp_path, "old-tls").rows
    assert row.what == words and row.cites[0].startswith("connection ")


def test_without_a_version_nothing_is_tested(tmp_path: Path) -> None:
    """As in a HAR."""
    rows = Rows()
    rows.flow(rows.run("r1"), CLOUD, b"{}")
    assert answer(rows, tmp_path, "old-tls").status == "not testable"

"""What was not counted: each way in which bytes can leave without a size forbids "not observed", and says itself."""

from pathlib import Path
from typing import Any

import pytest

from factories import Rows
from promptrail.findings.opaque.counted import uncounted

TLS: dict[str, Any] = {
    "witnesses": ["proxy", "packets"],
    "tls_version": "TLSv1.3",
    "transport": "tcp",
    "bytes_out": 4000,
}


def told(
    folder: Path, *connections: tuple[str | None, str, dict[str, Any]], packets: bool = True, **run: Any
) -> list[str]:
    rows = Rows()
    rows.run("r1", witnesses=["proxy", "packets"] if packets else ["proxy"], **run)
    for host, outcome, more in connections:
        rows.connection("r1", host, outcome, **(TLS | more))
    return uncounted(rows.write(folder / "case"), ["r1"])


@pytest.mark.parametrize("outcome", ["read", "passed-through", "no-keys", "quic", "ech", "not-reached"])
def test_what_has_sizes_is_counted(tmp_path: Path, outcome: str) -> None:
    """Read or not does not matter here; an unknown host neither."""
    assert told(tmp_path, ("a.test", outcome, {}), (None, outcome, {})) == []


@pytest.mark.parametrize(
    ("connections", "more", "words"),
    [
        ([("a.test", "read", {})], {"packets": False}, "1 run without a packet capture"),
        ([("a.test", "read", {})], {"complete": False}, "the rest of 1 broken capture"),
        ([("a.test", "passed-through", {"witnesses": ["proxy"]})], {}, "a.test, seen by another witness"),
        ([("a.test", "pinned", {})], {}, "what it would have sent is not known"),
        ([("a.test", "tls-failed", {})], {}, "TLS failed"),
        ([("a.test", "not-http", {})], {}, "1 connection to a.test (a protocol that is not read)"),
        ([("a.test", "broken-off", {})], {}, "1 connection to a.test"),
        ([("a.test", "read", {"tls_version": None})], {}, "1 connection to a.test (without TLS, and read)"),
        ([(None, "not-http", {"dest_ip": None})], {}, "unknown host"),
    ],
)
def test_what_has_none_is_told(
    tmp_path: Path, connections: list[Any], more: dict[str, Any], words: str
) -> None:
    """One clause for each reason, with hosts."""
    (clause,) = told(tmp_path, *connections, **more)
    assert words in clause


def test_many_hosts_are_counted_and_not_all_named(tmp_path: Path) -> None:
    """A sentence stays one."""
    (clause,) = told(tmp_path, *((f"h{n}.test", "pinned", {}) for n in range(9)))
    assert clause.startswith("9 connections to h0.test, ") and "and 4 more" in clause

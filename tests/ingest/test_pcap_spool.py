"""Entries of many connections, mixed, come back in order for each, from memory or from disk."""

from pathlib import Path

import pytest

from promptrail.ingest.packets import spool as pcap_spool
from promptrail.ingest.packets.spool import Entry, Spool


@pytest.mark.parametrize("held", [10_000_000, 200, 1], ids=["memory", "both", "disk"])
def test_entries_come_back_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    """Data, holes and words, with times and sides, whatever had to go to disk."""
    monkeypatch.setattr(pcap_spool, "HELD", held)
    spool = Spool(tmp_path)
    told = {key: [] for key in range(5)}  # type: ignore[var-annotated]
    for n in range(100):
        missing = None if n % 7 else (-1 if n % 2 else n)
        entry = Entry(n / 8, n + 2**33, n % 2, bytes([n]) * n, missing)
        told[n % 5].append(entry)
        spool.add(n % 5, entry)
    assert {key: list(spool.entries(key)) for key in told} == told
    assert [spool.holds(key) for key in (0, 4, 5)] == [True, True, False]
    assert list(spool.entries("nobody")) == []
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_two_connections_can_be_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers do not move each other's place in the file."""
    monkeypatch.setattr(pcap_spool, "HELD", 1)
    spool = Spool(tmp_path)
    for n in range(10):
        spool.add(n % 2, Entry(0.0, n, 0, b"x" * n))
    pairs = list(zip(spool.entries(0), spool.entries(1), strict=True))
    assert [(a.frame, b.frame) for a, b in pairs] == [(n, n + 1) for n in range(0, 10, 2)]
    spool.close()

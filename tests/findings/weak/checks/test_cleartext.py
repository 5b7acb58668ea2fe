"""What goes without TLS, and what only looks like it."""

from pathlib import Path
from typing import Any

import pytest

from factories import DEVICE, Rows, compact
from findings.weak_cases import CLOUD, answer, decided, noise, raw
from promptrail.findings.weak.checks.cleartext import on_the_device

BODY = compact({"device": DEVICE})
TEXT = b"LOGIN device=9f86d081884c7d65 plan=free\r\n"
PLAIN = {"scheme": "http", "port": 80, "sni": None, "cert_names": []}


def sent(**more: Any) -> Rows:
    """One exchange."""
    rows = Rows()
    host = more.pop("host", CLOUD)
    rows.flow(rows.run("r1"), host, BODY, **({"url": f"http://{host}/v1/beacon"} | PLAIN | more))
    return rows


@pytest.mark.parametrize(
    ("more", "rows"),
    [
        ({}, [True]),
        ({"kind": "websocket"}, [True]),
        ({"status": None}, [True]),
        ({"scheme": "https"}, []),
        ({"scheme": None, "sni": CLOUD}, []),
        ({"kind": "dns"}, []),
        ({"status": None, "dest_ip": None}, []),
        ({"host": "localhost"}, []),
        ({"host": "127.0.0.1"}, []),
        ({"host": "connectivitycheck.gstatic.com", "url": "http://x/generate_204"}, [False]),
        ({"host": "connectivitycheck.gstatic.com", "url": "http://x/other"}, [True]),
        ({"host": "ocsp.brightmoor.test"}, [False]),
        ({"host": None, "url": None}, [True]),
    ],
)
def test_http_that_was_delivered_counts(tmp_path: Path, more: dict[str, Any], rows: list[bool]) -> None:
    """Not: TLS, DNS, no server reached, the device itself; a system's own checks are told and decide nothing."""
    found = answer(sent(**more), tmp_path, "cleartext")
    assert decided(found) == rows and (found.status == "found") == (True in rows)
    assert all(row.tls == "without TLS" and row.cites == (f"flow {row.flows[0]}",) for row in found.rows)


@pytest.mark.parametrize(
    ("data", "more", "count"),
    [
        (TEXT, {}, 1),
        (TEXT, {"kind": "udp"}, 1),
        (TEXT, {"dest_ip": "224.0.0.251", "kind": "udp"}, 0),
        (TEXT, {"dest_ip": "no address"}, 1),
        (TEXT, {"sni": CLOUD}, 0),
        (TEXT[:15], {}, 0),
        (noise("stream", 400), {}, 0),
    ],
)
def test_a_raw_stream_counts_where_it_can_be_read(
    tmp_path: Path, data: bytes, more: dict[str, Any], count: int
) -> None:
    """Text for nobody on the local network in particular, text inside TLS, a few letters, and noise do not."""
    rows = Rows()
    raw(rows, rows.run("r1"), CLOUD, data, **more)
    found = answer(rows, tmp_path, "cleartext")
    assert len(found.rows) == count and found.status == ("found" if count else "not found")


def test_an_empty_case_tests_nothing(tmp_path: Path) -> None:
    """No exchange and no connection: that is no "not found"."""
    rows = Rows()
    rows.run("r1")
    assert answer(rows, tmp_path, "cleartext").status == "not testable"


@pytest.mark.parametrize(
    ("host", "there"),
    [
        ("[::1]", True),
        ("LOCALHOST.", True),
        ("a.localhost", True),
        ("10.0.2.2", False),
        ("", False),
        (None, False),
    ],
)
def test_what_is_the_device_itself(host: str | None, there: bool) -> None:
    """By name and by address; the emulator's own host is another machine."""
    assert on_the_device(host) is there

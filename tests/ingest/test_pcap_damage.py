"""Captures that are cut, flipped, joined, holed or hostile: what is intact is read, and the rest is told."""

import os
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptrail.cli import main
from promptrail.ingest.packets import tshark
from rigs.packets import Read, datagram, may_read, pcap_of, pcapng_of, read_run, segment

pytestmark = pytest.mark.rig
HERE, THERE = ("10.0.0.1", 40_000), ("10.0.0.2", 8080)
SYN, ACK, DATA, FIN = 2, 16, 24, 17
ASKED = b"POST /%d HTTP/1.1\r\nHost: chat.parley.test\r\nContent-Length: 12\r\n\r\nkestrel-4417"
ANSWERED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(autouse=True, scope="module")
def tool() -> None:
    may_read()


def exchange(number: int, port: int = 40_000, pieces: int = 1) -> list[bytes]:
    """A connection with one exchange, as frames."""
    here, ask, answer = (HERE[0], port + number), ASKED % number, ANSWERED
    frames = [segment(here, THERE, 99, 0, SYN), segment(THERE, here, 499, 100, SYN | ACK)]
    at = 100
    for n in range(pieces):
        part = ask[n * len(ask) // pieces : (n + 1) * len(ask) // pieces]
        frames.append(segment(here, THERE, at, 500, DATA, part))
        at += len(part)
    frames.append(segment(THERE, here, 500, at, DATA, answer))
    frames.append(segment(here, THERE, at, 500 + len(answer), FIN))
    frames.append(segment(THERE, here, 500 + len(answer), at + 1, FIN))
    return frames


def urls(read: Read) -> list[str]:
    return [flow["url"] for flow in read.flows]


def expected(numbers: range) -> list[str]:
    return [f"http://chat.parley.test/{n}" for n in numbers]


TEN = [frame for n in range(10) for frame in exchange(n)]


@pytest.mark.parametrize(("make", "name"), [(pcap_of, "capture.pcap"), (pcapng_of, "capture.pcapng")])
def test_a_capture_cut_in_its_last_packet_keeps_all_before(make: object, name: str, tmp_path: Path) -> None:
    """The run is not complete, and the byte is told."""
    data = make(TEN)  # type: ignore[operator]
    read = read_run(tmp_path, data[:-5], name=name)
    assert urls(read) == expected(range(10))
    (problem,) = read.problems
    assert problem.severity == "lost" and problem.place.startswith("byte ") and "cut short" in problem.what
    assert not read.frames["runs"][0]["complete"]


def test_a_strange_frame_costs_that_frame(tmp_path: Path) -> None:
    """Junk that calls itself TCP, IP or nothing at all, between frames that are whole."""
    strange = [b"", b"\x00", bytes(14), b"\xff" * 200, TEN[2][:30], TEN[2][:40], os.urandom(500)]
    strange.append(TEN[2][:16] + b"\xff" * 60)
    mixed = [frame for n, one in enumerate(TEN) for frame in (one, strange[n % len(strange)])]
    assert urls(read_run(tmp_path, pcap_of(mixed))) == expected(range(10))


def test_captures_joined_by_cat_are_read_whole(tmp_path: Path) -> None:
    """Of two kinds, with damage between them."""
    data = pcap_of(TEN[:30]) + b"\x00junk\x00" * 9 + pcapng_of(TEN[30:])
    read = read_run(tmp_path, data)
    assert urls(read) == expected(range(10))
    assert [p.severity for p in read.problems] == ["lost"]


def test_a_packet_that_was_not_captured_costs_what_it_held(tmp_path: Path) -> None:
    """The body is told as incomplete, the next exchange is read, and a remark counts the hole."""
    first = exchange(0, pieces=4)
    read = read_run(tmp_path, pcap_of([*first[:5], *first[6:], *exchange(1)]))
    assert read.flows[-1]["url"] == expected(range(2))[-1] and read.flows[-1]["status"] == 200
    assert [p.what for p in read.problems] == [
        "lacks bytes of one connection, 1 times in all: packets that were not captured"
    ]
    row = read.from_port(40_000)
    assert row["bytes_out"] == len(ASKED % 0) - len(ASKED % 0) // 4 and row["outcome"] == "read"


def test_retransmissions_count_once(tmp_path: Path) -> None:
    """Bytes, flows and bodies are those of the capture without them; frames out of order change nothing."""
    frames = exchange(0, pieces=3)
    plain = read_run(tmp_path, pcap_of(frames))
    doubled = read_run(tmp_path, pcap_of([one for frame in frames for one in (frame, frame)]))
    swapped = read_run(tmp_path, pcap_of([*frames[:2], frames[3], frames[2], *frames[4:]]))
    for other in (doubled, swapped):
        (row,) = other.connections
        assert (row["bytes_out"], row["bytes_in"]) == (len(ASKED % 0), len(ANSWERED))
        assert [f["request_body"] for f in other.flows] == [f["request_body"] for f in plain.flows]


def test_a_capture_that_begins_in_the_middle_of_tls_gives_no_flow(tmp_path: Path) -> None:
    """Its records are seen, its handshake is not: no keys, and the reason says why."""
    record = b"\x17\x03\x03\x00\x40" + bytes(range(64))
    frames = [segment(HERE, ("10.0.0.2", 443), 100 + 69 * n, 1, DATA, record) for n in range(3)]
    read = read_run(tmp_path, pcap_of(frames), b"CLIENT_RANDOM 00 00\n")
    (row,) = read.connections
    assert (row["outcome"], row["bytes_out"], read.flows) == ("no-keys", 207, [])
    assert "begins in the middle" in row["reason"]


def test_a_server_that_is_silent_was_not_reached(tmp_path: Path) -> None:
    """SYN, three times."""
    read = read_run(tmp_path, pcap_of([segment(HERE, THERE, 1, 0, SYN)] * 3))
    (row,) = read.connections
    assert (row["outcome"], row["client_port"]) == ("not-reached", 40_000) and "3 times" in row["reason"]


def test_packets_of_other_links_and_ip_versions_are_read(tmp_path: Path) -> None:
    """Raw IP, Linux cooked, VLAN, IPv6: whatever tshark opens."""
    ip = [frame[14:] for frame in exchange(0)]
    cooked = [struct.pack("!HHH8xH", 0, 1, 6, 0x0800) + one for one in ip]
    tagged = [bytes(12) + b"\x81\x00\x00\x05\x08\x00" + one for one in ip]
    newer = [struct.pack("!HHIHBB8x", 0x0800, 0, 1, 1, 4, 6) + one for one in ip]
    loopback = [struct.pack("<I", 2) + one for one in ip]
    for link, frames in ((101, ip), (113, cooked), (276, newer), (0, loopback), (1, tagged)):
        assert urls(read_run(tmp_path, pcap_of(frames, link=link))) == expected(range(1)), link
    six = []
    for frame in exchange(0):
        ends = (b"\xfd" + bytes(14) + frame[29:30], b"\xfd" + bytes(14) + frame[33:34])
        head = struct.pack("!IHBB", 6 << 28, len(frame) - 34, 6, 64)
        six.append(bytes(12) + b"\x86\xdd" + head + b"".join(ends) + frame[34:])
    (row,) = read_run(tmp_path, pcap_of(six)).connections
    assert (row["client_ip"], row["dest_ip"], row["outcome"]) == ("fd00::1", "fd00::2", "read")


def test_a_tshark_that_ends_early_keeps_what_it_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A problem says so, and the run is not complete."""
    real = tshark.rows

    def dies(*args: object, **more: object) -> object:
        for n, row in enumerate(real(*args, **more)):  # type: ignore[arg-type]
            if n == 30:
                raise tshark.Ended("tshark ended by signal 11: it said nothing")
            yield row

    monkeypatch.setattr(tshark, "rows", dies)
    read = read_run(tmp_path, pcap_of(TEN))
    assert urls(read) == expected(range(5)) and not read.frames["runs"][0]["complete"]
    assert "signal 11" in read.problems[0].what


def test_without_tshark_a_case_is_read_but_for_its_packets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A problem says what to install; nothing of the other witnesses is lost with it."""
    monkeypatch.setattr(tshark, "PLACES", ())
    monkeypatch.setenv("PATH", "/nowhere")
    tshark.program.cache_clear()
    try:
        read = read_run(tmp_path, pcap_of(TEN))
    finally:
        tshark.program.cache_clear()
    assert read.connections == [] and "apt install tshark" in read.problems[0].what
    assert not read.frames["runs"][0]["complete"]


def test_import_takes_a_capture_with_its_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The key log lies beside it, for its owner alone; a cut file is told by the exit code."""
    keys, file, case = tmp_path / "my.keys", tmp_path / "traffic.pcap", str(tmp_path / "case")
    keys.write_text(f"CLIENT_RANDOM {'00' * 32} {'11' * 48}\n")
    file.write_bytes(pcap_of(TEN)[:-3])
    assert main(["case", "new", case]) == 0
    assert main(["import", case, str(file), "--keys", str(keys)]) == 3
    assert "10 flows to 1 hosts (pcap)" in capsys.readouterr().out
    (copy,) = (tmp_path / "case" / "captures").glob("*/keys.log")
    assert copy.read_bytes() == keys.read_bytes() and copy.stat().st_mode & 0o777 == 0o600
    assert (copy.parent / "capture.pcap").read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("content", "keys", "words"),
    [
        (pcap_of(TEN), b"no key log\n", "holds no line of a TLS key log"),
        (b'{"log": {"entries": []}}', b"CLIENT_RANDOM " + b"00" * 32 + b" 11\n", "this is none"),
    ],
    ids=["no key log", "no packet capture"],
)
def test_import_refuses_keys_that_open_nothing(
    content: bytes, keys: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one sentence, and nothing is placed."""
    (tmp_path / "file").write_bytes(content)
    (tmp_path / "keys").write_bytes(keys)
    assert main(["case", "new", str(tmp_path / "case")]) == 0
    assert (
        main(["import", str(tmp_path / "case"), str(tmp_path / "file"), "--keys", str(tmp_path / "keys")])
        == 1
    )
    assert words in capsys.readouterr().err
    assert not list((tmp_path / "case" / "captures").glob("*"))


QUERY = bytes.fromhex("7b01010000010000000000000463686174067061726c6579047465737400 00010001")
MIXED = [*TEN[:18], datagram(HERE, ("10.0.0.9", 53), QUERY), datagram(HERE, ("10.0.0.8", 9999), b"words")]


@pytest.mark.long
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(24, 3000), st.binary(min_size=1, max_size=6)), min_size=1, max_size=5))
def test_no_damage_is_an_exception(tmp_path: Path, changes: list[tuple[int, bytes]]) -> None:
    """Overwritten anywhere behind the file's head: the first exchanges come where they are intact."""
    data = bytearray(pcap_of(MIXED))
    first = min(place for place, _ in changes)
    for place, new in changes:
        data[place : place + len(new)] = new
    read = read_run(tmp_path, bytes(data))
    intact = sum(first >= len(pcap_of(TEN[: 7 * n])) for n in (1, 2))
    assert urls(read)[:intact] == expected(range(intact))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=1200), st.sampled_from([53, 443, 5353, 8080]))
def test_no_content_is_an_exception(tmp_path: Path, content: bytes, port: int) -> None:
    """Any bytes as a stream, as a datagram, and behind a half of a ClientHello."""
    there = (THERE[0], port)
    frames = [
        segment(HERE, there, 1, 0, SYN),
        segment(HERE, there, 2, 1, DATA, content),
        datagram(HERE, there, content),
        datagram(there, HERE, content),
        segment((HERE[0], 2), there, 1, 0, SYN),
        segment((HERE[0], 2), there, 2, 1, DATA, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + content),
    ]
    read = read_run(tmp_path, pcap_of(frames))
    assert {row["transport"] for row in read.connections} == {"tcp", "udp"}


@pytest.mark.parametrize(
    ("facts", "lost"),
    [
        (b'{"counts": {"captured": 60, "dropped by kernel": 3}}', True),
        (b'{"counts": {"captured": 60, "dropped by kernel": 0}}', False),
        (b'{"counts": "none"}', False),
        (b"\xff{", False),
    ],
)
def test_what_the_kernel_dropped_makes_a_capture_incomplete(tmp_path: Path, facts: bytes, lost: bool) -> None:
    """tcpdump's own count, which the recorder writes beside the capture: a whole connection may be missing."""
    read = read_run(tmp_path, pcap_of(TEN), beside={"packets.json": facts})
    assert read.frames["runs"][0]["complete"] is not lost
    assert [p.severity for p in read.problems] == ["lost"] * lost
    assert urls(read) == expected(range(10))

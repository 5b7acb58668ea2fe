"""The walk through pcap and pcapng files: every kind of file, and every kind of damage."""

import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptrail.ingest.packets.file import walk
from promptrail.ingest.packets.found import Dropped, Gap, Packet, Recorder, Secrets
from rigs.packets import block, pcap_of, pcapng_of

PACKETS = [bytes([n]) * (60 + 7 * n) for n in range(12)]
FILES: dict[str, Callable[[list[bytes]], bytes]] = {
    "pcap": pcap_of,
    "pcap, big-endian": lambda packets: pcap_of(packets, ">"),
    "pcap, nanoseconds": lambda packets: pcap_of(packets, nano=True),
    "pcap, both": lambda packets: pcap_of(packets, ">", nano=True),
    "pcapng": pcapng_of,
    "pcapng, big-endian": lambda packets: pcapng_of(packets, ">"),
}
kinds = pytest.mark.parametrize("kind", FILES)


def packets(data: bytes) -> list[bytes]:
    return [one.data for one in walk(data) if isinstance(one, Packet)]


def gaps(data: bytes) -> list[Gap]:
    return [one for one in walk(data) if isinstance(one, Gap)]


def places(data: bytes) -> list[int]:
    """Where each packet's block begins."""
    return [one.at for one in walk(data) if isinstance(one, Packet)]


@kinds
def test_packets_and_their_times_are_read(kind: str) -> None:
    """Both byte orders, micro- and nanoseconds."""
    found = list(walk(FILES[kind](PACKETS)))
    assert [one.data for one in found if isinstance(one, Packet)] == PACKETS
    times = [one.ns for one in found if isinstance(one, Packet)]
    assert times == [1_790_000_000_000_000_000 + n * 1_000_000 for n in range(12)]
    assert len(found) == 12


@kinds
def test_a_file_cut_in_its_last_packet_keeps_all_before(kind: str) -> None:
    """The cut is told by the byte where the packet began."""
    data = FILES[kind](PACKETS)
    last = places(data)[-1]
    for end in (last + 1, last + 17, len(data) - 1):
        assert packets(data[:end]) == PACKETS[:-1]
        (gap,) = gaps(data[:end])
        assert (gap.at, gap.end) == (last, end)


@kinds
def test_a_damaged_head_of_a_packet_costs_this_packet(kind: str) -> None:
    """Its length is nonsense; the walk finds the next one."""
    data = bytearray(FILES[kind](PACKETS))
    at = places(bytes(data))[5]
    data[at + 4 : at + 16] = b"\xff" * 12
    assert packets(bytes(data)) == PACKETS[:5] + PACKETS[6:]
    assert [gap.at for gap in gaps(bytes(data))] == [at]


@kinds
def test_junk_between_packets_costs_nothing_else(kind: str) -> None:
    """Bytes that somebody's disk put there."""
    data = FILES[kind](PACKETS)
    at = places(data)[4]
    broken = data[:at] + b"\x99" * 333 + data[at:]
    assert packets(broken) == PACKETS
    assert [(gap.at, gap.end) for gap in gaps(broken)] == [(at, at + 333)]


@kinds
@pytest.mark.parametrize("other", FILES)
def test_files_put_one_behind_the_other_are_both_read(kind: str, other: str) -> None:
    """`cat a b`, of whatever kinds."""
    assert packets(FILES[kind](PACKETS[:5]) + FILES[other](PACKETS[5:])) == PACKETS


@kinds
def test_a_length_that_swallows_packets_costs_only_its_own(kind: str) -> None:
    """A length that is too large but would fit into the file."""
    data = bytearray(FILES[kind](PACKETS))
    at = places(bytes(data))[2]
    order = ">" if "big" in kind or "both" in kind else "<"
    where, value = (at + 4, 400) if "ng" in kind else (at + 8, 300)
    data[where : where + 4] = struct.pack(order + "I", value)
    assert packets(bytes(data)) == PACKETS[:2] + PACKETS[3:]


def test_a_packet_larger_than_tshark_takes_is_left_out() -> None:
    """Told as a gap; its neighbours are read."""
    large = bytes(300_000)
    found = list(walk(pcapng_of([PACKETS[0], large, PACKETS[1]])))
    assert [one.data for one in found if isinstance(one, Packet)] == PACKETS[:2]
    assert "300000 bytes" in next(one.what for one in found if isinstance(one, Gap))


def test_a_packet_of_an_interface_that_nobody_described_is_left_out() -> None:
    """tshark would end there."""
    odd = block(6, struct.pack("<IIIII", 9, 0, 0, 4, 4) + b"abcd")
    found = list(walk(pcapng_of(PACKETS[:2], more=odd)))
    assert [one.data for one in found if isinstance(one, Packet)] == PACKETS[:2]
    assert "interface 9" in next(one.what for one in found if isinstance(one, Gap))


def test_other_blocks_are_read() -> None:
    """Secrets, the recorder's name, what it dropped, packets of the older kinds; unknown blocks are passed over."""
    name = b"Dumpcap (Wireshark) 4.0.17"
    head = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + struct.pack("<HH", 4, len(name)) + name + b"\0\0"
    more = b"".join(
        [
            block(10, struct.pack("<II", 0x544C534B, 5) + b"LINES"),
            block(5, struct.pack("<III", 0, 0, 0) + struct.pack("<HHQ", 5, 8, 17)),
            block(0xBAD, b"somebody's own"),
            block(3, struct.pack("<I", 3) + b"abc"),
            block(2, struct.pack("<HHIIII", 0, 0, 0, 1000, 3, 3) + b"def"),
        ]
    )
    found = list(walk(block(0x0A0D0D0A, head) + pcapng_of([], more=more)))
    assert [one for one in found if isinstance(one, Recorder)] == [Recorder(name.decode())]
    assert [one for one in found if isinstance(one, Secrets)] == [Secrets(b"LINES")]
    assert [one for one in found if isinstance(one, Dropped)] == [Dropped(17)]
    assert [one.data for one in found if isinstance(one, Packet)] == [b"abc", b"def"]
    assert not [one for one in found if isinstance(one, Gap)]


@pytest.mark.parametrize(
    ("resolution", "time_of", "ns"),
    [
        (9, 5, 5),
        (6, 5, 5000),
        (3, 5, 5_000_000),
        (12, 5000, 5),
        (0x80 | 10, 1024, 1_000_000_000),
        (127, 5, 0),
    ],
)
def test_times_of_every_resolution_are_nanoseconds(resolution: int, time_of: int, ns: int) -> None:
    """if_tsresol: powers of ten and of two."""
    interface = block(1, struct.pack("<HHIHHB3x", 1, 0, 0, 9, 1, resolution))
    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    data = section + interface + block(6, struct.pack("<IIIII", 0, 0, time_of, 1, 1) + b"x")
    (packet,) = walk(data)
    assert isinstance(packet, Packet) and packet.ns == ns


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=9)), max_size=4),
    st.integers(0, 2000),
)
def test_no_damage_is_an_exception(kind: str, changes: list[tuple[int, bytes]], end: int) -> None:
    """Overwritten anywhere and cut anywhere: the walk goes on in order, and all before the first change stands."""
    whole = FILES[kind](PACKETS)
    starts = [*places(whole), len(whole)]
    data = bytearray(whole)
    first = min([end, *(place for place, _ in changes)], default=end)
    for place, new in changes:
        data[place : place + len(new)] = new
    found = list(walk(bytes(data[:end])))
    intact = sum(stop <= min(first, end) for stop in starts[1:])
    if starts[0] <= first:
        assert [one.data for one in found if isinstance(one, Packet)][:intact] == PACKETS[:intact]
    marks = [one.at for one in found if isinstance(one, Packet | Gap)]
    assert marks == sorted(marks)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_are_an_exception(data: bytes) -> None:
    """What is no capture is one gap, or several."""
    for head in (b"", pcap_of([]), pcapng_of([])):
        assert all(isinstance(one, Gap | Packet | Secrets | Recorder | Dropped) for one in walk(head + data))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.integers(40, 1200), st.integers(1, 255))
def test_one_flipped_byte_costs_at_most_two_packets(kind: str, place: int, by: int) -> None:
    """All others come, in their order."""
    data = bytearray(FILES[kind](PACKETS))
    place = min(max(place, places(bytes(data))[0]), len(data) - 1)
    data[place] ^= by
    kept = [one for one in packets(bytes(data)) if one in PACKETS]
    assert len(kept) >= len(PACKETS) - 2 and kept == [one for one in PACKETS if one in kept]

"""DNS in its wire form into flows, against what mitmproxy makes of the same messages."""

import struct
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mitmproxy import dns

from promptrail.ingest.dns_text import lines
from promptrail.ingest.packets.dns import Dns, in_stream, parse
from promptrail.ingest.sink import Sink


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


def message(
    asked: list[tuple[bytes, int]], answers: list[tuple[bytes, int, bytes]], number: int = 7
) -> bytes:
    """A query, or a response where there are answers."""
    out = struct.pack("!HHHHHH", number, 0x8180 if answers else 0x0100, len(asked), len(answers), 0, 0)
    out += b"".join(n + struct.pack("!HH", kind, 1) for n, kind in asked)
    return out + b"".join(
        n + struct.pack("!HHIH", kind, 1, 60, len(data)) + data for n, kind, data in answers
    )


HOST, POINTER = name("chat.parley.test"), b"\xc0\x0c"
ASKED = [(HOST, 1)]
SERVICE = b"\x00\x01\x00" + b"\x00\x01\x00\x03\x02h2" + b"\x00\x05\x00\x02\xab\xcd"
MESSAGES = {
    "query": message(ASKED, []),
    "address": message(ASKED, [(POINTER, 1, b"\xc6\x33\x64\x07")]),
    "several": message(
        ASKED, [(POINTER, 5, b"\x03cdn" + b"\xc0\x11"), (name("cdn.parley.test"), 1, b"\xc6\x33\x64\x08")]
    ),
    "IPv6": message([(HOST, 28)], [(POINTER, 28, bytes(15) + b"\x01")]),
    "text": message([(HOST, 16)], [(POINTER, 16, b"plain text")]),
    "service": message([(HOST, 65)], [(POINTER, 65, SERVICE)]),
    "pointer": message([(name("4.3.2.1.in-addr.arpa"), 12)], [(POINTER, 12, HOST)]),
    "unknown type": message([(HOST, 99)], [(POINTER, 99, b"\x01\x02")]),
    "wrong length": message(ASKED, [(POINTER, 1, b"\x01\x02")]),
    "root": message([(b"\0", 2)], [(b"\0", 2, name("a.root.test"))]),
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_says_what_mitmproxy_reads_in_it(kind: str) -> None:
    """Question, and each answer as text; names that were compressed are whole."""
    theirs = dns.DNSMessage.unpack(MESSAGES[kind])
    parsed = parse(MESSAGES[kind])
    question, answers = lines(parsed, parsed if parsed["response"] else None)
    assert question == theirs.questions[0].name
    assert answers == [f"{one.name} {one}" for one in theirs.answers]


@pytest.fixture
def flows(tmp_path: Any) -> Dns:
    return Dns("udp 3", ("192.0.2.53", 53), "run", Sink(tmp_path))


def test_a_question_and_its_answer_are_one_flow(flows: Dns) -> None:
    """By the number and the question; what nobody answered comes at the end."""
    assert list(flows.add(1.0, 10, message(ASKED, [], 1))) == []
    assert list(flows.add(1.1, 11, message([(HOST, 28)], [], 2))) == []
    ((flow, (said,)),) = flows.add(1.2, 12, message(ASKED, [(POINTER, 1, b"\xc6\x33\x64\x07")], 1))
    assert (flow.host, flow.started, flow.ended, flow.source_ref) == (
        "chat.parley.test",
        1.0,
        1.2,
        "udp 3 frame 10",
    )
    assert (said.part, said.length) == ("dns", len("? chat.parley.test\nchat.parley.test 198.51.100.7"))
    ((left, _),) = flows.end()
    assert (left.started, left.ended, left.source_ref) == (1.1, None, "udp 3 frame 11")


def test_an_answer_without_a_question_is_a_flow(flows: Dns) -> None:
    """As mDNS sends them: the first name that is answered stands for the host."""
    ((flow, _),) = flows.add(1.0, 5, message([], [(HOST, 1, b"\xc6\x33\x64\x07")], 0))
    assert flow.host == "chat.parley.test"


def test_messages_in_a_stream_stand_behind_their_length() -> None:
    """DNS over TCP."""
    told = [MESSAGES["query"], MESSAGES["address"]]
    assert list(in_stream(b"".join(struct.pack("!H", len(one)) + one for one in told))) == told


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 11,
        b"\0" * 12,
        message(ASKED, [])[:-5],
        message([(b"\xc0\x0c", 1)], []),
        message([(b"\xc0\xff", 1)], []),
        message([(b"\x40" + b"a" * 64 + b"\0", 1)], []),
        message([(b"\x3f" + b"a" * 63 + b"\xc0\x0c", 1)], []),
        b"GET / HTTP/1.1\r\n\r\n",
    ],
    ids=["empty", "short", "nothing asked", "cut", "loop", "nowhere", "label", "long loop", "HTTP"],
)
def test_what_is_no_message_is_counted(flows: Dns, data: bytes) -> None:
    """No flow, no exception, no endless walk along pointers."""
    assert list(flows.add(1.0, 1, data)) == [] and flows.odd == 1


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(MESSAGES)),
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), max_size=5),
)
@example("several", [(12, 0xC0)])
def test_no_damage_is_an_exception(kind: str, changes: list[tuple[int, int]]) -> None:
    """A damaged message is a message or a ValueError."""
    data = bytearray(MESSAGES[kind])
    for place, byte in changes:
        data[place % len(data)] = byte
    try:
        parse(bytes(data))
    except (ValueError, IndexError, struct.error):
        pass

"""HTTP/1 out of plaintext streams: every way a message ends, and what a connection may switch to."""

import pytest

from ingest.http1_talks import ASK, GET, OK, WHOLE
from ingest.talks import CARRIER, Talk, told
from promptrail.ingest.plaintext.pieces import Carrier


@pytest.mark.parametrize("case", WHOLE)
def test_every_way_a_message_ends(case: str) -> None:
    """The exchanges, complete, without an error."""
    talk, expected = WHOLE[case]
    found = told(talk.items)
    assert [one.line for one in found] == expected
    assert all(one.flow["response_complete"] and one.flow["error"] is None for one in found)
    assert all(m[3] for one in found for m in one.messages)


def test_columns_of_a_flow() -> None:
    """Times of the first and last bytes, headers as sent, trailers behind the bodies, the place of the first byte."""
    talk, _ = WHOLE["chunked, extensions and trailers"]
    first, second = told(talk.items)
    names = ("started", "request_ended", "response_started", "ended")
    assert [first.flow[n] for n in names] == [1000.1, 1000.1, 1000.2, 1000.2]
    assert first.flow["request_headers"][0] == (b"Host", b"chat.parley.test")
    assert first.messages[-1] == ("response", "trailer", b"X-Sum: 1\r\n", True, None)
    assert (first.flow["source_ref"], second.flow["source_ref"]) == ("tcp 3 frame 1", "tcp 3 frame 3")
    assert first.flow["http_version"] == "HTTP/1.1" and first.flow["dest_ip"] == "203.0.113.9"
    assert first.flow["connection"] == second.flow["connection"]


def test_times_of_a_body_in_pieces() -> None:
    """A message ends with its last byte, not where the next begins."""
    (one,) = told(Talk().asks(ASK[:10]).asks(ASK[10:]).answers(OK[:20]).answers(OK[20:]).items)
    assert [one.flow[n] for n in ("started", "request_ended")] == [1000.1, 1000.2]
    assert [one.flow[n] for n in ("response_started", "ended")] == [1000.3, 1000.4]


def test_a_simulated_answer_is_marked() -> None:
    """The lab's header marks the flow."""
    (one,) = told(
        Talk().asks(GET).answers(OK.replace(b"OK\r\n", b"OK\r\nX-Promptrail-Simulated: yes\r\n")).items
    )
    assert one.flow["simulated"]


PLAIN = Carrier("tcp 1", False, dest_ip="127.0.0.1", dest_port=8080)


def test_a_proxy_is_asked_with_the_whole_url() -> None:
    """Host, port and scheme are those of the target, as mitmproxy has them."""
    (one,) = told(
        Talk().asks(b"GET http://a.test:81/x HTTP/1.1\r\nHost: a.test:81\r\n\r\n").answers(OK).items, PLAIN
    )
    assert (one.flow["host"], one.flow["port"], one.flow["url"]) == ("a.test", 81, "http://a.test:81/x")


CONNECT = b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"
MADE = b"HTTP/1.1 200 Connection established\r\n\r\n"


def test_what_passes_through_a_tunnel_is_read() -> None:
    """HTTP behind a CONNECT gives its flows; the CONNECT that made the way is none."""
    inside = GET.replace(b"chat.parley.test", b"a.test")
    (one,) = told(Talk().asks(CONNECT).answers(MADE).asks(inside).answers(OK).items, PLAIN)
    assert (one.flow["method"], one.flow["host"], one.flow["status"]) == ("GET", "a.test", 200)


def test_tls_inside_a_tunnel_is_counted() -> None:
    """Sealed bytes are told with host and length, and not kept."""
    talk = (
        Talk()
        .asks(CONNECT)
        .answers(MADE)
        .asks(b"\x16\x03\x01\x00\x05hello")
        .answers(b"\x16\x03\x03\x00\x01x")
    )
    (one,) = told(talk.items, PLAIN)
    assert (one.flow["kind"], one.flow["host"]) == ("tcp", "a.test") and "TLS" in one.flow["error"]
    assert one.messages == [("request", "raw", None, False, None), ("response", "raw", None, False, None)]


def test_a_refused_tunnel_is_an_exchange() -> None:
    """What was refused was asked for: it stands as a flow."""
    (one,) = told(Talk().asks(CONNECT).answers(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n").items, PLAIN)
    assert (one.flow["method"], one.flow["status"], one.flow["host"]) == ("CONNECT", 403, "a.test")


def test_another_protocol_after_a_switch() -> None:
    """The 101 is an exchange; what follows is a raw stream."""
    talk = Talk().asks(GET.replace(b"\r\n\r\n", b"\r\nUpgrade: x/1\r\n\r\n"))
    talk.answers(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x/1\r\n\r\n\x01\x02").asks(b"\x03")
    web, raw = told(talk.items)
    assert (web.flow["kind"], web.flow["status"], web.flow["response_complete"]) == ("http", 101, True)
    assert raw.flow["kind"] == "tcp"
    assert raw.messages == [
        ("response", "raw", b"\x01\x02", True, None),
        ("request", "raw", b"\x03", True, None),
    ]


def test_other_protocols_are_raw_messages() -> None:
    """Piece by piece, as mitmproxy keeps a raw stream; a hole stands among them."""
    (one,) = told(
        Talk().answers(b"220 hello\r\n").asks(b"EHLO x\r\n").loses("response", 7).asks(b"QUIT\r\n").items
    )
    assert (one.flow["kind"], one.flow["host"], one.flow["port"]) == ("tcp", CARRIER.sni, 443)
    assert one.messages == [
        ("response", "raw", b"220 hello\r\n", True, None),
        ("request", "raw", b"EHLO x\r\n", True, None),
        ("response", "raw", None, False, None),
        ("request", "raw", b"QUIT\r\n", True, None),
    ]

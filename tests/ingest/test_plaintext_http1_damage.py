"""HTTP/1 out of plaintext streams that were cut anywhere, have holes, or are damaged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.http1_talks import ASK, GET, HOST, OK, URL, WHOLE
from ingest.talks import DAMAGES, Damage, Talk, cut, damaged, told
from promptrail.ingest.plaintext.pieces import Carrier, Piece

CLIPPED = {
    "no answer": (Talk().asks(ASK), ("POST", URL + "/chat", b"hello", None, b""), False, None),
    "an answer cut short": (
        Talk().asks(GET).answers(OK[:-1]),
        ("GET", URL + "/a?b=c", b"", 200, b"h"),
        False,
        "the response is not whole",
    ),
    "an answer cut before its body": (
        Talk().asks(GET).answers(OK[:-2]),
        ("GET", URL + "/a?b=c", b"", 200, None),
        False,
        "the response is not whole",
    ),
    "a request cut short": (
        Talk().asks(ASK[:-2]),
        ("POST", URL + "/chat", b"hel", None, b""),
        False,
        "the request is not whole",
    ),
    "a hole in a body": (
        Talk().asks(ASK[:-3]).loses("request", 2).asks(b"o").answers(OK),
        ("POST", URL + "/chat", b"heo", 200, b"hi"),
        True,
        "the request is not whole",
    ),
    "a hole at the end of a body without length": (
        Talk().asks(GET).answers(b"HTTP/1.1 200 OK\r\n\r\nall").loses("response", None),
        ("GET", URL + "/a?b=c", b"", 200, b"all"),
        False,
        "the response is not whole",
    ),
}


@pytest.mark.parametrize("case", CLIPPED)
def test_what_is_missing_is_told(case: str) -> None:
    """What is there is kept and marked incomplete."""
    talk, line, complete, error = CLIPPED[case]
    (one,) = told(talk.items)
    assert one.line == line
    assert (one.flow["response_complete"], one.flow["error"]) == (complete, error)
    assert all(m[3] for one in [one] for m in one.messages) == (error is None)


def test_behind_a_hole_of_unknown_size_the_next_message_is_found() -> None:
    """The damaged exchange ends there; the next is whole; a start line may follow right behind another body's bytes."""
    talk = Talk().asks(ASK[:-3]).loses("request", None).asks(b'{"x":1}' + GET).answers(OK + OK)
    broken, whole, left = told(talk.items)
    assert broken.line[:3] == ("POST", URL + "/chat", b"he") and whole.line == (
        "GET",
        URL + "/a?b=c",
        b"",
        200,
        b"hi",
    )
    assert left.flow["kind"] == "tcp" and left.messages == [("request", "raw", b'{"x":1}', True, None)]


def test_an_answer_is_never_given_to_another_question() -> None:
    """An answer fell into a hole: its question stays unanswered, the later one gets its own."""
    talk = Talk().asks(GET).loses("response", None).asks(ASK).answers(OK)
    found = {one.flow["method"]: one for one in told(talk.items)}
    assert found["GET"].flow["status"] is None and "missing" in found["GET"].flow["error"]
    assert found["POST"].flow["status"] == 200


def test_a_question_fell_into_a_hole() -> None:
    """Its answer stands alone, and the next question keeps its own answer."""
    talk = (
        Talk()
        .asks(GET)
        .answers(OK)
        .loses("request", None)
        .answers(OK.replace(b"hi", b"ho"))
        .asks(ASK)
        .answers(OK)
    )
    assert [one.line for one in told(talk.items)] == [
        ("GET", URL + "/a?b=c", b"", 200, b"hi"),
        (None, None, b"", 200, b"ho"),
        ("POST", URL + "/chat", b"hello", 200, b"hi"),
    ]


def test_a_capture_that_begins_in_the_middle() -> None:
    """The rest of an answer is kept as raw bytes; what is asked then is read."""
    talk = Talk().answers(b"end of an answer").asks(GET).answers(OK)
    web, left = told(talk.items)
    assert web.line == ("GET", URL + "/a?b=c", b"", 200, b"hi")
    assert left.messages == [("response", "raw", b"end of an answer", True, None)]


def test_a_chunk_that_is_none() -> None:
    """The body ends there, and the next answer is found."""
    talk = Talk().asks(GET).answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n")
    broken, whole, left = told(talk.asks(ASK).answers(OK).items)
    assert broken.line[4] == b"ab" and not broken.flow["response_complete"]
    assert whole.line == ("POST", URL + "/chat", b"hello", 200, b"hi")
    assert left.messages == [("response", "raw", b"zz\r\n", True, None)]


EVERY = {name: talk for name, (talk, _) in WHOLE.items()} | {name: case[0] for name, case in CLIPPED.items()}


@given(st.sampled_from(sorted(EVERY)), st.lists(st.integers(1, 30), min_size=1, max_size=20))
def test_any_cut_gives_the_same_flows(name: str, sizes: list[int]) -> None:
    """However the stream was cut into pieces."""
    items = EVERY[name].items
    assert told(cut(items, sizes)) == told(items)


@pytest.mark.parametrize("name", EVERY)
def test_byte_by_byte(name: str) -> None:
    """Each byte a piece of its own."""
    assert told(cut(EVERY[name].items, [1])) == told(EVERY[name].items)


def test_a_body_of_any_size_is_read_once() -> None:
    """The tape lets go of what was read: a large body in small pieces never lies in it."""
    from promptrail.ingest.plaintext.tape import Tape

    most = 0
    cut_off = Tape._cut

    def measured(self: Tape, count: int) -> bytes:
        nonlocal most
        most = max(most, self.held)
        return cut_off(self, count)

    body = bytes(2_000_000)
    talk = (
        Talk()
        .asks(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        .answers(OK)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tape, "_cut", measured)
        (one,) = told(cut(talk.items, [1000]))
    assert one.messages[0][2] == body and most < 3000


@given(DAMAGES, st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_damage_takes_nothing_that_stood_before_it(damages: list[Damage], sizes: list[int]) -> None:
    """No exception; the exchanges before the first damaged piece are as they were."""
    talk = Talk()
    for _ in range(4):
        for item in WHOLE["chunked, extensions and trailers"][0].items:
            assert isinstance(item, Piece)
            (talk.asks if item.direction == "request" else talk.answers)(item.data)
    items, edge = damaged(talk.items, damages)
    intact = [one for one in told(talk.items) if one.flow["ended"] < edge]
    found = told(cut(items, sizes))
    assert [one for one in found if one in intact] == intact


@given(st.binary(max_size=300), st.binary(max_size=300), st.sampled_from([None, "http/1.1", "h2"]))
def test_any_bytes_are_no_exception(asked: bytes, answered: bytes, alpn: str | None) -> None:
    """Nonsense becomes raw bytes, all of them."""
    carrier = Carrier("x", True, alpn=alpn)
    made = told([Piece(1.0, "request", asked, "1"), Piece(2.0, "response", answered, "2")], carrier)
    if alpn is None and b"HTTP" not in asked + answered and not any(one.flow["error"] for one in made):
        kept = b"".join(m[2] or b"" for one in made for m in one.messages)
        assert kept == asked + answered

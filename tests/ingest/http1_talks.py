"""HTTP/1 conversations that are whole: what was said, and the exchanges that it is."""

import gzip

from ingest.talks import Talk

HOST = b"Host: chat.parley.test\r\n"
ASK = b"POST /chat HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello"
GET = b"GET /a?b=c HTTP/1.1\r\n" + HOST + b"\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
URL = "https://chat.parley.test"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
PACKED = gzip.compress(b'{"said": "hello"}', mtime=0)

WHOLE = {
    "content-length": (
        Talk().asks(ASK).answers(OK),
        [("POST", URL + "/chat", b"hello", 200, b"hi")],
    ),
    "keep-alive": (
        Talk().asks(ASK).answers(OK).asks(GET).answers(OK),
        [("POST", URL + "/chat", b"hello", 200, b"hi"), ("GET", URL + "/a?b=c", b"", 200, b"hi")],
    ),
    "pipelining": (
        Talk().asks(ASK + GET + ASK).answers(OK + OK.replace(b"hi", b"ho") + OK),
        [
            ("POST", URL + "/chat", b"hello", 200, b"hi"),
            ("GET", URL + "/a?b=c", b"", 200, b"ho"),
            ("POST", URL + "/chat", b"hello", 200, b"hi"),
        ],
    ),
    "chunked, extensions and trailers": (
        Talk()
        .asks(b"POST /c HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        .answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nA \r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n")
        .asks(GET)
        .answers(OK),
        [("POST", URL + "/c", b"abcde", 200, b"0123456789"), ("GET", URL + "/a?b=c", b"", 200, b"hi")],
    ),
    "a body stays encoded as it was sent": (
        Talk()
        .asks(GET)
        .answers(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(PACKED), PACKED)),
        [("GET", URL + "/a?b=c", b"", 200, PACKED)],
    ),
    "until the connection closes": (
        Talk().asks(GET).answers(b"HTTP/1.0 200 OK\r\n\r\nall of").answers(b" this\r\n\r\n"),
        [("GET", URL + "/a?b=c", b"", 200, b"all of this\r\n\r\n")],
    ),
    "answers without a body": (
        Talk()
        .asks(b"HEAD /h HTTP/1.1\r\n" + HOST + b"\r\n")
        .answers(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
        .asks(GET)
        .answers(b"HTTP/1.1 204 No Content\r\n\r\n")
        .asks(GET)
        .answers(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n")
        .asks(GET)
        .answers(OK),
        [
            ("HEAD", URL + "/h", b"", 200, b""),
            ("GET", URL + "/a?b=c", b"", 204, b""),
            ("GET", URL + "/a?b=c", b"", 304, b""),
            ("GET", URL + "/a?b=c", b"", 200, b"hi"),
        ],
    ),
    "interim answers": (
        Talk()
        .asks(ASK.removesuffix(b"hello"))
        .answers(b"HTTP/1.1 100 Continue\r\n\r\n")
        .asks(b"hello")
        .answers(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK),
        [("POST", URL + "/chat", b"hello", 200, b"hi")],
    ),
    "answered before it was asked whole": (
        Talk().asks(ASK.removesuffix(b"llo")).answers(OK).asks(b"llo" + GET).answers(OK),
        [("POST", URL + "/chat", b"hello", 200, b"hi"), ("GET", URL + "/a?b=c", b"", 200, b"hi")],
    ),
    "an upgrade that was not taken": (
        Talk().asks(GET.replace(b"\r\n\r\n", b"\r\nUpgrade: h2c\r\n\r\n")).answers(OK).asks(GET).answers(OK),
        [("GET", URL + "/a?b=c", b"", 200, b"hi")] * 2,
    ),
    "bare line feeds, empty lines before a request": (
        Talk()
        .asks(b"\r\n\r\nGET / HTTP/1.1\nHost: chat.parley.test\n\n")
        .answers(b"HTTP/1.1 200\nContent-Length: 0\n\n"),
        [("GET", URL + "/", b"", 200, b"")],
    ),
    "another port": (
        Talk().asks(b"GET / HTTP/1.1\r\nHost: chat.parley.test:8443\r\n\r\n").answers(OK),
        [("GET", URL + ":8443/", b"", 200, b"hi")],
    ),
}  # fmt: skip

"""One entry of a HAR into a flow and its messages; what its bodies went through is remarked by entry number.

In: an entry as JSON gave it, hostile in every field. Out: records as the flow-file reader makes them for the same
exchange. Refuses an entry without a request; a field that is not what it should be is taken as not told.
"""

import base64
import binascii
import datetime
import ipaddress
import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, urlsplit

from promptrail.ingest.authority import PORTS, taken_apart
from promptrail.ingest.har_dialects import EMPTY_TEXT_IS_MISSING, Dialect, Size, Text
from promptrail.ingest.har_text import Length, Remark, as_utf8, restore
from promptrail.ingest.identity import body_of, connection_id, flow_id, marked, stated
from promptrail.ingest.rows import FlowRow, MessageRow
from promptrail.ingest.sink import Sink
from promptrail.model import Headers

WEB = {"ws": "http", "wss": "https"}
VERSIONS = {
    "h2": "HTTP/2.0",
    "http/2": "HTTP/2.0",
    "http/2.0": "HTTP/2.0",
    "2.0": "HTTP/2.0",
    "h3": "HTTP/3",
    "http/3": "HTTP/3",
    "http/3.0": "HTTP/3",
    "http/1.1": "HTTP/1.1",
    "1.1": "HTTP/1.1",
    "http/1.0": "HTTP/1.0",
    "1.0": "HTTP/1.0",
}
NO_BODY = frozenset({204, 304})
"""Answers without content (RFC 9110, 6.4.1), as are those to HEAD."""
PORT = re.compile(r"(?<=[\d\]]):\d{1,5}$")
BLANK = re.compile(r"\s+")


class Entries:
    """Turns the entries of one run into records. `remarks`: entry numbers by what was met in them."""

    def __init__(self, run: str, sink: Sink, dialect: Dialect) -> None:
        self.run, self.sink, self.dialect = run, sink, dialect
        self.remarks: dict[Remark, list[int]] = {}
        self._number = 0

    def convert(self, entry: dict[str, Any], number: int) -> tuple[FlowRow, list[MessageRow]]:
        """The records of one entry. LookupError, TypeError, ValueError or AttributeError if it is none."""
        self._number = number
        request, response = entry["request"], entry.get("response") or {}
        url = str(request["url"])
        began = entry.get("startedDateTime")
        started = self._seconds(began) if began else None
        took = number_of(entry.get("time"))
        status = int(number_of(response.get("status")) or 0)
        whole = status > 0 and started is not None and took is not None and took >= 0
        ended = (started or 0) + (took or 0) / 1000 if whole else None
        asked, answered = headers_of(request), headers_of(response)
        scheme, host, port = place_of(url, asked)
        frames = entry.get("_webSocketMessages") or []
        web = bool(frames) or entry.get("_resourceType") == "websocket" or urlsplit_scheme(url) in WEB
        sent = self._posted(request, asked)
        received = self._answer(response, answered, str(request.get("method")), status, web)
        address = address_of(str(entry.get("serverIPAddress") or ""))
        ref = str(number)
        flow = FlowRow(
            flow=flow_id(self.run, ref),
            run=self.run,
            source_ref=ref,
            kind="websocket" if web else "http",
            host=host,
            port=port,
            method=str(request.get("method") or "").upper(),
            scheme=scheme,
            url=url,
            http_version=version_of(request.get("httpVersion")) or version_of(response.get("httpVersion")),
            status=status if status > 0 else None,
            started=started,
            ended=ended,
            dest_ip=address,
            dest_port=port_of(entry.get("_serverPort")),
            request_headers=asked,
            response_headers=answered,
            connection=connection_id(self.run, f"{host}|{address}|{entry.get('connection')}"),
            request_body=self._stored(sent),
            request_length=None if sent is None else len(sent),
            response_body=self._stored(received),
            response_length=None if received is None else len(received),
            response_complete=status > 0 and not response.get("_incomplete"),
            bodies_decoded=True,
            error=error_of(response),
            simulated=marked(answered, None) or entry.get("_simulated") is True,
        )
        messages = []
        if sent != b"":
            messages.append(body_of(flow, "request", started))
        if received != b"" and status > 0 and not web:
            messages.append(body_of(flow, "response", ended, flow.response_complete))
        messages += [self._frame(flow, seq, frame) for seq, frame in enumerate(frames, 2)]
        return flow, messages

    def _remark(self, remark: Remark | None) -> None:
        """Remember it of the entry at hand, once."""
        if remark and self._number not in (numbers := self.remarks.setdefault(remark, []))[-1:]:
            numbers.append(self._number)

    def _stored(self, data: bytes | None) -> str | None:
        return None if data is None else self.sink.body(data)

    def _posted(self, request: dict[str, Any], headers: Headers) -> bytes | None:
        """The request body's bytes; None: the file does not hold them."""
        posted = request.get("postData")
        size = number_of(request.get("bodySize"))
        missing = (size or 0) > 0 or announced(headers) > 0
        if not isinstance(posted, dict) or not posted:
            return None if missing else b""
        text = posted.get("text")
        if text:
            media = stated(headers, b"content-type") or str(posted.get("mimeType") or "")
            coded = (stated(headers, b"content-encoding") or "identity").lower() not in ("", "identity")
            told = length_sent(headers, size, self.dialect.request_size) if not coded else None
            return self._text(posted, told, self.dialect.request, media)
        if fields := posted.get("params"):
            self._remark("rebuilt")
            pairs = [(str(f.get("name", "")), str(f.get("value", ""))) for f in fields]
            return "&".join(f"{quote_plus(as_utf8(k))}={quote_plus(as_utf8(v))}" for k, v in pairs).encode()
        unsaid = (text is None and "text" in posted) or "_file" in posted or "_sha1" in posted
        return None if missing or unsaid or self.dialect.name in EMPTY_TEXT_IS_MISSING else b""

    def _answer(
        self, response: dict[str, Any], headers: Headers, method: str, status: int, web: bool
    ) -> bytes | None:
        """The response body's bytes; None: the file does not hold them."""
        content = response.get("content") or {}
        text, size = content.get("text"), number_of(content.get("size"))
        if status <= 0 and not text:
            return None
        bare = web or status in NO_BODY or method.upper() == "HEAD"
        if not text and announced(headers) > 0 and not bare:
            return None
        if text is None:
            return b"" if size == 0 or bare else None
        media = stated(headers, b"content-type") or str(content.get("mimeType") or "")
        counts = self.dialect.content_size
        if counts == "sent" and size is not None:
            size += number_of(content.get("compression")) or 0
        told = None
        if size is not None and size >= 0 and counts != "none":
            told = Length(int(size), counts != "unknown")
        return self._text(content, told, self.dialect.response, media, answer=True)

    def _text(
        self, held: dict[str, Any], told: Length | None, how: Text, media: str, answer: bool = False
    ) -> bytes:
        text = str(held["text"])
        if str(held.get("encoding") or "").lower() == "base64":
            return self._unbase64(text)
        data, remark = restore(text, told, how, media)
        if not (
            answer and remark == "length"
        ):  # an answer's size is that of a cache or a transfer, as often as not
            self._remark(remark)
        return data

    def _unbase64(self, text: str) -> bytes:
        bare = BLANK.sub("", text).rstrip("=")
        try:
            return base64.b64decode(
                bare + "=" * (-len(bare) % 4), "-_" if set("-_") & set(bare) else None, validate=True
            )
        except (binascii.Error, ValueError):
            self._remark("base64")
            return as_utf8(text)

    def _frame(self, flow: FlowRow, seq: int, frame: dict[str, Any]) -> MessageRow:
        """A WebSocket message as Chrome writes it: opcode 1 text, 2 base64; PCAPdroid's `encoding` says so of both."""
        data, text = str(frame.get("data") or ""), frame.get("opcode") != 2
        packed = not text or frame.get("encoding") == "base64"
        raw = self._unbase64(data) if packed else as_utf8(data)
        return MessageRow(
            flow.flow,
            self.run,
            seq,
            "request" if frame.get("type") == "send" else "response",
            "ws",
            self.sink.body(raw),
            len(raw),
            number_of(frame.get("time")),
            True,
            text,
        )

    def _seconds(self, text: object) -> float | None:
        """Seconds since the epoch; a time without offset is taken as UTC, and remarked."""
        try:
            moment = datetime.datetime.fromisoformat(str(text))
            if moment.tzinfo is None:
                self._remark("zone")
                moment = moment.replace(tzinfo=datetime.UTC)
            return moment.timestamp()
        except (ValueError, OverflowError):
            return None


def place_of(url: str, headers: Headers) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of a URL; a host that is none stands as it is.

    mitmproxy writes IPv6 addresses without brackets: where they end, the Host header tells.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return urlsplit_scheme(url), None, None
    scheme = WEB.get(parts.scheme, parts.scheme)
    place = parts.netloc.rpartition("@")[2]
    if place.count(":") > 1 and not place.startswith("["):
        place = stated(headers, b"host") or place
    host, port = taken_apart(place)
    return scheme, host or None, port or PORTS.get(scheme)


def urlsplit_scheme(url: str) -> str:
    """What stands before ://, in small letters."""
    return url.partition("://")[0].lower()


def headers_of(message: dict[str, Any]) -> Headers:
    """Names and values in their order, as objects (HAR) or as pairs (Slack's export)."""
    found = []
    for field in message.get("headers") or []:
        name, value = (field["name"], field["value"]) if isinstance(field, dict) else (field[0], field[1])
        found.append((as_utf8(str(name)), as_utf8("" if value is None else str(value))))
    return found


def length_sent(headers: Headers, size: float | None, counts: Size) -> Length | None:
    """How long the request body was on the wire: its header says it, or the tool does."""
    header = announced(headers)
    if header >= 0:
        return Length(header, True)
    if size is None or size < 0 or counts == "none":
        return None
    return Length(int(size), counts == "sent")


def announced(headers: Headers) -> int:
    """Content-Length; -1 where there is none."""
    header = stated(headers, b"content-length") or ""
    return int(header) if header.isdecimal() and len(header) < 16 else -1


def number_of(value: Any) -> float | None:
    """A number of any reasonable size; None for everything else, infinities and NaN included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -1e15 < value < 1e15 else None


def port_of(value: Any) -> int | None:
    found = number_of(value)
    return int(found) if found is not None and 0 < found < 65536 else None


def version_of(value: Any) -> str | None:
    """HTTP/1.1, HTTP/2.0, HTTP/3; another word stands as it is."""
    word = str(value or "").strip()
    return VERSIONS.get(word.lower(), word) or None


@lru_cache(maxsize=4096)
def address_of(word: str) -> str | None:
    """An IP address without brackets and port; None for what is none."""
    word = word.strip()
    for bare in (word, PORT.sub("", word)):
        try:
            return str(ipaddress.ip_address(bare.strip("[]")))
        except ValueError:
            continue
    return None


def error_of(response: dict[str, Any]) -> str | None:
    """What the tool says went wrong: Chrome's and mitmproxy's word for it, or Playwright's."""
    said = response.get("_error") or response.get("_failureText")
    return str(said) if said else None

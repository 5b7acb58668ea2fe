"""HTTP exchanges: mitmproxy's HTTP hooks in, records `request`, `response`, `error` and what precedes them out.

Event streams and answers of unknown length pass through as they come, each piece written before it goes on. Other
bodies are held by mitmproxy until they are whole, and are lost with it when they never are: the record then says so.
"""

from typing import Any

from mitmproxy import http
from mitmproxy.net.http.http1 import expected_http_body_size

from promptrail_capture import facts
from promptrail_capture.content_encoding import decoded_digest
from promptrail_capture.recording import Recording, recorded
from promptrail_capture.streamed_body import StreamedBody

ENDED = "the recording ended while this exchange was open"


class Exchanges:
    name = "promptrail_exchanges"

    def __init__(self, recording: Recording):
        self.recording = recording
        self.open: dict[str, http.HTTPFlow] = {}
        self.begun: set[str] = set()
        """Open exchanges whose `responsestart` is written."""
        self.streams: dict[tuple[str, str], StreamedBody] = {}

    @recorded
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        self.open[flow.id] = flow
        self.recording.connection(flow.client_conn.id, "read")
        if flow.request.stream:  # stream_large_bodies, or another addon
            self.recording.writer.record("requeststart", flow.request.timestamp_start, **facts.request(flow))
            self._tap(flow, flow.request, "request")

    @recorded
    def request(self, flow: http.HTTPFlow) -> None:
        self._request(flow)

    def _request(self, flow: http.HTTPFlow) -> None:
        q = flow.request
        body = self._body(flow, q, "request")
        known = facts.request(flow)
        self.recording.writer.record("request", q.timestamp_start, **known, t_end=q.timestamp_end, body=body)

    @recorded
    def responseheaders(self, flow: http.HTTPFlow) -> None:
        p = flow.response
        assert p
        try:
            unknown = expected_http_body_size(flow.request, p) in (None, -1)
        except ValueError:  # a Content-Length that is no number
            unknown = True
        if p.stream or (unknown and p.status_code != 101) or facts.is_event_stream(p):
            self._begin_response(flow)
            self._tap(flow, p, "response")

    def _begin_response(self, flow: http.HTTPFlow) -> None:
        p = flow.response
        assert p
        self.begun.add(flow.id)
        self.recording.writer.record(
            "responsestart",
            p.timestamp_start,
            flow=flow.id,
            status=p.status_code,
            headers=facts.pairs(p.headers),
        )

    @recorded
    def response(self, flow: http.HTTPFlow) -> None:
        p = flow.response
        assert p
        stream = self.streams.get((flow.id, "response"))
        self.recording.writer.record(
            "response",
            p.timestamp_start,
            **facts.response(flow),
            body=self._body(flow, p, "response"),
            complete=True,
            chunks=stream.chunks if stream else 0,
        )
        if flow.websocket is None:
            self._forget(flow)

    @recorded
    def error(self, flow: http.HTTPFlow) -> None:
        if flow.id in self.open:
            self._break_off(flow, flow.error.msg if flow.error else "mitmproxy gave no reason")

    @recorded
    def websocket_end(self, flow: http.HTTPFlow) -> None:
        self._forget(flow)

    def finish(self) -> None:
        """Write what there is of every exchange that is still open."""
        for flow in list(self.open.values()):
            self._break_off(flow, ENDED)

    def _break_off(self, flow: http.HTTPFlow, message: str) -> None:
        """An exchange that will never be whole: what there is of it, and why."""
        self.open.pop(flow.id, None)
        if flow.request.timestamp_end is None:  # its request hook never came
            self._request(flow)
        if flow.response and flow.id not in self.begun and flow.websocket is None:
            self._begin_response(flow)
        stream = self.streams.get((flow.id, "response"))
        self.recording.writer.record(
            "error",
            flow=flow.id,
            message=message,
            complete=False,
            body=self._body(flow, flow.response, "response") if stream and flow.response else None,
            chunks=stream.chunks if stream else 0,
        )
        self._forget(flow)

    def _forget(self, flow: http.HTTPFlow) -> None:
        self.open.pop(flow.id, None)
        self.begun.discard(flow.id)
        self.streams.pop((flow.id, "request"), None)
        self.streams.pop((flow.id, "response"), None)

    def _tap(self, flow: http.HTTPFlow, message: http.Message, direction: str) -> None:
        stream = StreamedBody(self.recording, flow.id, direction, message.stream)
        self.streams[flow.id, direction] = stream
        message.stream = stream

    def _body(self, flow: http.HTTPFlow, message: http.Message, direction: str) -> Any:
        """The reference of a body, streamed or held by mitmproxy; None where it is missing."""
        stream, raw = self.streams.get((flow.id, direction)), message.raw_content
        if stream is None or (not stream.chunks and raw is not None):
            ref = self.recording.writer.body(raw)
        else:
            ref, raw = stream.reference(), None
        encoding = message.headers.get("content-encoding")
        if ref and ref["length"] and encoding:
            pieces = self.recording.writer.read(ref["at"]) if raw is None else [raw]
            ref["decoded"] = decoded_digest(pieces, encoding)
        return ref

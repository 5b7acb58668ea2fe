"""What is no HTTP exchange: WebSocket messages, raw TCP and UDP streams, DNS queries; one record a message.

Each message is written when it passes, so that a stream which never ends is kept as well.
"""

from typing import Any

from mitmproxy import dns, http, tcp, udp

from promptrail_capture import facts
from promptrail_capture.recording import Recording, recorded

RawFlow = tcp.TCPFlow | udp.UDPFlow


class Messages:
    name = "promptrail_messages"

    def __init__(self, recording: Recording):
        self.recording = recording
        self.asked: dict[str, dns.DNSFlow] = {}

    def _message(self, flow: http.HTTPFlow | RawFlow, kind: str, messages: Any, text: bool | None) -> None:
        last = messages[-1]
        self.recording.writer.record(
            "message",
            last.timestamp,
            flow=flow.id,
            kind=kind,
            seq=len(messages) - 1,
            from_client=last.from_client,
            text=text,
            body=self.recording.writer.body(last.content),
        )

    @recorded
    def websocket_message(self, flow: http.HTTPFlow) -> None:
        assert flow.websocket
        self._message(flow, "ws", flow.websocket.messages, flow.websocket.messages[-1].is_text)

    @recorded
    def websocket_end(self, flow: http.HTTPFlow) -> None:
        assert flow.websocket
        code, reason = flow.websocket.close_code, flow.websocket.close_reason
        self.recording.writer.record("streamend", flow=flow.id, code=code, reason=reason)

    @recorded
    def tcp_start(self, flow: RawFlow) -> None:
        self.recording.connection(flow.client_conn.id, "read")
        self.recording.writer.record("stream", flow.timestamp_created, **facts.stream(flow))

    @recorded
    def tcp_message(self, flow: RawFlow) -> None:
        self._message(flow, flow.type, flow.messages, None)

    @recorded
    def tcp_end(self, flow: RawFlow) -> None:
        self.recording.writer.record("streamend", flow=flow.id)

    @recorded
    def tcp_error(self, flow: RawFlow) -> None:
        message = flow.error.msg if flow.error else "mitmproxy gave no reason"
        self.recording.writer.record(
            "error", flow=flow.id, message=message, complete=False, body=None, chunks=0
        )

    udp_start, udp_message, udp_end, udp_error = tcp_start, tcp_message, tcp_end, tcp_error

    @recorded
    def dns_request(self, flow: dns.DNSFlow) -> None:
        self.recording.connection(flow.client_conn.id, "read")
        self.asked[flow.id] = flow

    @recorded
    def dns_response(self, flow: dns.DNSFlow) -> None:
        self._answered(flow)

    @recorded
    def dns_error(self, flow: dns.DNSFlow) -> None:
        self._answered(flow)

    def _answered(self, flow: dns.DNSFlow) -> None:
        self.asked.pop(flow.id, None)
        self.recording.writer.record("dns", flow.timestamp_created, **facts.dns_query(flow))

    def finish(self) -> None:
        """Write the questions that no answer came to."""
        for flow in list(self.asked.values()):
            self._answered(flow)

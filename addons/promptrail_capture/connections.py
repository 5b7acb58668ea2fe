"""Connections, read or not: mitmproxy's connection and TLS hooks in, records `connection` out.

A record completes the earlier ones of its connection. A connection has one outcome, the first that is known: read,
tls-failed-client, tls-failed-server, passed-through, connect-failed; "open" until then. mitmproxy's flow file has
none of those that were not read.
"""

from typing import Any

from mitmproxy import connection, http, tls
from mitmproxy.proxy import layer, server_hooks

from promptrail_capture import facts
from promptrail_capture.recording import Recording, recorded


class Connections:
    name = "promptrail_connections"

    def __init__(self, recording: Recording):
        self.recording = recording

    @recorded
    def client_connected(self, client: connection.Client) -> None:
        self.recording.writer.record(
            "connection",
            conn=client.id,
            opened=client.timestamp_start,
            peer=facts.address(client.peername),
            transport=client.transport_protocol,
            outcome="open",
        )
        self.recording.outcomes[client.id] = "open"

    @recorded
    def client_disconnected(self, client: connection.Client) -> None:
        self.recording.connection(client.id, closed=client.timestamp_end)
        self.recording.outcomes.pop(client.id, None)

    @recorded
    def server_connected(self, data: server_hooks.ServerConnectionHookData) -> None:
        self.recording.connection(data.client.id, **facts.destination(data.server))

    @recorded
    def server_connect_error(self, data: server_hooks.ServerConnectionHookData) -> None:
        known = facts.destination(data.server)
        self.recording.connection(data.client.id, "connect-failed", **known, reason=data.server.error)

    @recorded
    def http_connect(self, flow: http.HTTPFlow) -> None:
        host, port = flow.request.host, flow.request.port
        self.recording.connection(flow.client_conn.id, dest_host=host, dest_port=port)

    @recorded
    def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        known = facts.destination(data.context.server)
        self.recording.connection(data.context.client.id, sni=data.client_hello.sni, **known)

    @recorded
    def tls_established_client(self, data: tls.TlsData) -> None:
        self.recording.connection(data.context.client.id, **facts.session(data.conn))

    @recorded
    def tls_established_server(self, data: tls.TlsData) -> None:
        self.recording.connection(data.context.client.id, **facts.certificate(data.context.server))

    @recorded
    def tls_failed_client(self, data: tls.TlsData) -> None:
        known = facts.session(data.conn) | facts.destination(data.context.server)
        self._tls_failed("tls-failed-client", data, known)

    @recorded
    def tls_failed_server(self, data: tls.TlsData) -> None:
        known = facts.destination(data.context.server) | facts.certificate(data.context.server)
        self._tls_failed("tls-failed-server", data, known)

    def _tls_failed(self, outcome: str, data: tls.TlsData, known: dict[str, Any]) -> None:
        self.recording.connection(data.context.client.id, outcome, **known, reason=data.conn.error)


class PassThrough:
    """Comes after mitmproxy's own decisions, and so sees which connections it will not look into."""

    name = "promptrail_pass_through"

    def __init__(self, recording: Recording):
        self.recording = recording

    @recorded
    def next_layer(self, data: layer.NextLayer) -> None:
        if known := facts.passed_through(data):
            self.recording.connection(data.context.client.id, "passed-through", **known)

    @recorded
    def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        if data.ignore_connection:
            reason = "another addon told the proxy to relay it unread"
            self.recording.connection(data.context.client.id, "passed-through", reason=reason)

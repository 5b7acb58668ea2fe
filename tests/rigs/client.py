"""A client that reaches the TLS server through the proxy, as an app that trusts the proxy's CA does."""

import http.client
import ssl
from pathlib import Path

from rigs.mitmdump import Mitmdump, tunnel

HOST = "chat.parley.test"


def client(proxy: Mitmdump, trusted: Path | None = None) -> http.client.HTTPSConnection:
    """A client that goes through the proxy and trusts its CA, or only what it is told to."""
    context = ssl.create_default_context(cafile=str(trusted or proxy.confdir / "mitmproxy-ca-cert.pem"))
    connection = http.client.HTTPSConnection("127.0.0.1", proxy.port, context=context, timeout=60)
    connection.set_tunnel(HOST, 443)
    return connection


def get(proxy: Mitmdump, path: str) -> http.client.HTTPResponse:
    connection = client(proxy)
    connection.request("GET", path)
    return connection.getresponse()


def send_raw(proxy: Mitmdump, request: bytes) -> bytes:
    """What comes back for these bytes, over TLS through the proxy, until the other side closes."""
    context = ssl.create_default_context(cafile=str(proxy.confdir / "mitmproxy-ca-cert.pem"))
    with tunnel(proxy.port, HOST) as plain, context.wrap_socket(plain, server_hostname=HOST) as secure:
        secure.sendall(request)
        answer = b""
        while not answer.endswith(b"<script>") and (data := secure.recv(9999)):
            answer += data
        return answer

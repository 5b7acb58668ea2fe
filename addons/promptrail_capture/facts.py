"""What mitmproxy's objects say, as values of evidence records: flows and connections in, plain JSON values out.

What the proxy does not know is None. Header names and values are Latin-1 pairs, which keeps every byte (RFC 9110
section 5.5). A certificate that cannot be read counts as none: it comes from the other side.
"""

import contextlib
import functools
import platform
from typing import Any

from mitmproxy import certs, connection, dns, http, tcp, udp, version
from mitmproxy.net.dns import response_codes, types
from mitmproxy.proxy import layer, layers
from mitmproxy.proxy.layers.tls import parse_client_hello

RECORDER = "promptrail capture 1"


def tool() -> dict[str, str]:
    return {
        "recorder": RECORDER,
        "mitmproxy": version.VERSION,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def address(of: Any) -> list[Any] | None:
    """[host or ip, port]; IPv6's flow label and scope are dropped."""
    return list(of[:2]) if of else None


def destination(server: connection.Server) -> dict[str, Any]:
    """What the client asked for, and the address that the proxy really connected to."""
    host, port = server.address[:2] if server.address else (None, None)
    return {"dest_host": host, "dest_port": port, "dest_ip": address(server.peername)}


def session(client: connection.Connection) -> dict[str, Any]:
    """The TLS session with the client."""
    alpn = client.alpn.decode("ascii", "replace") if client.alpn else None
    return {"sni": client.sni, "alpn": alpn, "tls_version": client.tls_version, "cipher": client.cipher}


def certificate(server: connection.Server) -> dict[str, Any]:
    """The server's own certificate, as the proxy saw it; {} without one."""
    return dict(_certificate(server.certificate_list[0])) if server.certificate_list else {}


@functools.lru_cache(512)
def _certificate(cert: certs.Cert) -> dict[str, Any]:
    try:
        names = [str(name.value) for name in cert.altnames] or [cert.cn or ""]
        return {
            "cert_names": names,
            "cert_subject": _name(cert.subject),
            "cert_issuer": _name(cert.issuer),
            "cert_sha256": cert.fingerprint().hex(),
        }
    except Exception:
        return {"cert_sha256": cert.fingerprint().hex()}


def _name(parts: list[tuple[str, str]]) -> str:
    return ", ".join(f"{key}={value}" for key, value in parts)


def pairs(headers: http.Headers | None) -> list[list[str]] | None:
    if headers is None:
        return None
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers.fields]


def reached(server: connection.Server) -> dict[str, Any]:
    """What an exchange keeps of its server, should the record of its connection be lost."""
    cert = certificate(server)
    return {
        "dest_ip": address(server.peername),
        "cert_names": cert.get("cert_names"),
        "cert_issuer": cert.get("cert_issuer"),
    }


def request(flow: http.HTTPFlow) -> dict[str, Any]:
    q = flow.request
    return {
        "flow": flow.id,
        "conn": flow.client_conn.id,
        "method": q.method,
        "scheme": q.scheme,
        "host": q.pretty_host,
        "port": q.port,
        "authority": q.authority or q.host_header,
        "url": q.pretty_url,
        "http_version": q.http_version,
        "headers": pairs(q.headers),
        "trailers": pairs(q.trailers),
        "sni": flow.client_conn.sni,
        **reached(flow.server_conn),
    }


def response(flow: http.HTTPFlow) -> dict[str, Any]:
    p = flow.response
    assert p
    return {
        "flow": flow.id,
        "t_end": p.timestamp_end,
        "status": p.status_code,
        "reason": p.reason,
        "http_version": p.http_version,
        "headers": pairs(p.headers),
        "trailers": pairs(p.trailers),
        **reached(flow.server_conn),
    }


def is_event_stream(message: http.Response) -> bool:
    return str(message.headers.get("content-type", "")).lower().startswith("text/event-stream")


def stream(flow: tcp.TCPFlow | udp.UDPFlow) -> dict[str, Any]:
    host, port = flow.server_conn.address[:2] if flow.server_conn.address else (None, None)
    return {
        "flow": flow.id,
        "conn": flow.client_conn.id,
        "kind": flow.type,
        "host": host,
        "port": port,
        "sni": flow.client_conn.sni,
        **reached(flow.server_conn),
    }


def dns_query(flow: dns.DNSFlow) -> dict[str, Any]:
    """A question and its answer; `answers` and `code` are None where no answer came."""
    answer = flow.response
    return {
        "flow": flow.id,
        "conn": flow.client_conn.id,
        "question": [[q.name, types.to_str(q.type)] for q in flow.request.questions],
        "answers": [[a.name, types.to_str(a.type), str(a)] for a in answer.answers] if answer else None,
        "code": response_codes.to_str(answer.response_code) if answer else None,
        "error": flow.error.msg if flow.error else None,
        "dest_ip": address(flow.server_conn.peername),
    }


def passed_through(data: layer.NextLayer) -> dict[str, Any] | None:
    """What is known of a connection that the proxy decided to relay unread; None for every other decision."""
    if not isinstance(data.layer, layers.TCPLayer | layers.UDPLayer):
        return None
    sent: bytes = data.data_client()  # type: ignore[no-untyped-call]
    tls_unread = sent[:2] == b"\x16\x03" and data.context.client.timestamp_tls_setup is None
    if data.layer.flow is not None and not tls_unread:
        return None
    sni = None
    with contextlib.suppress(Exception):  # whatever a client sends as its first bytes
        hello = parse_client_hello(sent)
        sni = hello.sni if hello else None
    reason = "the proxy's options tell it to relay this host unread (ignore_hosts, allow_hosts, tcp_hosts)"
    return {"sni": sni, **destination(data.context.server), "reason": reason}

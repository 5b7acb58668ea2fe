"""addons/capture.py in a real mitmdump, over real TLS: what its evidence holds of good traffic and of broken."""

import hashlib
import http.client
import json
import resource
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from promptrail.case.evidence import verify
from promptrail.lab import authority
from rigs.mitmdump import Mitmdump, routed, tunnel, until
from rigs.tls_server import JSON, PIECES, TlsServer

HOST = "chat.parley.test"
pytestmark = pytest.mark.rig


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.make(tmp_path_factory.mktemp("certificates")).parent


@pytest.fixture
def server(certificates: Path) -> Iterator[TlsServer]:
    with TlsServer(certificates / f"{HOST}.pem") as running:
        yield running


@pytest.fixture(scope="module")
def confdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One CA for all proxies of this file."""
    return tmp_path_factory.mktemp("confdir")


@pytest.fixture
def proxy(tmp_path: Path, server: TlsServer, certificates: Path, confdir: Path) -> Iterator[Mitmdump]:
    with Mitmdump(tmp_path, *routed(server.port, certificates), confdir=confdir) as running:
        yield running


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


def test_an_exchange_is_kept_as_sent_with_its_facts_apart(proxy: Mitmdump, server: TlsServer) -> None:
    """Request and answer, byte for byte; the host asked for, SNI, address and certificate each in its own field."""
    connection = client(proxy)
    connection.request(
        "POST", "/v1?q=%EC%B0%B8", body=b"hello \x00\xff", headers={"X-Twice": "a", "x-twice": "b"}
    )
    answer = connection.getresponse()
    assert answer.read() == JSON
    proxy.stop(signal.SIGINT)
    (request,), (response,) = proxy.records("request"), proxy.records("response")
    assert proxy.body(request["body"]) == b"hello \x00\xff" and proxy.body(response["body"]) == JSON
    assert (request["method"], request["url"]) == ("POST", f"https://{HOST}/v1?q=%EC%B0%B8")
    assert (request["host"], request["sni"], request["dest_ip"]) == (HOST, HOST, ["127.0.0.1", server.port])
    assert request["cert_names"] == [HOST] and "SIMULATED" in request["cert_issuer"]
    assert [h for h in request["headers"] if h[0].lower() == "x-twice"] == [
        ["X-Twice", "a"],
        ["x-twice", "b"],
    ]
    assert (response["status"], response["complete"], response["flow"]) == (200, True, request["flow"])
    assert proxy.connection(sni=HOST)["outcome"] == "read"


def test_the_run_is_sealed_and_mitmproxys_own_file_with_it(proxy: Mitmdump) -> None:
    """After Ctrl-C the manifest verifies, and the flow file is whole for mitmproxy's own reader."""
    from mitmproxy.http import HTTPFlow
    from mitmproxy.io import FlowReader

    get(proxy, "/").read()
    get(proxy, "/stream").read()
    assert proxy.stop(signal.SIGINT) == 0
    assert verify(proxy.folder) == []
    manifest = json.loads((proxy.folder / "manifest.json").read_text())
    assert set(manifest["files"]) == {"evidence.jsonl", "bodies.pack", "flows.mitm"}
    assert manifest["tool"]["mitmproxy"] and manifest["counts"]["response"] == 2
    with (proxy.folder / "flows.mitm").open("rb") as f:
        flows = list(FlowReader(f).stream())
    bodies = [flow.response.raw_content for flow in flows if isinstance(flow, HTTPFlow) and flow.response]
    assert bodies == [JSON, b"".join(PIECES)]


def test_both_forms_of_an_encoded_body_are_named(proxy: Mitmdump) -> None:
    """A gzip'd answer is kept as sent, and what undoing it gives is named by hash and length."""
    sent = get(proxy, "/gzip").read()
    proxy.stop(signal.SIGINT)
    ref = proxy.records("response")[0]["body"]
    assert proxy.body(ref) == sent != JSON
    assert ref["decoded"] == {"sha256": hashlib.sha256(JSON).hexdigest(), "length": len(JSON)}


def test_a_stream_passes_live(proxy: Mitmdump, server: TlsServer) -> None:
    """The client has the first events while the server still waits for it to say so, and all are kept."""
    answer = get(proxy, "/stream-waits")
    assert answer.read(len(PIECES[0] + PIECES[1])) == PIECES[0] + PIECES[1]
    server.go.set()
    assert answer.read() == PIECES[2] + PIECES[3]
    proxy.stop(signal.SIGINT)
    (response,) = proxy.records("response")
    assert proxy.body(response["body"]) == b"".join(PIECES)
    chunks = proxy.records("chunk")
    assert response["chunks"] == len(chunks) >= 2 and [c["t"] for c in chunks] == sorted(
        c["t"] for c in chunks
    )


def test_a_stream_that_the_server_breaks_keeps_what_had_come(proxy: Mitmdump) -> None:
    """The partial body with its pieces' times, the headers and the reason; stock mitmproxy has none of it."""
    with pytest.raises((http.client.IncompleteRead, ssl.SSLError, ConnectionError)):
        get(proxy, "/stream-cut").read()
    until(lambda: proxy.records("error"), proxy.words)
    proxy.stop(signal.SIGINT)
    (error,), (begun,) = proxy.records("error"), proxy.records("responsestart")
    assert proxy.body(error["body"]) == PIECES[0] + PIECES[1]
    assert (error["complete"], error["flow"], begun["status"]) == (False, begun["flow"], 200)
    assert error["message"] and error["chunks"] == len(proxy.records("chunk"))
    assert proxy.records("response") == [] and verify(proxy.folder) == []


def test_a_stream_that_the_client_leaves_keeps_what_had_come(proxy: Mitmdump) -> None:
    """An app that closes an answer halfway leaves the half that it got."""
    connection = client(proxy)
    connection.request("GET", "/stream-waits")
    answer = connection.getresponse()
    answer.read(len(PIECES[0] + PIECES[1]))
    answer.close()
    connection.close()
    until(lambda: proxy.records("error"), proxy.words)
    assert proxy.body(proxy.records("error")[0]["body"]) == PIECES[0] + PIECES[1]


def test_a_stream_that_is_open_at_the_end_is_closed_as_such(proxy: Mitmdump) -> None:
    """Ctrl-C in the middle of an answer seals a run that says so."""
    answer = get(proxy, "/stream-waits")
    answer.read(len(PIECES[0] + PIECES[1]))
    assert proxy.stop(signal.SIGINT) == 0
    (error,) = proxy.records("error")
    assert "recording ended" in error["message"] and proxy.body(error["body"]) == PIECES[0] + PIECES[1]
    assert verify(proxy.folder) == []


def test_a_killed_proxy_leaves_what_had_passed(proxy: Mitmdump) -> None:
    """After SIGKILL in the middle of an answer: request, headers and pieces are there, and no seal."""
    answer = get(proxy, "/stream-waits")
    answer.read(len(PIECES[0] + PIECES[1]))
    proxy.stop(signal.SIGKILL)
    kinds = [r["k"] for r in proxy.records()]
    assert {"request", "responsestart", "chunk"} <= set(kinds) and not {"response", "end"} & set(kinds)
    assert b"".join(proxy.body({"at": [c["at"]]}) for c in proxy.records("chunk")) == PIECES[0] + PIECES[1]
    assert verify(proxy.folder) == ["it has no manifest.json, so its recording broke off"]


def test_a_body_that_never_became_whole_is_missing_and_not_empty(proxy: Mitmdump) -> None:
    """An answer shorter than its Content-Length: headers and reason are kept, and the body is None."""
    assert get(proxy, "/short").status == 502
    proxy.stop(signal.SIGINT)
    (error,), (begun,) = proxy.records("error"), proxy.records("responsestart")
    assert error["body"] is None and error["complete"] is False and begun["status"] == 200


def test_a_client_that_refuses_the_proxy_is_seen(proxy: Mitmdump, certificates: Path) -> None:
    """A pinned app: the host it meant, the alert in mitmproxy's words, the server's certificate, and no exchange."""
    with pytest.raises(ssl.SSLCertVerificationError):
        client(proxy, certificates / f"{HOST}.crt").request("GET", "/")
    until(
        lambda: any(r.get("outcome") == "tls-failed-client" for r in proxy.records("connection")), proxy.words
    )
    seen = proxy.connection(outcome="tls-failed-client")
    assert (seen["sni"], seen["dest_host"], seen["dest_port"]) == (HOST, HOST, 443)
    assert "does not trust the proxy's certificate" in seen["reason"] and "alert" in seen["reason"]
    assert seen["cert_names"] == [HOST] and proxy.records("request") == []


def test_a_host_that_is_passed_through_is_seen(
    tmp_path: Path, server: TlsServer, certificates: Path, confdir: Path
) -> None:
    """With ignore_hosts the app speaks to the real server, and the evidence says that it was not read."""
    options = [*routed(server.port, certificates), "--ignore-hosts", HOST]
    with Mitmdump(tmp_path, *options, confdir=confdir) as proxy:
        connection = client(proxy, certificates / "ca.pem")
        connection.request("GET", "/")
        assert connection.getresponse().read() == JSON
    seen = proxy.connection(outcome="passed-through")
    assert (seen["sni"], seen["dest_host"], seen["dest_ip"]) == (HOST, HOST, ["127.0.0.1", server.port])
    assert "ignore_hosts" in seen["reason"] and proxy.records("request") == []


def test_a_server_that_cannot_be_verified_is_seen(tmp_path: Path, server: TlsServer, confdir: Path) -> None:
    """Where the proxy does not trust the server, the connection says so, and what the app sent is kept."""
    other_ca = f"ssl_verify_upstream_trusted_ca={confdir}/mitmproxy-ca-cert.pem"
    options = [*routed(server.port, confdir)[:-1], other_ca]
    with Mitmdump(tmp_path, *options, confdir=confdir) as proxy:
        assert get(proxy, "/").status == 502
    seen = proxy.connection(outcome="tls-failed-server")
    assert "verify failed" in seen["reason"] and proxy.records("error")[0]["complete"] is False
    assert server.received == []


def test_a_host_that_is_not_reached_is_seen(proxy: Mitmdump) -> None:
    """Contact that failed is contact: the name that was asked for and why it failed."""
    with pytest.raises(AssertionError, match="502"), tunnel(proxy.port, "elsewhere.example"):
        pass
    seen = proxy.connection(outcome="connect-failed")
    assert seen["dest_host"] == "elsewhere.example" and "not a host of the lab" in seen["reason"]


def test_a_large_upload_is_written_as_it_passes(
    tmp_path: Path, server: TlsServer, certificates: Path, confdir: Path
) -> None:
    """With stream_large_bodies the request's body is kept in pieces, as sent, and reaches the server whole."""
    upload = bytes(range(256)) * 2000
    options = [*routed(server.port, certificates), "--set", "stream_large_bodies=10k"]
    with Mitmdump(tmp_path, *options, confdir=confdir) as proxy:
        connection = client(proxy)
        connection.request("POST", "/upload", body=upload)
        connection.getresponse().read()
    assert server.received == [(b"/upload", upload)]
    (request,), (begun,) = proxy.records("request"), proxy.records("requeststart")
    assert proxy.body(request["body"]) == upload and begun["flow"] == request["flow"]
    assert len(proxy.records("chunk")) > 1 and {c["direction"] for c in proxy.records("chunk")} == {"request"}


def send_raw(proxy: Mitmdump, request: bytes) -> bytes:
    """What comes back for these bytes, over TLS through the proxy, until the other side closes."""
    context = ssl.create_default_context(cafile=str(proxy.confdir / "mitmproxy-ca-cert.pem"))
    with tunnel(proxy.port, HOST) as plain, context.wrap_socket(plain, server_hostname=HOST) as secure:
        secure.sendall(request)
        answer = b""
        while not answer.endswith(b"<script>") and (data := secure.recv(9999)):
            answer += data
        return answer


def test_bytes_that_are_no_text_survive(proxy: Mitmdump) -> None:
    """Header values that are no UTF-8, and a URL that is none, are in the evidence byte for byte."""
    assert b"<script>" in send_raw(
        proxy, b"GET /hostile?\xff HTTP/1.1\r\nHost: chat.parley.test\r\nX-A: \xc3\x28\r\n\r\n"
    )
    proxy.stop(signal.SIGINT)
    (request,), (response,) = proxy.records("request"), proxy.records("response")
    assert request["url"].encode("utf-8", "surrogateescape").endswith(b"/hostile?\xff")
    assert ["X-A", "\xc3("] in request["headers"] and ["X-B", '\xff"><img onerror='] in response["headers"]
    assert proxy.body(response["body"]) == b"<script>" and verify(proxy.folder) == []


def test_a_request_that_the_proxy_refuses_is_kept_with_the_reason(proxy: Mitmdump) -> None:
    """mitmproxy answers 400 to a header name that is none; what the app tried to send is in the evidence."""
    answer = send_raw(proxy, b"GET /x HTTP/1.1\r\nHost: chat.parley.test\r\nX-\xfe: 1\r\n\r\n")
    assert b" 400 " in answer.splitlines()[0]
    proxy.stop(signal.SIGINT)
    (request,), (error,) = proxy.records("request"), proxy.records("error")
    assert ["X-\xfe", "1"] in request["headers"] and request["body"] is None
    assert error["flow"] == request["flow"] and "header" in error["message"]


def test_raw_tcp_is_kept_message_by_message(tmp_path: Path, confdir: Path) -> None:
    """A protocol that is no HTTP: both directions, in order, with the stream's start and end."""
    with socket.create_server(("127.0.0.1", 0)) as echo:
        threading.Thread(target=_echo_once, args=(echo,), daemon=True).start()
        mode = f"reverse:tcp://127.0.0.1:{echo.getsockname()[1]}"
        with Mitmdump(tmp_path, mode=mode, confdir=confdir) as proxy:
            with socket.create_connection(("127.0.0.1", proxy.port), 60) as plain:
                plain.sendall(b"\x00ping")
                assert plain.recv(99) == b"\x00ping"
            until(lambda: proxy.records("streamend"), proxy.words)
    (stream,) = proxy.records("stream")
    messages = proxy.records("message")
    assert [(m["seq"], m["from_client"], proxy.body(m["body"])) for m in messages] == [
        (0, True, b"\x00ping"),
        (1, False, b"\x00ping"),
    ]
    assert stream["kind"] == "tcp" and {m["flow"] for m in messages} == {stream["flow"]}


def _echo_once(server: socket.socket) -> None:
    peer, _ = server.accept()
    with peer:
        while data := peer.recv(99):
            peer.sendall(data)


def test_dns_is_kept_as_question_and_answer(tmp_path: Path, confdir: Path) -> None:
    """A query through the proxy: the name, its type and the address that came back."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as resolver:
        resolver.bind(("127.0.0.1", 0))
        threading.Thread(target=_answer_once, args=(resolver,), daemon=True).start()
        mode = f"reverse:dns://127.0.0.1:{resolver.getsockname()[1]}"
        with Mitmdump(tmp_path, mode=mode, confdir=confdir) as proxy:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
                asker.settimeout(60)
                asker.sendto(_question(), ("127.0.0.1", proxy.port))
                asker.recv(999)
            until(lambda: proxy.records("dns"), proxy.words)
    (query,) = proxy.records("dns")
    assert query["question"] == [[HOST, "A"]] and query["answers"] == [[HOST, "A", "192.0.2.7"]]
    assert query["code"] == "NOERROR"


def _question() -> bytes:
    name = b"".join(bytes([len(part)]) + part.encode() for part in HOST.split(".")) + b"\0"
    return struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + name + struct.pack("!2H", 1, 1)


def _answer_once(resolver: socket.socket) -> None:
    query, peer = resolver.recvfrom(999)
    record = struct.pack("!3HIH", 0xC00C, 1, 1, 60, 4) + bytes([192, 0, 2, 7])
    resolver.sendto(query[:2] + struct.pack("!5H", 0x8180, 1, 1, 0, 0) + _question()[12:] + record, peer)


def refused(case: Path, settings: dict[str, str]) -> str:
    """The one line about us in the log of a proxy that does not start."""
    proxy = Mitmdump(case, settings=settings)
    with proxy:
        pass
    told = [line for line in proxy.words().splitlines() if "promptrail:" in line]
    assert proxy.process.returncode not in (0, None) and len(told) == 1 and "Traceback" not in proxy.words()
    return told[0]


def test_without_a_folder_it_says_so_once_and_ends(tmp_path: Path) -> None:
    """One sentence with the option to give, a non-zero exit, no traceback."""
    assert "add --set promptrail_case=DIR" in refused(tmp_path, {})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"promptrail_run": "../up"}, "cannot name a run"),
        ({"promptrail_run": "taken"}, "never overwritten"),
        ({"promptrail_meta": "[1]"}, "not a JSON object"),
        ({"promptrail_meta": "{"}, "not a JSON object"),
    ],
)
def test_what_it_cannot_record_into_it_refuses(tmp_path: Path, settings: dict[str, str], words: str) -> None:
    """A run name that leaves its place or is taken, and facts that are no JSON object: one line, and no proxy."""
    (tmp_path / "captures" / "taken").mkdir(parents=True)
    assert words in refused(tmp_path, {"promptrail_case": str(tmp_path), **settings})
    assert sorted(p.name for p in (tmp_path / "captures").iterdir()) == ["taken"]


def test_a_full_disk_stops_the_proxy_and_keeps_what_was_good(
    tmp_path: Path, server: TlsServer, certificates: Path, confdir: Path
) -> None:
    """It says once which file and what to do, ends with an error, and forwards nothing that it could not write."""

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    options = [*routed(server.port, certificates), "--set", "promptrail_flow_file=false"]
    with Mitmdump(tmp_path, *options, confdir=confdir, before=small_disk) as proxy:
        get(proxy, "/").read()
        connection = client(proxy)
        with pytest.raises((http.client.HTTPException, OSError)):
            connection.request("POST", "/lost", body=b"x" * 100_000)
            connection.getresponse()
        until(lambda: proxy.process.poll() is not None, proxy.words)
    assert proxy.process.returncode != 0
    assert proxy.words().count("recording stopped") == 1 and "bodies.pack" in proxy.words()
    assert [path for path, _ in server.received] == [b"/"]
    assert [r["url"] for r in proxy.records("request")] == [f"https://{HOST}/"]
    assert proxy.body(proxy.records("response")[0]["body"]) == JSON
    assert not (proxy.folder / "manifest.json").exists()


def test_a_flow_file_that_cannot_be_written_leaves_the_run_unsealed(
    tmp_path: Path, server: TlsServer, certificates: Path, confdir: Path
) -> None:
    """mitmproxy ends when its own file is full; what the evidence holds is readable and does not claim to be whole."""

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    with Mitmdump(tmp_path, *routed(server.port, certificates), confdir=confdir, before=small_disk) as proxy:
        with pytest.raises((http.client.HTTPException, OSError)):
            for _ in range(100):
                get(proxy, "/").read()
        until(lambda: proxy.process.poll() is not None, proxy.words)
    assert proxy.process.returncode != 0 and "flows.mitm" in proxy.words()
    assert len(proxy.records("response")) > 5
    assert verify(proxy.folder) == ["it has no manifest.json, so its recording broke off"]


@pytest.mark.long
def test_it_works_where_only_mitmproxy_is_installed(tmp_path: Path) -> None:
    """A venv with mitmproxy and nothing else: the documented command records a run and seals it."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "install", "-q", f"mitmproxy=={version('mitmproxy')}"]
    subprocess.run(install, check=True)
    proxy = Mitmdump(tmp_path)
    at = proxy.command.index("-s")
    proxy.command = [str(tmp_path / "venv" / "bin" / "mitmdump"), *proxy.command[at:]]
    with proxy:
        listed = subprocess.run(
            [python, "-m", "pip", "list"], capture_output=True, text=True, check=True
        ).stdout
    assert "promptrail" not in listed and verify(proxy.folder) == [] and proxy.process.returncode == 0

"""addons/capture.py in a real mitmdump, over real TLS: what its evidence holds of exchanges, whole and broken."""

import hashlib
import http.client
import json
import signal
import ssl
from pathlib import Path

import pytest

from promptrail.case.evidence import verify
from rigs.client import HOST, client, get, send_raw
from rigs.mitmdump import Mitmdump, routed, until
from rigs.tls_server import JSON, PIECES, TlsServer

pytestmark = pytest.mark.rig


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

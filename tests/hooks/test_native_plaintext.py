"""Pinned native clients with pin lifted and plaintext hooked: the hook log gives the flows that the proxy recorded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from promptrail import ingest
from rigs.client import HOST
from rigs.mitmdump import Mitmdump
from rigs.native import clients
from rigs.native.clients import PROMPT, Client
from rigs.native.hooking import Hook

pytestmark = pytest.mark.rig

STACKS: dict[str, Callable[[Path, Path], Client]] = {
    "python": lambda certificates, _: clients.python(certificates / "ca.pem", "TLSv1_3"),
    "node": lambda certificates, _: clients.node(certificates / "ca.pem"),
    "boringssl": lambda certificates, _: clients.boringssl(
        certificates / "ca.pem", certificates / f"{HOST}.crt", "context"
    ),
    "stripped": lambda certificates, folder: clients.curl_cffi(
        certificates / "ca.pem", clients.stripped(folder)
    ),
}


@pytest.mark.parametrize("stack", STACKS)
def test_the_hook_log_tells_what_the_proxy_read(
    tmp_path: Path, certificates: Path, proxy: Mitmdump, stack: str
) -> None:
    """Three requests on three connections: method, path, bodies and status are the proxy's; nothing is lost."""
    client = STACKS[stack](certificates, tmp_path)
    paths = [f"/plaintext-{stack}-{n}" for n in range(3)]
    ca = (proxy.confdir / "mitmproxy-ca-cert.pem").read_text()
    with client, Hook(tmp_path / "case", client.pid, "native-unpin", "tls-plaintext", ca=ca) as hook:
        assert [client.ask(proxy, path) for path in paths] == ["OK 200"] * 3
    assert ingest.frames_of(hook.case) == []
    flows = [flow for flow in hook.case.table("flows").to_pylist() if flow["kind"] == "http"]
    flows.sort(key=lambda flow: flow["started"])
    read = [r for r in proxy.records("request") if f"/plaintext-{stack}-" in r["url"]]
    answers = {r["flow"]: r for r in proxy.records("response")}
    assert [
        (
            flow["method"],
            flow["url"],
            hook.case.bytes_of(flow["request_body"]),
            flow["status"],
            hook.case.bytes_of(flow["response_body"]),
        )
        for flow in flows
    ] == [
        (
            r["method"],
            r["url"],
            PROMPT.encode(),
            answers[r["flow"]]["status"],
            proxy.body(answers[r["flow"]]["body"]),
        )
        for r in read
    ]
    assert len({flow["connection"] for flow in flows}) == len(read) == 3


def test_counting_alone(tmp_path: Path, certificates: Path, proxy: Mitmdump) -> None:
    """Without content it records nothing of what is said, and counts as many bytes as it would have told."""
    trusted = proxy.confdir / "mitmproxy-ca-cert.pem"
    with clients.python(trusted, "TLSv1_3") as client:
        with Hook(tmp_path / "told", client.pid, "tls-plaintext") as told:
            client.ask(proxy, "/count")
        with Hook(tmp_path / "counted", client.pid, "tls-plaintext", content=False) as counted:
            client.ask(proxy, "/count")
    assert {record["k"] for record in counted.records()} == {"start", "hooked", "clock", "end"}
    names = ("reads", "writes", "bytes_read", "bytes_written")
    assert [counted.stats()[name] for name in names] == [told.stats()[name] for name in names]
    assert counted.stats()["bytes_written"] == sum(
        record["length"] for record in told.records("plaintext") if record["direction"] == "request"
    )

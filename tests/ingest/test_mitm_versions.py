"""Flow formats: 20 and 21 are read, older ones migrated, newer ones refused in words."""

import sys
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.io import tnetstring

from captures import exchange
from ingest.oracle import same
from promptrail import ingest
from promptrail.case import Case
from promptrail.model import Problem


def of_version(number: int, name: str = "1") -> bytes:
    """A flow as a mitmproxy of that format wrote it: what the migrations since then do, undone."""
    one = exchange(f"https://a.test/{name}", b"body")
    one.client_conn.tls_version = "QUICv1"
    state: Any = one.get_state()
    state["version"] = number
    for conn in (state["client_conn"], state["server_conn"]):
        if number < 21:
            conn["tls_version"] = "QUIC" if conn["tls_version"] == "QUICv1" else conn["tls_version"]
        if number < 20:
            conn["state"] = 0
        if number < 19:
            conn["cipher_name"] = conn.pop("cipher")
            conn["tls_established"] = True
    if number < 19:
        client, server = state["client_conn"], state["server_conn"]
        client["address"], client["tls_extensions"] = client.pop("peername"), []
        server["ip_address"], server["source_address"] = server.pop("peername"), server.pop("sockname")
        server["via2"] = None
    raw: bytes = tnetstring.dumps(state)
    return raw


def read(folder: Path, data: bytes) -> tuple[Case, list[Problem]]:
    file = folder / "f.mitm"
    file.write_bytes(data)
    case = Case.create(folder / "case")
    ingest.place(case, file)
    return case, ingest.frames_of(case)


@pytest.mark.parametrize("number", [18, 19, 20, 21])
def test_versions_that_are_read(tmp_path: Path, number: int) -> None:
    """Each gives the rows that mitmproxy gives, in a file by itself and among others."""
    file = tmp_path / "f.mitm"
    file.write_bytes(of_version(number) + of_version(21, "2") + of_version(number, "3"))
    case = same(tmp_path, file)
    assert set(case.connections.tls_version) == {"QUICv1"}


@pytest.mark.parametrize("number", [18, 19])
def test_older_versions_need_mitmproxy(tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without mitmproxy the file is refused, and the sentence says what migrates it; 20 and 21 do without."""
    monkeypatch.setitem(sys.modules, "mitmproxy.io", None)
    case, (problem,) = read(tmp_path, of_version(number))
    assert problem.severity == "lost" and "mitmdump -nr" in problem.what and case.flows.empty


def test_our_versions_do_without_mitmproxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither reading nor certificates nor DNS import it."""
    data = of_version(20) + of_version(21, "2")
    for name in [name for name in sys.modules if name.split(".")[0] == "mitmproxy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mitmproxy", None)
    case, problems = read(tmp_path, data)
    assert problems == [] and len(case.flows) == 2


def test_a_newer_flow_among_ours(tmp_path: Path) -> None:
    """Appended by a later mitmproxy: lost with its byte and what to do; the flows around it are read."""
    before, newer, after = of_version(21), of_version(22, "2"), of_version(21, "3")
    case, (problem,) = read(tmp_path, before + newer + after)
    assert len(case.flows) == 2 and problem.place == f"byte {len(before)}"
    assert "flow format 22" in problem.what and "HAR" in problem.remedy


@pytest.mark.parametrize("break_it", ["no request", "no state", "list", "0.18"])
def test_an_older_flow_that_is_broken(tmp_path: Path, break_it: str) -> None:
    """What the migration cannot digest is a lost flow, not an exception."""
    state: Any = tnetstring.loads(of_version(18))
    if break_it == "no request":
        state["request"] = None
    elif break_it == "no state":
        del state["client_conn"]["tls_extensions"]
    elif break_it == "list":
        state["client_conn"] = [1]
    else:
        state["version"] = [0, 18]
    case, (problem,) = read(tmp_path, of_version(21) + tnetstring.dumps(state))
    assert problem.severity == "lost" and len(case.flows) == 1


def test_a_connection_without_a_name_gets_one_from_the_file(tmp_path: Path) -> None:
    """Formats before 5 name no connection and mitmproxy makes a name up by chance; ours is the same each time."""
    state: Any = tnetstring.loads(of_version(18))
    del state["client_conn"]["id"]
    told = []
    for n in range(2):
        (tmp_path / str(n)).mkdir()
        case, problems = read(tmp_path / str(n), tnetstring.dumps(state))
        told.append((case.flows.connection.tolist(), problems))
        assert case.connections.connection.tolist() == case.flows.connection.tolist()
    assert told[0] == told[1] and not told[0][1]

"""hook.jsonl into rows: streams put back in order, losses told, damaged lines passed over, the rest of the records."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptrail import ingest
from promptrail.case import Case
from promptrail.device import hook_writer
from promptrail.ingest import hook_log
from promptrail.ingest.hook_record import FILE, VERSION, key_lines, line_of, record_of

HOST = "chat.parley.test"
ASK = b"POST /chat HTTP/1.1\r\nHost: chat.parley.test\r\nContent-Length: 5\r\n\r\nhello"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
SECRET = "ab" * 32


class Log:
    """Lines of a hook log as `promptrail hook` writes them, a tenth of a second apart."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.seq = 0
        self.add("start", number=False, version="1", process="app", frida="17.0.0")

    def add(self, k: str, number: bool = True, **fields: Any) -> "Log":
        head = {"v": VERSION, "t": 1000 + len(self.lines) / 10, "agent": "tls-plaintext", "pid": 7, "k": k}
        if number:
            head["seq"] = self.seq
            self.seq += 1
        self.lines.append(line_of(head | fields).encode())
        return self

    def stream(self, name: str, **fields: Any) -> "Log":
        known = {
            "sni": HOST,
            "local": ["10.0.0.2", 5000],
            "peer": ["203.0.113.9", 443],
            "tls_version": "TLSv1.3",
        }
        return self.add("stream", stream=name, **known | fields)

    def says(self, name: str, direction: str, offset: int, data: bytes) -> "Log":
        return self.add(
            "plaintext", stream=name, direction=direction, offset=offset, length=len(data), data=data
        )

    def exchange(self, name: str, times: int = 1) -> "Log":
        self.stream(name)
        for n in range(times):
            self.says(name, "request", n * len(ASK), ASK).says(name, "response", n * len(OK), OK)
        return self

    def end(self) -> "Log":
        return self.add("end", stats={})


def imported(folder: Path, lines: list[bytes], sealed: bool = True) -> tuple[Case, list[Any]]:
    """The case that holds this log, and what its reading told."""
    case = Case.create(folder / "case")
    run = case.captures / "hook-1"
    run.mkdir()
    (run / FILE).write_bytes(b"".join(lines))
    if sealed:
        (run / "manifest.json").write_text(json.dumps({"schema": 1, "files": {}}))
    return case, ingest.frames_of(case)


def test_streams_become_connections_and_flows(tmp_path: Path) -> None:
    """Interleaved streams stay apart; addresses, SNI and times are those of their records; the run is complete."""
    log = Log().stream("1").stream("2", sni="b.test")
    log.says("1", "request", 0, ASK[:30]).says("2", "request", 0, ASK).says("1", "request", 30, ASK[30:])
    log.says("2", "response", 0, OK).says("1", "response", 0, OK)
    log.add("streamend", stream="1", reason="freed", eof=True).end()
    case, problems = imported(tmp_path, log.lines)
    assert problems == []
    flows = {f["source_ref"]: f for f in case.table("flows").to_pylist()}
    one, two = flows["tls-plaintext stream 1 record 2"], flows["tls-plaintext stream 2 record 3"]
    assert case.bytes_of(one["request_body"]) == b"hello" and case.bytes_of(one["response_body"]) == b"hi"
    assert (one["url"], one["status"], one["error"]) == (f"https://{HOST}/chat", 200, None)
    assert (one["dest_ip"], one["dest_port"], one["sni"], two["sni"]) == ("203.0.113.9", 443, HOST, "b.test")
    assert one["started"] == 1000.3 and one["request_ended"] == 1000.5
    first, second = sorted(case.table("connections").to_pylist(), key=lambda c: c["opened"])
    assert (first["client_ip"], first["client_port"], first["witnesses"]) == ("10.0.0.2", 5000, ["hook"])
    assert (first["connection"], first["closed"]) == (one["connection"], 1000.8)
    assert second["closed"] is None and second["read_by"] == "hook"
    (run,) = case.table("runs").to_pylist()
    assert run["complete"] and run["tool"] == "frida 17.0.0" and run["source"] == "hook"


def test_a_server_in_the_process(tmp_path: Path) -> None:
    """Its peer is the client."""
    log = Log().stream("1", server=True).says("1", "request", 0, ASK).says("1", "response", 0, OK).end()
    case, _ = imported(tmp_path, log.lines)
    (connection,) = case.table("connections").to_pylist()
    assert (connection["client_ip"], connection["dest_ip"]) == ("203.0.113.9", "10.0.0.2")


@pytest.mark.parametrize(("eof", "complete"), [(True, True), (False, False)])
def test_an_answer_until_the_connection_closes(tmp_path: Path, eof: bool, complete: bool) -> None:
    """It is whole only where the app read to the end."""
    log = (
        Log().stream("1").says("1", "request", 0, ASK).says("1", "response", 0, b"HTTP/1.1 200 OK\r\n\r\nall")
    )
    case, _ = imported(tmp_path, log.add("streamend", stream="1", eof=eof).end().lines)
    assert case.table("flows").to_pylist()[0]["response_complete"] == complete


def test_a_record_that_is_missing_is_a_hole(tmp_path: Path) -> None:
    """Its bytes are missing in the body by their number, its own number is told, the run is not complete."""
    log = Log().stream("1").says("1", "request", 0, ASK[:-5]).says("1", "request", len(ASK) - 5, b"he")
    log.says("1", "request", len(ASK) - 3, b"ll").says("1", "request", len(ASK) - 1, b"o")
    log.says("1", "response", 0, OK).end()
    del log.lines[4]
    case, problems = imported(tmp_path, log.lines)
    (flow,) = case.table("flows").to_pylist()
    assert case.bytes_of(flow["request_body"]) == b"heo" and "not whole" in flow["error"]
    assert flow["status"] == 200 and flow["response_complete"]
    assert "1 records of tls-plaintext are missing before number 4" in problems[0].what
    assert not case.table("runs").to_pylist()[0]["complete"]


DAMAGED = {
    "no JSON": b"\x00\xff not json\n",
    "no record": b"[1, 2]\n",
    "another version": line_of({"v": 99, "k": "stream", "t": 1.0}).encode(),
    "no time": line_of({"v": VERSION, "k": "stream", "t": None}).encode(),
    "no base64": b'{"v":1,"k":"plaintext","t":1.0,"data":"***"}\n',
    "bytes that are a number": b'{"v":1,"k":"plaintext","t":1.0,"data":5}\n',
    "nested": b'{"v":1,"k":"x","t":1.0,"a":' + b"[" * 100_000 + b"\n",
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_line_loses_that_line(tmp_path: Path, kind: str) -> None:
    """It is told by line and byte; all others are read."""
    log = Log().exchange("1")
    place = sum(map(len, log.lines[:2]))
    log.lines.insert(2, DAMAGED[kind])
    case, problems = imported(tmp_path, log.end().lines)
    assert len(case.table("flows")) == 1
    (problem,) = problems
    assert (problem.severity, problem.place) == ("lost", f"line 3, byte {place}")
    assert not case.table("runs").to_pylist()[0]["complete"]


def test_a_recording_that_broke_off(tmp_path: Path) -> None:
    """Without end and manifest all is read up to the cut line, and the run is incomplete."""
    log = Log().exchange("1", 2)
    log.lines[-1] = log.lines[-1][:-20]
    case, problems = imported(tmp_path, log.lines, sealed=False)
    first, second = case.table("flows").to_pylist()
    assert first["response_complete"] and second["status"] is None
    assert any("cut short" in p.what for p in problems) and any("did not say" in p.what for p in problems)
    assert not case.table("runs").to_pylist()[0]["complete"]


def test_an_agent_without_the_contract_needs_no_end(tmp_path: Path) -> None:
    """Somebody's own agent sends what it likes: kept as message records with their bytes."""
    start = {"v": VERSION, "t": 1.0, "agent": "own", "k": "start", "process": "app"}
    said = {"v": VERSION, "t": 2.0, "agent": "own", "k": "message", "message": {"a": 1}, "data": b"\x01\x02"}
    case, problems = imported(tmp_path, [line_of(start).encode(), line_of(said).encode()])
    assert problems == [] and case.table("runs").to_pylist()[0]["complete"]
    row = case.table("hooks").to_pylist()[1]
    assert (row["type"], row["process"], row["length"]) == ("message", "app", 2)
    assert case.bytes_of(row["body"]) == b"\x01\x02" and json.loads(row["detail"]) == {"message": {"a": 1}}


def test_other_records(tmp_path: Path) -> None:
    """Crypto with both its bytes, stacks with their frames, events also on the run's clock, keys by label alone."""
    log = Log().stream("1")
    log.add(
        "crypto",
        algorithm="AES/GCM",
        mode="encrypt",
        key=b"k" * 16,
        iv=b"i",
        input=b"hello",
        output=b"\x00" * 99,
    )
    log.add("stack", stream="1", frames=["com.vendor.sdk.Send.run:12", "java.lang.Thread.run"])
    log.add("event", event="consent", label="agreed")
    log.add("keylog", line=f"CLIENT_RANDOM {SECRET} {SECRET}")
    log.add("error", where="agent", message="TypeError: no")
    case, problems = imported(tmp_path, log.end().lines)
    rows = {r["type"]: r for r in case.table("hooks").to_pylist()}
    crypto = rows["crypto"]
    assert case.bytes_of(crypto["body"]) == b"hello" and case.bytes_of(crypto["output"]) == b"\x00" * 99
    assert crypto["algorithm"] == "AES/GCM" and json.loads(crypto["detail"])["iv"] == "69"
    assert rows["stack"]["stack"][0].startswith("com.vendor.sdk") and rows["stack"]["connection"]
    assert json.loads(rows["keylog"]["detail"]) == {"line": "CLIENT_RANDOM"}
    assert SECRET not in json.dumps([r["detail"] for r in case.table("hooks").to_pylist()])
    assert case.table("events").to_pylist()[0]["event"] == "consent"
    assert [p.what for p in problems] == ["the agent tls-plaintext told a fault: TypeError: no"]


def test_key_lines_of_a_run(tmp_path: Path) -> None:
    """Each once, only what is a key line; none where there is no hook log."""
    line = f"CLIENT_RANDOM {SECRET} {SECRET}"
    log = Log().add("keylog", line=line).add("keylog", line=line).add("keylog", line="x\nCLIENT_RANDOM 00 00")
    (tmp_path / FILE).write_bytes(b"".join([*log.lines, b'{"keylog"\n']))
    assert list(key_lines(tmp_path)) == [line]
    assert list(key_lines(tmp_path / "nowhere")) == []


def test_a_hook_log_is_known_by_its_first_line() -> None:
    """Cut anywhere behind its first fields; a HAR, and other JSON lines, are none."""
    line = Log().lines[0]
    assert hook_log.recognises(line) and hook_log.recognises(line[:60])
    assert not hook_log.recognises(b'{"log": {"version": "1.2"}}')
    assert not hook_log.recognises(b'{"k": "start", "t": 1.0}')


def test_the_writer_and_the_reader_agree() -> None:
    """File name and version of the records are the same on both sides."""
    assert (hook_writer.FILE, hook_writer.VERSION) == (FILE, VERSION)
    record = {"v": VERSION, "k": "plaintext", "t": 1.5, "data": b"\x00\xff", "key": None}
    assert record_of(line_of(record).encode()) == record


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2**31), st.sampled_from(["flip", "cut", "double"])), min_size=1, max_size=4
    )
)
def test_damage_is_no_exception(
    tmp_path_factory: pytest.TempPathFactory, damages: list[tuple[int, str]]
) -> None:
    """Exchanges whose records are untouched, before the first damaged line, are read as they were."""
    log = Log()
    for name in "123":
        log.exchange(name)
    lines = log.end().lines
    data, first = bytearray(b"".join(lines)), len(lines)
    for place, how in damages:
        at = place % len(data)
        first = min(first, bytes(data[:at]).count(b"\n"))
        if how == "flip":
            data[at] ^= 1 << place % 8
        elif how == "cut":
            del data[at : at + place % 50]
        else:
            data[at:at] = data[at : at + place % 50]
    case, _ = imported(tmp_path_factory.mktemp("damage"), [bytes(data)])
    whole = [f for f in case.table("flows").to_pylist() if f["status"] == 200 and f["error"] is None]
    assert len(whole) >= max(0, (first - 1) // 3)


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KINDS = [
    "start",
    "stream",
    "plaintext",
    "streamend",
    "keylog",
    "crypto",
    "stack",
    "event",
    "lost",
    "end",
    "what",
]
FIELDS = ["stream", "direction", "offset", "local", "peer", "sni", "alpn", "server", "seq", "pid", "frames", "line",
          "event", "label", "agent", "process", "version", "frida", "eof", "length",
          "algorithm", "message"]  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), HOSTILE)), max_size=6)
)
def test_any_fields_are_no_exception(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, dict[str, Any]]]
) -> None:
    """What an agent sends came out of somebody else's process."""
    said = [
        line_of(
            {"v": VERSION, "t": 1.0, "k": k, "agent": "a", "data": b"GET / HTTP/1.1\r\n\r\n"} | fields
        ).encode()
        for k, fields in records
    ]
    case, _ = imported(tmp_path_factory.mktemp("hostile"), said)
    assert len(case.table("runs")) == 1

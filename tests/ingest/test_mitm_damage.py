"""Damaged flow files through the whole reader: no exception, no hang, no loss of a flow that is whole."""

import io
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from captures import exchange
from promptrail import ingest
from promptrail.case import Case
from promptrail.ingest import mitm
from promptrail.ingest.sink import Sink
from promptrail.model import Problem


def written(flow: Any) -> bytes:
    out = io.BytesIO()
    FlowWriter(out).add(flow)
    return out.getvalue()


def make() -> list[tuple[str, bytes]]:
    """One flow of each kind and some more, with their ids."""
    made = [exchange(f"https://a.test/{n}", b'{"q":"%d"}' % n * n, [(b"x", b"y" * n)]) for n in range(5)]
    made[2:2] = [tflow.ttcpflow(), tflow.tdnsflow(resp=True), tflow.twebsocketflow(), tflow.tudpflow()]
    return [(one.id, written(one)) for one in made]


FLOWS = make()
FILE = b"".join(raw for _, raw in FLOWS)
STARTS = [sum(len(raw) for _, raw in FLOWS[:n]) for n in range(len(FLOWS) + 1)]


def read(data: bytes) -> tuple[list[str], list[Problem]]:
    """The ids of the flows that are read, in order, and what was told."""
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "run").mkdir()
        (folder / "run" / "flows.mitm").write_bytes(data)
        sink = Sink(folder)
        mitm.read(folder / "run", sink)
        sink.close()
        found: list[str] = pq.read_table(folder / "flows.parquet")["source_ref"].to_pylist()
        return found, sink.problems
    finally:
        shutil.rmtree(folder)


def told(problems: list[Problem], at: int) -> bool:
    """Whether a loss is told by this byte."""
    return any(p.severity == "lost" and p.place == f"byte {at}" for p in problems)


def flow_at(place: int) -> int:
    """Which flow holds a byte."""
    return max(n for n in range(len(FLOWS)) if STARTS[n] <= place)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, len(FILE) - 1))
@example(STARTS[3])
@example(STARTS[3] + 1)
@example(STARTS[3] - 1)
def test_a_truncated_file_gives_its_whole_flows(end: int) -> None:
    """Cut anywhere: every flow before is read, and the loss named by the byte where the broken one begins."""
    found, problems = read(FILE[:end])
    whole = [n for n in range(len(FLOWS)) if STARTS[n + 1] <= end]
    assert found == [FLOWS[n][0] for n in whole]
    at = STARTS[len(whole)]
    assert told(problems, at) == (at != end) and len(problems) == (at != end)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(FILE) * 8 - 1))
def test_a_flipped_bit_costs_at_most_its_flow(bit: int) -> None:
    """Any bit: the other flows are read, in their order; where its own is not, the loss is told by its byte."""
    data = bytearray(FILE)
    data[bit // 8] ^= 1 << bit % 8
    hit = flow_at(bit // 8)
    found, problems = read(bytes(data))
    others = [name for n, (name, _) in enumerate(FLOWS) if n != hit]
    assert [name for name in found if name in others] == others
    lost = len(found) == len(others)
    assert told(problems, STARTS[hit]) == lost


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(FLOWS) - 1), st.floats(0.0005, 0.9995), st.integers(0, len(FLOWS) - 1))
def test_a_file_appended_to_a_broken_one(which: int, share: float, then: int) -> None:
    """A recording that was killed, and another appended: all whole flows of both are read, the break is told."""
    start = STARTS[which]
    cut = start + max(1, int(len(FLOWS[which][1]) * share))
    data = FILE[:cut] + FILE[STARTS[then] :]
    found, problems = read(data)
    assert found == [name for name, _ in [*FLOWS[:which], *FLOWS[then:]]]
    assert told(problems, start) and len(problems) == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(FLOWS) - 1), st.integers(0, 10**12 - 1))
def test_a_wrong_length_costs_its_flow(which: int, length: int) -> None:
    """A length that is anything: the other flows are read."""
    raw = FLOWS[which][1]
    broken = b"%d:" % length + raw.split(b":", 1)[1]
    found, problems = read(FILE[: STARTS[which]] + broken + FILE[STARTS[which + 1] :])
    others = [name for n, (name, _) in enumerate(FLOWS) if n != which]
    assert [name for name in found if name in others] == others
    assert broken == raw or told(problems, STARTS[which])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(FILE)), st.integers(0, 3000), st.binary(max_size=300))
def test_bytes_replaced_by_others(at: int, gone: int, fresh: bytes) -> None:
    """A stretch of the file replaced by another: flows that it did not touch are read."""
    found, problems = read(FILE[:at] + fresh + FILE[at + gone :])
    if not gone and not fresh:
        assert not problems
    safe = [n for n in range(len(FLOWS)) if STARTS[n + 1] <= at or STARTS[n] > at + gone]
    assert set(found) >= {FLOWS[n][0] for n in safe}


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400).map(lambda raw: b"%d:" % len(raw) + raw + b"}") | st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    """What was never a flow is counted as lost, and no exception."""
    found, problems = read(data)
    assert found == [] and bool(problems) == bool(data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("request", "port"), 10**30), (("request", "port"), None), (("response", "status_code"), b"200"),
        (("request", "headers"), [b"a"]), (("request", "headers"), [[b"a", b"b", b"c"]]), (("request", "headers"), b""),
        (("request", "timestamp_start"), "now"), (("request", "content"), "text"), (("request",), None),
        (("request", "host"), b"xn--\xff"), (("type",), "quic"), (("type",), None), (("id",), 7),
        (("client_conn",), {}),
        (("client_conn", "id"), None), (("client_conn", "sni"), 5), (("server_conn", "peername"), ["a"]),
        (("server_conn", "address"), [7, 7]), (("server_conn", "certificate_list"), None), (("error",), {"msg": 7}),
        (("websocket",), {"messages": [[1, True]]}), (("websocket",), {"messages": [7]}),
        (("response", "headers"), None),
        (("websocket",), {"messages": [[1, True, "text", 0.5]]}),
        (("websocket",), {"messages": [[1, True, b"", b"now"]]}),
    ],
)  # fmt: skip
def test_fields_that_no_flow_has(path: tuple[str, ...], value: Any) -> None:
    """A flow whose lengths are right and whose field is not: it is lost and told, the next one is read."""
    from mitmproxy.io import tnetstring

    one, after = exchange("https://a.test/1", b"body"), exchange("https://a.test/2")
    state: Any = one.get_state()
    part = state
    for step in path[:-1]:
        part = part[step]
    assert path[-1] in part
    part[path[-1]] = value
    found, problems = read(tnetstring.dumps(state) + written(after))
    assert found == [after.id] and told(problems, 0) and len(problems) == 1


@pytest.mark.parametrize(
    "value", [[b"no PEM"], [b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]]
)
def test_a_certificate_that_is_none_is_a_remark(value: list[bytes]) -> None:
    """The flow is read without certificate names, and the warning says so."""
    from mitmproxy.io import tnetstring

    one = exchange("https://a.test/1")
    state: Any = one.get_state()
    state["server_conn"]["certificate_list"] = value
    found, problems = read(tnetstring.dumps(state))
    assert (
        found == [one.id]
        and [p.severity for p in problems] == ["warning"]
        and "1 server cert" in problems[0].what
    )


def test_a_cut_that_lengths_hide() -> None:
    """A flow was cut where its length leads, by chance, to the very end of the next one: that one is read."""
    large, small = exchange("https://a.test/1", b"x" * 900), exchange("https://a.test/2", b"x")
    cut = written(large)[: len(written(large)) - len(written(small))]
    found, problems = read(FILE + cut + written(small) + written(tflow.ttcpflow()))
    assert found[:-1] == [*(name for name, _ in FLOWS), small.id] and len(found) == len(FLOWS) + 2
    assert told(problems, len(FILE)) and len(problems) == 1


def test_many_losses_are_summed_up() -> None:
    """A thousand broken flows are told by the first ones and a number, not by a thousand rows."""
    broken = FLOWS[0][1].replace(b"4:port;3:443#", b"4:port;3:4q3#")
    assert broken != FLOWS[0][1]
    found, problems = read(broken * 1000 + FILE)
    assert found == [name for name, _ in FLOWS]
    assert len(problems) < 30 and "980 more" in problems[-1].what


def test_noise_is_read_to_its_end() -> None:
    """Two megabytes of digits, colons and beginnings of flows: told as lost, in one pass."""
    chance = random.Random(3)
    words = [b"1:", b"12:9:websocket;", b"7:version;2:21#}", b"999", b"}", b"0:~", b":8:messages;"]
    found, problems = read(b"".join(chance.choice(words) for _ in range(300_000)))
    assert found == [] and problems


def test_the_command_line_says_partial(tmp_path: Path) -> None:
    """Input was lost: the run is not complete."""
    file = tmp_path / "f.mitm"
    file.write_bytes(FILE[:-5])
    case = Case.create(tmp_path / "case")
    ingest.place(case, file)
    assert [p.severity for p in ingest.frames_of(case)] == ["lost"]
    assert not bool(case.runs.complete.iloc[0]) and len(case.flows) == len(FLOWS) - 1

"""Runs of the same steps, recorded in different ways: what each met, and it alone."""

from pathlib import Path

import pytest

from factories import Rows
from promptrail.case import Case
from promptrail.findings.observing import ways

SAME = {"app": "Parley", "app_version": "1", "control": "C1"}


def case(folder: Path) -> Case:
    """QUIC refused twice, QUIC allowed once with packets beside, and another control that stands alone."""
    rows = Rows()
    for run in ("r1", "r2"):
        rows.run(run, scenario="quic-refused", witnesses=["proxy"], **SAME)
        rows.flow(run, "chat.test", request_length=100)
    rows.run("a1", scenario="quic-allowed", witnesses=["proxy", "packets"], **SAME)
    rows.flow("a1", "chat.test", request_length=40)
    rows.connection("a1", "ads.test", "quic", connection="a1q", witnesses=["packets"], bytes_out=900)
    rows.run("alone", scenario="quic-refused", witnesses=["proxy"], **{**SAME, "control": "C0"})
    return rows.write(folder)


def test_each_way_is_told_beside_the_others(tmp_path: Path) -> None:
    """Hosts that one way alone met are named; bytes of the wire are known only where packets were captured."""
    allowed, refused = ways(case(tmp_path), ["r1", "r2", "a1", "alone"])
    assert (allowed.scenario, allowed.runs, allowed.only_here) == ("quic-allowed", 1, ["ads.test"])
    assert (allowed.connections, allowed.unread, allowed.requests) == (2, 1, 1)
    assert (allowed.content_bytes, allowed.wire_bytes) == (40, 900)
    assert (refused.scenario, refused.runs, refused.only_here) == ("quic-refused", 2, [])
    assert (refused.connections, refused.content_bytes, refused.wire_bytes) == (2, 200, None)


@pytest.mark.parametrize("runs", [["r1", "r2"], ["a1"], ["alone", "a1"], []])
def test_one_way_compares_nothing(tmp_path: Path, runs: list[str]) -> None:
    """Replicates of one scenario, or runs of different controls, are no comparison."""
    assert ways(case(tmp_path), runs) == []

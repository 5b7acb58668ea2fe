"""Which code sent an exchange, as far as a hook saw it."""

import json
from pathlib import Path
from typing import Any

import pytest

from factories import BEGAN, Rows
from promptrail.findings.origin import Origin, Origins
from promptrail.ingest.hook_record import HookRecord

URL = "https://kit.test/v1/chat"


def stack(rows: Rows, seq: int, after: float, **said: Any) -> None:
    rows.rows["hooks"].append(
        HookRecord("r", seq, BEGAN + after, "origin", 1, "app", "stack", detail=json.dumps(said), stack=["f"])
    )


def sender(folder: Path, *stacks: tuple[float, dict[str, Any]]) -> Origin | None:
    """Who sent the one exchange, which began ten seconds into the run."""
    rows = Rows()
    rows.run("r")
    flow = rows.flow("r", "kit.test", b"x", after=10.0)
    rows.rows["connections"].clear()
    rows.connection("r", "kit.test", connection=flow.connection, client_ip="10.0.2.15", client_port=40_000)
    for seq, (after, said) in enumerate(stacks):
        stack(rows, seq, after, **said)
    return Origins(rows.write(folder)).of("r", flow.url, flow.started, flow.connection)


ASKED = {"url": URL, "class": "com.kit.Tracker"}
OPENED = {"local": ["10.0.2.15", 40_000], "class": "com.kit.Net"}
CASES: dict[str, tuple[list[tuple[float, dict[str, Any]]], str | None]] = {
    "asked for just before": ([(9.9, ASKED)], "com.kit.Tracker"),
    "asked for long before": ([(-60.0, ASKED)], None),
    "asked for afterwards": ([(12.0, ASKED)], None),
    "another URL": ([(9.9, ASKED | {"url": URL + "/2"})], None),
    "its connection was opened": ([(9.0, OPENED)], "com.kit.Net"),
    "both: the request says more": ([(9.0, OPENED), (9.9, ASKED)], "com.kit.Tracker"),
    "another port": ([(9.0, OPENED | {"local": ["10.0.2.15", 40_001]})], None),
    "two classes asked for it": ([(9.8, ASKED), (9.9, ASKED | {"class": "com.app.Chat"})], None),
    "twice by one class": ([(9.8, ASKED), (9.9, ASKED)], "com.kit.Tracker"),
    "a record without a class": ([(9.9, {"url": URL, "class": None, "package": ""})], None),
    "odd values": ([(9.9, {"url": 7, "local": ["x"], "class": ["y"]})], None),
    "no record": ([], None),
}


@pytest.mark.parametrize("case", CASES)
def test_who_sent_it(tmp_path: Path, case: str) -> None:
    """By URL and time, else by the connection's address; nobody where nobody or more than one class fits."""
    stacks, expected = CASES[case]
    found = sender(tmp_path, *stacks)
    assert (found and found.code) == expected


def test_it_says_how_it_is_known(tmp_path: Path) -> None:
    """What both have in common, and the record to look up."""
    found = sender(tmp_path, (9.9, ASKED))
    assert found == Origin("com.kit.Tracker", "URL and time", "hook origin 0")

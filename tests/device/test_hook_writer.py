"""hook.jsonl as it is written: records numbered and timed, foreign messages kept, a disk that fills up told."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from promptrail.case.evidence import verify
from promptrail.device.hook_writer import HookLog


def written(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "hook.jsonl").read_text().splitlines()]


def batch(*records: dict[str, Any]) -> dict[str, Any]:
    return {"type": "send", "payload": {"records": list(records)}}


def test_a_batch_becomes_its_records(tmp_path: Path) -> None:
    """Each with its own bytes out of the one payload, and the host's time made from the target's clock."""
    log = HookLog(tmp_path / "run", 7, lambda: None)
    log.clock("a", 1000.5, 20.5)
    one = {"k": "plaintext", "seq": 0, "mono": 21.0, "at": 0, "length": 2}
    two = {"k": "plaintext", "seq": 1, "mono": 21.5, "at": 2, "length": 1}
    log.message("a", batch(one, two, {"k": "end", "seq": 2, "mono": 22.0}), b"\x00\x01\xff")
    log.close()
    first, second, end = written(tmp_path / "run")
    assert (first["t"], first["data"], second["data"], end["t"]) == (1001.0, "AAE=", "/w==", 1002.0)
    assert "at" not in first and (first["agent"], first["pid"], first["v"]) == ("a", 7, 1)
    assert log.ended == {"a"} and log.counts == {"plaintext": 2, "end": 1}


def test_other_messages_are_kept(tmp_path: Path) -> None:
    """What somebody's own agent sends, what it throws; also what only looks like a batch."""
    log = HookLog(tmp_path / "run", 7, lambda: None)
    log.message("own", {"type": "send", "payload": [1]}, b"\x01")
    log.message("own", {"type": "send", "payload": {"records": [1]}}, None)
    log.message("own", {"type": "error", "description": "TypeError: no", "stack": "at x"}, None)
    log.close()
    kinds = [(one["k"], one.get("data")) for one in written(tmp_path / "run")]
    assert kinds == [("message", "AQ=="), ("message", None), ("error", None)]


def test_a_sealed_log_verifies(tmp_path: Path) -> None:
    """Its manifest holds the hash of the file; a byte more, and it does not verify."""
    log = HookLog(tmp_path / "run", 7, lambda: None)
    log.message("a", batch({"k": "end"}), None)
    log.close()
    log.seal(tool={"frida": "0"})
    assert verify(tmp_path / "run") == []
    with (tmp_path / "run" / "hook.jsonl").open("a") as more:
        more.write("\n")
    assert verify(tmp_path / "run") != []


FULL = """
import resource, sys, threading
from pathlib import Path
from promptrail.device.hook_writer import HookLog
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
told = threading.Event()
log = HookLog(Path(sys.argv[1]), 7, told.set)
for n in range(100):
    log.message("a", {"type": "send", "payload": {"records": [{"k": "x", "seq": n, "text": "y" * 5000}]}}, None)
assert told.wait(60)
log.close()
print(log.fault.strerror)
"""


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """The session is told, what was written stays and its lines are whole but the last."""
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path / "run")], capture_output=True, text=True)
    assert done.stdout == "File too large\n", done.stderr
    lines = (tmp_path / "run" / "hook.jsonl").read_text().split("\n")[:-1]
    assert len(lines) > 10 and [json.loads(line)["seq"] for line in lines] == list(range(len(lines)))

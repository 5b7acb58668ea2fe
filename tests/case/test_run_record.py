"""What run.json says of a run, and what its absence says."""

import json
from pathlib import Path
from typing import Any

import pytest

from promptrail.case.run_record import FILE, KILLED, SCENARIO, read, write

META = {"app": "Parley", "scenario": "s"}
WHOLE: dict[str, Any] = {"complete": True, "reason": None, "meta": META}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A whole run has no reason; its meta comes back. It is written once, and only the owner may read it."""
    write(tmp_path, WHOLE)
    assert read(tmp_path) == (None, META) and (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write(tmp_path, WHOLE)


CASES: dict[str, tuple[dict[str, str], str | None]] = {
    "somebody else's capture": ({"flows.mitm": "", "manifest.json": json.dumps({"meta": META})}, None),
    "the lab's": ({"events.jsonl": "", "answer-key.jsonl": ""}, None),
    "it says why": ({FILE: json.dumps({"complete": False, "reason": "the proxy ended"})}, "the proxy ended"),
    "it does not say why": ({FILE: json.dumps({"complete": False})}, "run.json says so, and not why"),
    "complete is no truth": ({FILE: json.dumps({"complete": "true"})}, "run.json says so, and not why"),
    "killed, and sealed by the proxy": (
        {"manifest.json": json.dumps({"meta": {**META, "record": FILE}})},
        KILLED,
    ),
    "killed without a proxy": ({SCENARIO: "", "capture.pcap": ""}, KILLED),
    "cut short": ({FILE: json.dumps(WHOLE)[:30]}, KILLED),
    "empty": ({FILE: ""}, KILLED),
    "no object": ({FILE: "[1]"}, KILLED),
    "nested without end": ({FILE: "[" * 200_000}, KILLED),
    "a manifest that is none": ({"manifest.json": "[]"}, None),
    "a meta that is none": ({"manifest.json": json.dumps({"meta": 7})}, None),
}


@pytest.mark.parametrize(("files", "broke"), CASES.values(), ids=CASES.keys())
def test_why_a_run_is_not_whole(tmp_path: Path, files: dict[str, str], broke: str | None) -> None:
    """A run of ours without a readable run.json never passes for a whole one; other people's never need one."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert read(tmp_path).broke == broke

"""A recording with hooks in its app: on the stand-in a real Frida session, by this machine's own Frida."""

from pathlib import Path

import pytest

from promptrail.case import Case
from rigs.android.recording import bench, record_of, scenario

pytestmark = pytest.mark.rig
HOOKED = 'controls = ["C1"]\nhooks = ["tls-plaintext"]\n'


def test_hooks_are_a_witness_of_the_run(tmp_path: Path) -> None:
    """What the hook saw inside TLS and what the proxy read are one run: both are witnesses, nothing is doubled."""
    with bench(tmp_path) as the:
        case = the.case(tmp_path / "hooked")
        done = the.run(the.recording(case, scenario(tmp_path, about=HOOKED), "--frida", "local"))
        assert done.returncode == 0, done.stdout + done.stderr
    told = record_of(case, "first-chat-c1")
    assert told["complete"] and told["hooks"] == ["tls-plaintext"]
    opened = Case.open(case.path)
    (run,) = opened.runs.itertuples()
    assert {"proxy", "hook"} <= set(run.witnesses) and run.complete
    assert (opened.hooks["type"] == "stream").any() and (opened.hooks["type"] == "end").sum() == 1
    read = opened.connections[opened.connections["outcome"] == "read"]
    assert "proxy" in set(read["read_by"]) and "hook" not in set(read["read_by"])
    assert opened.flows["flow"].is_unique
    assert any("hook" in names for names in read["witnesses"]), (
        "the hook's streams are the proxy's connections"
    )

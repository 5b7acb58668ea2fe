"""A flow file of 5 GB: memory of an import does not grow with the file."""

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from captures import exchange
from promptrail.case import Case

FLOWS, BODY = 100_000, 50_000
"""Five gigabytes of bodies, no two of them alike."""
MOST = 600
"""MB that an import may hold."""
IMPORT = """
import sys
from pathlib import Path
from promptrail import ingest
from promptrail.case import Case
case = Case.open(sys.argv[1])
ingest.place(case, Path(sys.argv[2]))
assert ingest.frames_of(case) == []
print(Path("/proc/self/status").read_text())
"""


def write(file: Path) -> None:
    """One flow as mitmproxy writes it, again and again with another id, connection and body of the same lengths."""
    from mitmproxy.io import tnetstring

    words = json.dumps([f"word{random.Random(n).random()}" for n in range(3000)])[: BODY - 8].encode()
    mark = b"@" * BODY
    state = exchange("https://large.test/v1/upload", mark).get_state()
    head, tail = tnetstring.dumps(state).split(mark)
    old = [state["id"].encode(), state["client_conn"]["id"].encode()]
    with open(file, "wb", buffering=1 << 24) as out:
        for n in range(FLOWS):
            name = b"%08d" % n
            parts = [head, tail]
            for one in old:
                parts = [part.replace(one, name + one[8:]) for part in parts]
            out.write(parts[0] + name + words + parts[1])


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_five_gigabytes(tmp_path: Path) -> None:
    """Every flow and every body arrives, and the process never held more than 600 MB."""
    file = tmp_path / "large.mitm"
    write(file)
    assert file.stat().st_size > 5e9
    case = Case.create(tmp_path / "case")
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, str(case.path), str(file)], check=True, capture_output=True, text=True
    )
    found = re.search(r"VmHWM:\s*(\d+) kB", done.stdout)
    assert found
    print(
        f"peak memory {int(found[1]) / 1000:.0f} MB for {file.stat().st_size / 1e9:.1f} GB", file=sys.stderr
    )
    os.unlink(file)
    assert len(case.flows) == FLOWS
    assert case.flows["request_body"].nunique() == FLOWS
    assert int(found[1]) / 1000 < MOST

"""Bodies that want to burst whoever reads them, in a real flow file, through the commands `import` and `trace`.

Beside them stands an ordinary request. It must be traced, the ledger must name what was cut, and memory stay bounded.
"""

import base64
import json
import os
import random
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from captures import exchange
from promptrail.case import Case

PROMPT = "May I record the meeting with Min-jun? plover-6612"
MIB = 1 << 20
BODY = 256 * MIB
"""Bytes of base64 in one request."""
MOST = 2500 * MIB
"""Bytes that the import and trace of it may hold in memory."""
SECONDS = 300


class Repeated:
    """A body of one block after another, which is written without being held."""

    def __init__(self, block: bytes, size: int) -> None:
        self.block, self.times = block, size // len(block)

    def __len__(self) -> int:
        return len(self.block) * self.times


def tnetstring(value: Any) -> tuple[int, list[bytes]]:
    """A value as mitmproxy's flow files hold it: its size, and its bytes in pieces."""
    from mitmproxy.io import tnetstring as small

    if isinstance(value, Repeated):
        head = b"%d:" % len(value)
        return len(head) + len(value) + 1, [head, *[value.block] * value.times, b","]
    if isinstance(value, dict):
        parts, end = [tnetstring(x) for pair in value.items() for x in pair], b"}"
    elif isinstance(value, list | tuple):
        parts, end = [tnetstring(x) for x in value], b"]"
    else:
        written = small.dumps(value)
        return len(written), [written]
    size = sum(part[0] for part in parts)
    head = b"%d:" % size
    return len(head) + size + 1, [head, *(piece for part in parts for piece in part[1]), end]


def flow(url: str, body: Any, *headers: tuple[bytes, bytes]) -> Iterator[bytes]:
    """One flow as `mitmdump -w` writes it."""
    state = exchange(url, b"@", headers).get_state()
    state["request"]["content"] = body
    yield from tnetstring(state)[1]


def ten_gigabytes() -> bytes:
    """10 MB of gzip that stand for 10 GB of zeros: after a full flush each block stands for itself."""
    packer, block = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(1 << 24)
    first, other = (packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + other * 639


def run(*arguments: str) -> tuple[int, int]:
    """Exit code of one command, and the peak memory of all commands so far, in bytes."""
    import resource

    done = subprocess.run(
        [sys.executable, "-m", "promptrail", *arguments], stdout=subprocess.DEVNULL, timeout=SECONDS
    )
    unit = 1 if sys.platform == "darwin" else 1024
    return done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="memory of a child process is measured by getrusage")
def test_huge_bodies_are_cut_and_the_rest_is_traced(tmp_path: Path) -> None:
    """Both commands end with 0 within so much memory; the bomb is in the ledger, the ordinary request is traced."""
    noise = base64.b64encode(random.Random(20261122).randbytes(3 * MIB))
    with open(tmp_path / "f.mitm", "wb") as out:
        for pieces in (
            flow("https://a.test/bomb", ten_gigabytes(), (b"content-encoding", b"gzip")),
            flow("https://a.test/noise", Repeated(noise, BODY)),
            flow("https://a.test/good", json.dumps({"q": PROMPT}).encode()),
        ):
            out.writelines(pieces)
    case = Case.create(tmp_path / "case")
    case.add_probe("prompt", PROMPT)
    for command in (("import", str(case.path), str(tmp_path / "f.mitm")), ("trace", str(case.path))):
        code, peak = run(*command)
        print(f"{command[0]}: peak memory {peak / MIB:.0f} MiB", file=sys.stderr)
        assert code == 0 and peak < MOST
    case = Case.open(case.path)
    assert case.sightings.url.tolist() == ["https://a.test/good"]
    told = case.undecoded[case.undecoded.reason == "limit"].detail.tolist()
    assert any(words.startswith("268,435,456 bytes: 67,108,864 were opened") for words in told), told
    assert any("inflate" in words and "more than 64 MiB" in words for words in told), told

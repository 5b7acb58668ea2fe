"""A disk that is really full: a small tmpfs, filled by the command itself."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from captures import entry, write_har
from promptrail.case import Case
from rigs.needs import missing_rig


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB; needs the right to mount."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        missing_rig(f"cannot mount a small disk: {made.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def promptrail(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "promptrail", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def noise(size: int) -> str:
    """Text that does not compress."""
    return random.Random(7).randbytes(size // 2).hex()


@pytest.mark.rig
@pytest.mark.parametrize("size", [1_650_000, 3_000_000])
def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path, small_disk: Path, size: int) -> None:
    """Full while frames are written, or while the capture is copied: exit 1, what to do, the case as it was."""
    case = small_disk / "case"
    good = write_har(
        tmp_path, entry("https://a.test/1", json.dumps({"q": "kestrel-4417 was typed"})), name="good.har"
    )
    large = write_har(tmp_path, entry("https://a.test/2", json.dumps({"q": noise(size)})), name="large.har")
    assert promptrail("case", "new", case).returncode == 0
    assert promptrail("import", case, good).returncode == 0
    full = promptrail("import", case, large)
    assert (full.returncode, full.stderr.count("\n")) == (1, 1), full.stderr
    assert "no space left" in full.stderr and "Free some" in full.stderr
    assert len(Case.open(case).flows) == 1, "the frames that were there are still there"
    assert [p.name for p in (case / "frames").iterdir() if p.name.startswith(".new")] == []
    assert subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)]).returncode == 0
    assert promptrail("import", case, large).returncode == 0
    assert len(Case.open(case).flows) == 2

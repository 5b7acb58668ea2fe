"""The evidence writer: what it leaves on disk, in good order and in bad."""

import ast
import hashlib
import json
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from promptrail.case import evidence
from promptrail.case.evidence import EvidenceError, EvidenceWriter, check_run_name, run_name, seal, verify

WRITER = Path(evidence.__file__)
OPEN_BY_FILE = f"""
import importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("evidence", {str(WRITER)!r})
evidence = importlib.util.module_from_spec(spec)
spec.loader.exec_module(evidence)
writer = evidence.EvidenceWriter(pathlib.Path(sys.argv[1]), "r", {{}}, {{}}, {{}})
"""


def writer(case: Path, run: str = "r") -> EvidenceWriter:
    return EvidenceWriter(case, run, {"recorder": "test"}, {"app": "Parley"}, {"mode": ["regular"]})


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "evidence.jsonl").read_bytes().splitlines()]


def whole_lines(folder: Path) -> Iterator[dict[str, Any]]:
    """The records of a run that may have broken off: all but a last line without its end."""
    for line in (folder / "evidence.jsonl").read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield json.loads(line)


def packed(folder: Path, ref: dict[str, Any]) -> bytes:
    pack = (folder / "bodies.pack").read_bytes()
    return b"".join(pack[offset : offset + length] for offset, length in ref["at"])


def script(case: Path, code: str, **options: Any) -> "subprocess.Popen[bytes]":
    """Python without site-packages and without this package, with an open writer."""
    return subprocess.Popen([sys.executable, "-I", "-S", "-c", OPEN_BY_FILE + code, str(case)], **options)


def test_a_run_holds_its_bodies_and_its_records_in_order(tmp_path: Path) -> None:
    """What was written is read back: kinds in their order, each body by its reference, byte for byte."""
    open_run = writer(tmp_path)
    ref = open_run.body(b"\x00\xffbody")
    open_run.record("request", 12.5, flow="f", body=ref)
    open_run.close()
    start, request, end = records(open_run.folder)
    assert (start["k"], start["run"], start["meta"]) == ("start", "r", {"app": "Parley"})
    assert (request["k"], request["t"], end["k"], end["reason"]) == ("request", 12.5, "end", "done")
    assert packed(open_run.folder, request["body"]) == b"\x00\xffbody"
    assert request["body"]["sha256"] == hashlib.sha256(b"\x00\xffbody").hexdigest()


def test_a_missing_body_an_empty_one_and_a_repeated_one_are_three_things(tmp_path: Path) -> None:
    """Missing is None, empty has length 0 and no place, and equal bodies share their place in the pack."""
    open_run = writer(tmp_path)
    assert open_run.body(None) is None
    empty = open_run.body(b"")
    assert empty is not None and (empty["length"], empty["at"]) == (0, [])
    assert open_run.body(b"same") == open_run.body(b"same")
    assert (open_run.folder / "bodies.pack").stat().st_size == 4


def test_what_is_remembered_of_bodies_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that was forgotten is packed again, correctly: only recent ones are kept in mind."""
    monkeypatch.setattr(evidence, "KNOWN_BODIES", 2)
    open_run = writer(tmp_path)
    first = open_run.body(b"one")
    for other in (b"two", b"three"):
        open_run.body(other)
    again = open_run.body(b"one")
    assert first and again and first["at"] != again["at"] and packed(open_run.folder, again) == b"one"


def test_streamed_pieces_are_read_back_as_one_body(tmp_path: Path) -> None:
    """The pieces of a stream, with other bodies between them, give the stream."""
    open_run = writer(tmp_path)
    spans = [open_run.piece(b"data: 1\n\n")]
    open_run.body(b"another flow")
    spans.append(open_run.piece(b"data: 2\n\n"))
    assert b"".join(open_run.read(spans)) == b"data: 1\n\ndata: 2\n\n"


def test_text_that_is_not_unicode_is_kept(tmp_path: Path) -> None:
    """A lone surrogate, as mitmproxy makes of bytes that are no UTF-8, is written as ASCII and read back."""
    open_run = writer(tmp_path)
    open_run.record("request", url="/\udcff\ud83d", host="참매.test")
    line = (open_run.folder / "evidence.jsonl").read_bytes().splitlines()[1]
    assert line.isascii() and json.loads(line)["url"] == "/\udcff\ud83d"


def test_only_the_owner_can_read_a_run(tmp_path: Path) -> None:
    """Folders are 0700 and files 0600, whatever the umask says."""
    open_run = writer(tmp_path)
    open_run.close()
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in [open_run.folder, *open_run.folder.iterdir()]}
    assert modes == {"r": 0o700, "evidence.jsonl": 0o600, "bodies.pack": 0o600, "manifest.json": 0o600}


def test_the_manifest_names_every_file_and_its_hash(tmp_path: Path) -> None:
    """Hash, size, counts and clock are of what lies there, and nothing half-written lies beside it."""
    open_run = writer(tmp_path)
    (open_run.folder / "flows.mitm").write_bytes(b"flows")
    open_run.record("request", flow="f")
    open_run.close()
    manifest = json.loads((open_run.folder / "manifest.json").read_text())
    for name, entry in manifest["files"].items():
        data = (open_run.folder / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    assert set(manifest["files"]) == {p.name for p in open_run.folder.iterdir()} - {"manifest.json"}
    assert manifest["counts"] == {"end": 1, "request": 1, "start": 1}
    assert manifest["clock"]["end"]["monotonic"] >= manifest["clock"]["start"]["monotonic"]
    assert verify(open_run.folder) == []


@pytest.mark.parametrize(
    "name", ["", ".hidden", "../up", "a/b", "a\\b", "-x\n", "_x", "x" * 101, "ends.", "nul\0", "/abs"]
)
def test_a_run_name_cannot_leave_its_place(name: str) -> None:
    """Names with separators, leading dots, control characters or no end are refused."""
    with pytest.raises(EvidenceError, match="cannot name a run"):
        check_run_name(name)


def test_the_default_name_of_a_run_is_utc_and_allowed() -> None:
    """The time in UTC, in a form that every file system takes."""
    assert run_name(0) == "1970-01-01T00-00-00Z"
    assert check_run_name(run_name()) and check_run_name("before-c1-1")


def test_a_run_is_never_overwritten(tmp_path: Path) -> None:
    """A second run of the same name is refused with what to do, and the first is untouched."""
    first = writer(tmp_path)
    first.close()
    before = (first.folder / "evidence.jsonl").read_bytes()
    with pytest.raises(EvidenceError, match="give another run name"):
        writer(tmp_path)
    assert (first.folder / "evidence.jsonl").read_bytes() == before


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The error names the folder and a remedy."""
    (tmp_path / "captures").write_text("a file in the way")
    with pytest.raises(EvidenceError, match=r"captures.*record the run again"):
        writer(tmp_path)


def test_a_full_disk_keeps_what_was_good(tmp_path: Path) -> None:
    """At the limit the writer says which file and what to do, cuts off the half-written line, and seals nothing."""
    code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
said = set()
for n in range(300):
    try:
        writer.record("request", n=n, pad="x" * 90)
    except evidence.EvidenceError as e:
        said.add(str(e))
writer.close()
print(len(said), *said)
"""
    done = script(tmp_path, code, stdout=subprocess.PIPE)
    assert done.stdout
    count, _, words = done.stdout.read().decode().partition(" ")
    assert done.wait() == 0 and count == "1"
    assert "evidence.jsonl" in words and "Free space" in words
    folder = tmp_path / "captures" / "r"
    assert [r["n"] for r in records(folder)[1:]] == list(range(len(records(folder)) - 1))
    assert len(records(folder)) > 20 and not (folder / "manifest.json").exists()


def test_a_killed_writer_leaves_whole_records_and_their_bodies(tmp_path: Path) -> None:
    """After SIGKILL at any moment every whole line's body is in the pack, and nothing claims to be sealed."""
    code = """
import itertools
for n in itertools.count():
    writer.record("request", n=n, body=writer.body(str(n).encode() * 50))
"""
    child = script(tmp_path, code)
    folder = tmp_path / "captures" / "r"
    deadline = time.monotonic() + 30
    while not (folder / "evidence.jsonl").exists() or (folder / "evidence.jsonl").stat().st_size < 200_000:
        assert time.monotonic() < deadline and child.poll() is None
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.wait()
    found = [r for r in whole_lines(folder) if r["k"] == "request"]
    assert len(found) > 100
    for r in found[-50:]:
        assert packed(folder, r["body"]) == str(r["n"]).encode() * 50
    assert verify(folder) == ["it has no manifest.json, so its recording broke off"]


def test_nothing_is_written_after_the_end(tmp_path: Path) -> None:
    """A closed run takes no more records, and closing again changes nothing."""
    open_run = writer(tmp_path)
    open_run.close()
    before = (open_run.folder / "evidence.jsonl").read_bytes()
    with pytest.raises(EvidenceError, match="is closed"):
        open_run.record("error")
    open_run.close()
    assert (open_run.folder / "evidence.jsonl").read_bytes() == before


def test_files_written_beside_the_evidence_are_sealed_with_it(tmp_path: Path) -> None:
    """Events that the app wrote enter the manifest of the closed run."""
    open_run = writer(tmp_path)
    open_run.close()
    (open_run.folder / "events.jsonl").write_text('{"t": 1, "event": "launch"}\n')
    manifest = seal(open_run.folder, ["events.jsonl"])
    assert manifest["files"]["events.jsonl"]["bytes"] == 28 and verify(open_run.folder) == []


@pytest.mark.parametrize("name", ["evidence.jsonl", "bodies.pack"])
def test_sealing_again_does_not_bless_what_was_altered(tmp_path: Path, name: str) -> None:
    """A capture that changed after it was sealed is named and not sealed again."""
    open_run = writer(tmp_path)
    open_run.body(b"body")
    open_run.close()
    with (open_run.folder / name).open("ab") as f:
        f.write(b"x")
    with pytest.raises(EvidenceError, match=f"{name} has changed since it was sealed"):
        seal(open_run.folder)


def test_a_recording_that_broke_off_cannot_be_sealed(tmp_path: Path) -> None:
    """Without its manifest a run stays a run that broke off."""
    open_run = writer(tmp_path)
    with pytest.raises(EvidenceError, match="broke off"):
        seal(open_run.folder)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"files": 1}', '{"files": {"../../x": {"sha256": ""}}}', '{"files": {"a": 1}}']
)
def test_a_hostile_manifest_is_reported(tmp_path: Path, text: str) -> None:
    """A manifest that is none, or that names a file outside its run, is a finding and not a crash."""
    open_run = writer(tmp_path)
    open_run.close()
    (open_run.folder / "manifest.json").write_text(text)
    assert verify(open_run.folder)


def test_the_writer_needs_the_standard_library_only() -> None:
    """The addon loads this file alone, in a Python that may hold nothing but mitmproxy."""
    tree = ast.parse(WRITER.read_text())
    names = {
        n.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for a in node.names
        for n in [a.name]
    }
    names |= {
        (node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    }
    assert names <= sys.stdlib_module_names

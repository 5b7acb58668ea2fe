"""Writes the evidence of one run: JSON lines and a pack of bodies in, a folder closed by a manifest out.

It refuses an existing run folder, a run name that is not a plain file name, and any write after the first that failed.
Standard library only: `addons/capture.py` loads this file by its path in a mitmproxy that has no promptrail.

    CASE/captures/RUN/
        evidence.jsonl   one JSON object a line: "k" is its kind, "t" seconds since the epoch by this machine's clock
        bodies.pack      bodies one after the other; a line names its bodies by SHA-256, offset and length
        manifest.json    SHA-256 and size of every file, tool versions, clock; without it the recording broke off

A body reaches the pack before the line that names it, and both leave this process with the call that writes them, so
whatever ends the proxy leaves whole records and at most one cut line at the end.
"""

import hashlib
import json
import os
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

SCHEMA = 1
LINES, PACK, MANIFEST, FLOW_FILE = "evidence.jsonl", "bodies.pack", "manifest.json", "flows.mitm"
KNOWN_BODIES = 50_000
"""How many recent bodies are remembered so as not to be packed twice; about 10 MB."""

Span = list[int]
"""[offset, length] in bodies.pack, both in bytes."""


class EvidenceError(Exception):
    """The evidence cannot be written or is not what its manifest says; the text names file and remedy."""


def run_name(now: float | None = None) -> str:
    """The name a run gets when nobody gave one: UTC time to the second, as 2026-11-21T22-56-42Z."""
    return time.strftime("%Y-%m-%dT%H-%M-%SZ", time.gmtime(now))


def check_run_name(run: str) -> str:
    """`run` itself; raises EvidenceError where it could leave captures/ or hide in it."""
    if not re.fullmatch(r"[^\W_][\w.+ -]{0,99}", run) or run.endswith((".", " ")):
        raise EvidenceError(
            f"{run!r} cannot name a run: use letters, digits, '-', '_' and '.', at most 100, beginning with a "
            "letter or digit (it becomes a folder below captures/)."
        )
    return run


class EvidenceWriter:
    """The open evidence of one run. Not for several threads; mitmproxy calls its addons on one."""

    def __init__(
        self, case: Path, run: str, tool: dict[str, str], meta: dict[str, Any], options: dict[str, Any]
    ):
        """Makes CASE/captures/RUN and writes the record `start`; EvidenceError if it is there or cannot be made."""
        self.run = check_run_name(run)
        self.folder = case / "captures" / run
        self.failed: EvidenceError | None = None
        self.closed = False
        self._known: OrderedDict[str, Span] = OrderedDict()
        self._counts: Counter[str] = Counter()
        self._about: dict[str, Any] = {"tool": tool, "meta": meta}
        self._start = clock()
        try:
            self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.folder.exists():
                raise EvidenceError(
                    f"{self.folder} is there already and a capture is never overwritten: give another run name."
                )
            self.folder.mkdir(mode=0o700)
            self._lines = _File(self.folder / LINES)
            self._pack = _File(self.folder / PACK)
        except OSError as e:
            raise _unwritable(self.folder, e) from None
        self.record("start", schema=SCHEMA, run=run, **self._about, clock=self._start, options=options)

    def record(self, k: str, t: float | None = None, **fields: Any) -> None:
        """Append one line; `t` defaults to now. Lone surrogates in text are kept, as JSON's \\uDC80."""
        line = json.dumps({"k": k, "t": time.time() if t is None else t, **fields}, separators=(",", ":"))
        self._append(self._lines, line.encode("ascii") + b"\n")
        self._counts[k] += 1

    def body(self, raw: bytes | None) -> dict[str, Any] | None:
        """Pack a whole body; its reference, or None for a body that is missing. Equal bodies share their bytes."""
        if raw is None:
            return None
        digest = hashlib.sha256(raw).hexdigest()
        span = self._known.get(digest)
        if span is None and raw:
            span = self._known[digest] = self.piece(raw)
            if len(self._known) > KNOWN_BODIES:
                self._known.popitem(last=False)
        elif span is not None:
            self._known.move_to_end(digest)
        return reference(digest, len(raw), [span] if span else [])

    def piece(self, raw: bytes) -> Span:
        """Pack one piece of a streamed body as it passes; where it lies."""
        offset = self._pack.size
        self._append(self._pack, raw)
        return [offset, len(raw)]

    def read(self, spans: Iterable[Span]) -> Iterator[bytes]:
        """The packed bytes of these spans, in order, at most 1 MiB at a time."""
        for offset, length in spans:
            end = offset + length
            while offset < end and (block := os.pread(self._pack.fd, min(end - offset, 1 << 20), offset)):
                yield block
                offset += len(block)

    def close(self, reason: str = "done") -> None:
        """Write the record `end` and the manifest; later calls do nothing. Files beside ours are sealed with them."""
        if self.closed or self.failed:
            return
        self.record("end", reason=reason)
        self.closed = True
        try:
            for file in (self._lines, self._pack):
                os.fsync(file.fd)
                os.close(file.fd)
            finish(self.folder, self._start, self._counts, reason, **self._about)
        except OSError as e:
            self.failed = _unwritable(self.folder, e)
            raise self.failed from None

    def _append(self, file: "_File", data: bytes) -> None:
        if self.failed or self.closed:
            raise self.failed or EvidenceError(f"{self.folder} is closed: nothing can be added to it.")
        try:
            file.append(data)
        except OSError as e:
            self.failed = _unwritable(file.path, e)
            raise self.failed from None


class _File:
    """A file that only grows, written without a buffer; a write that failed is cut off again."""

    def __init__(self, path: Path):
        self.path, self.size = path, 0
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)

    def append(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self.fd, rest) :]
        except OSError:
            os.ftruncate(self.fd, self.size)
            raise
        self.size += len(data)


def reference(
    sha256: str, length: int, at: list[Span], decoded: dict[str, Any] | None = None
) -> dict[str, Any]:
    """How a record names a body: `decoded` has SHA-256 and length of what undoing its Content-Encoding gives."""
    return {"sha256": sha256, "length": length, "at": at, "decoded": decoded}


def finish(
    folder: Path, start: dict[str, float], counts: dict[str, int], reason: str = "done", **about: Any
) -> None:
    """Write the manifest of a run over every file in its folder; OSError if that fails. `start` is from `clock`."""
    manifest = {
        "schema": SCHEMA,
        "run": folder.name,
        **about,
        "clock": {"start": start, "end": clock()},
        "counts": dict(sorted(counts.items())),
        "closed": reason,
        "files": _inventory(folder),
    }
    _write_manifest(folder, manifest)


def seal(folder: Path, add: Iterable[str] = ()) -> dict[str, Any]:
    """Add files written beside the evidence (events.jsonl, answer-key.jsonl) to the manifest of a closed run.

    Raises EvidenceError when the run has no manifest (its recording broke off), or when a file that is sealed
    already has changed: sealing again must not make an altered capture look whole.
    """
    if wrong := verify(folder):
        raise EvidenceError(f"{folder} cannot be sealed: {'; '.join(wrong)}. Record the run again.")
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    try:
        for name in add:
            (folder / check_run_name(name)).chmod(0o600)
            manifest["files"][name] = _entry(folder / name)
        _write_manifest(folder, manifest)
    except OSError as e:
        raise _unwritable(folder, e) from None
    return manifest


def verify(folder: Path) -> list[str]:
    """What differs between a run folder and its manifest, in words; [] when every sealed file is as it was."""
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        sealed = {check_run_name(name): entry["sha256"] for name, entry in files.items()}
    except FileNotFoundError:
        return [f"it has no {MANIFEST}, so its recording broke off"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EvidenceError) as e:
        return [f"its {MANIFEST} cannot be read ({e})"]
    wrong = []
    for name, digest in sorted(sealed.items()):
        try:
            if _entry(folder / name)["sha256"] != digest:
                wrong.append(f"{name} has changed since it was sealed")
        except OSError as e:
            wrong.append(f"{name} cannot be read ({e.strerror})")
    return wrong


def _inventory(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        p.name: _entry(p) for p in sorted(folder.iterdir()) if p.is_file() and not p.name.startswith(MANIFEST)
    }


def _entry(path: Path) -> dict[str, Any]:
    with path.open("rb") as f:
        digest = hashlib.file_digest(f, "sha256").hexdigest()
        return {"sha256": digest, "bytes": f.tell()}


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    draft = folder / f"{MANIFEST}.tmp"
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
            json.dump(manifest, f, indent=1, sort_keys=True)
            f.write("\n")
            f.flush()
            os.fsync(f.fileno())
        draft.replace(folder / MANIFEST)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def clock() -> dict[str, float]:
    """Both clocks at one moment: a wall clock that was set during the run shows in their difference."""
    return {"wall": time.time(), "monotonic": time.monotonic()}


def _unwritable(path: Path, error: OSError) -> EvidenceError:
    return EvidenceError(
        f"{path} cannot be written: {error.strerror or error}. Free space there or choose another folder, then "
        "record the run again; what was written until then is kept."
    )

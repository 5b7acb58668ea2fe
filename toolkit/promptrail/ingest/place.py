"""A file that somebody gave us, into the case: recognised, copied unchanged to captures/RUN/, its origin written down.

The copy is whole or not there. Refuses what no reader knows, in one sentence. The same file again is not copied twice.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from promptrail.case import Case
from promptrail.case.settings import slug
from promptrail.errors import InputError
from promptrail.ingest import har, hook_log, mitm, pcap
from promptrail.ingest.packets import tshark
from promptrail.ingest.sink import no_room

HEAD = 4096
FORMATS: tuple[tuple[str, Callable[[bytes], bool], str], ...] = (
    (hook_log.NAME, hook_log.recognises, hook_log.FILE),  # JSON too, and so before HAR
    (har.NAME, har.recognises, "capture.har"),
    (mitm.NAME, mitm.recognises, "flows.mitm"),
    (pcap.NAME, pcap.recognises_section, pcap.FILES[0]),
    (pcap.NAME, pcap.recognises_records, pcap.FILES[1]),
)
KEY_LINE = re.compile(
    rb"^(?:[A-Z][A-Z0-9_]+ [0-9a-fA-F]{64} [0-9a-fA-F]+|RSA (?:Session-ID:)?[0-9a-fA-F]+ )", re.MULTILINE
)
"""A line of a TLS key log (draft-ietf-tls-keylogfile; RSA: older NSS)."""


class Placed(NamedTuple):
    run: str
    source: str
    new: bool


def place(case: Case, file: Path, keys: Path | None = None) -> Placed:
    """Copy a capture into the case, with its TLS key log where it has one.

    InputError if it cannot be read as any format, MissingTool if its format needs a program that is not installed.
    """
    head, sha256, size = _looked_at(file)
    source, name = next(((n, target) for n, knows, target in FORMATS if knows(head)), (None, None))
    if source is None or name is None:
        raise InputError(
            f"{file}: neither a mitmproxy flow file, a HAR, a packet capture nor a hook log (it begins with "
            f"{head[:16]!r}). Save flows with `mitmdump -w FILE`, export the traffic as HAR, or capture packets as "
            "pcap or pcapng."
        )
    if source == pcap.NAME:
        tshark.program()
    elif keys is not None:
        raise InputError(f"{file}: a key log opens packet captures, and this is none. Leave --keys out.")
    copies = [(file, name, sha256, size)]
    if keys is not None:
        known, its_sha256, its_size = _looked_at(keys)
        if not KEY_LINE.search(known):
            raise InputError(
                f"{keys}: holds no line of a TLS key log (SSLKEYLOGFILE) in its first {HEAD} bytes."
            )
        copies.append((keys, pcap.KEYS, its_sha256, its_size))
    both = hashlib.sha256("".join(one[2] for one in copies).encode()).hexdigest()
    run = f"{slug(file.stem)}-{(sha256 if keys is None else both)[:6]}"
    folder = case.captures / run
    if folder.exists():
        return Placed(run, source, False)
    incoming = case.captures / f".{run}"
    try:
        incoming.mkdir(parents=True, exist_ok=True)
        for origin, copy, _, _ in copies:
            shutil.copyfile(origin, incoming / copy)
            if copy == pcap.KEYS:
                os.chmod(incoming / copy, 0o600)
        manifest = {
            "schema": 1,
            "run": run,
            "imported": {"name": file.name, "source": source},
            "files": {copy: {"sha256": digest, "bytes": length} for _, copy, digest, length in copies},
        }
        (incoming / "manifest.json").write_text(
            json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
        incoming.rename(folder)
    except OSError as fault:
        shutil.rmtree(incoming, ignore_errors=True)
        raise no_room(fault, case.captures) from fault
    with_keys = {"keys": keys.name} if keys else {}
    case.log("import", file=file.name, run=run, source=source, sha256=sha256, bytes=size, **with_keys)
    return Placed(run, source, True)


def _looked_at(file: Path) -> tuple[bytes, str, int]:
    """The first bytes of a file, its SHA-256, its length. InputError where it cannot be read, or is empty."""
    try:
        with open(file, "rb") as f:
            head = f.read(HEAD)
            digest = hashlib.sha256(head)
            while block := f.read(1 << 20):
                digest.update(block)
            size = f.tell()
    except IsADirectoryError as fault:
        raise InputError(
            f"{file}: is a folder. Give the capture file itself (.mitm, .har, .pcapng)."
        ) from fault
    except OSError as fault:
        raise InputError(f"{file}: cannot be read: {fault.strerror}.") from fault
    if not size:
        raise InputError(f"{file}: is empty (0 bytes). Record or export the traffic again.")
    return head, digest.hexdigest(), size

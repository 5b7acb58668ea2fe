"""A file that somebody gave us, into the case: recognised, copied unchanged to captures/RUN/, its origin written down.

The copy is whole or not there. Refuses what no reader knows, in one sentence. The same file again is not copied twice.
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import NamedTuple

from promptrail.case import Case
from promptrail.case.settings import slug
from promptrail.errors import InputError
from promptrail.ingest import har, mitm
from promptrail.ingest.sink import no_room

HEAD = 4096
FORMATS = ((har.NAME, har.recognises, "capture.har"), (mitm.NAME, mitm.recognises, "flows.mitm"))


class Placed(NamedTuple):
    run: str
    source: str
    new: bool


def place(case: Case, file: Path) -> Placed:
    """Copy a capture into the case; InputError if it cannot be read as any format."""
    try:
        with open(file, "rb") as f:
            head = f.read(HEAD)
            digest = hashlib.sha256(head)
            while block := f.read(1 << 20):
                digest.update(block)
            size = f.tell()
    except IsADirectoryError as fault:
        raise InputError(f"{file}: is a folder. Give the capture file itself (.mitm, .har).") from fault
    except OSError as fault:
        raise InputError(f"{file}: cannot be read: {fault.strerror}.") from fault
    if not size:
        raise InputError(f"{file}: is empty (0 bytes). Record or export the traffic again.")
    source, name = next(((n, target) for n, knows, target in FORMATS if knows(head)), (None, None))
    if source is None or name is None:
        raise InputError(
            f"{file}: neither a mitmproxy flow file nor a HAR (it begins with {head[:16]!r}). "
            "Save flows with `mitmdump -w FILE`, or export the traffic as HAR."
        )
    run = f"{slug(file.stem)}-{digest.hexdigest()[:6]}"
    folder = case.captures / run
    if folder.exists():
        return Placed(run, source, False)
    incoming = case.captures / f".{run}"
    try:
        incoming.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, incoming / name)
        manifest = {
            "schema": 1,
            "run": run,
            "imported": {"name": file.name, "source": source},
            "files": {name: {"sha256": digest.hexdigest(), "bytes": size}},
        }
        (incoming / "manifest.json").write_text(
            json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
        incoming.rename(folder)
    except OSError as fault:
        shutil.rmtree(incoming, ignore_errors=True)
        raise no_room(fault, case.captures) from fault
    case.log("import", file=file.name, run=run, source=source, sha256=digest.hexdigest(), bytes=size)
    return Placed(run, source, True)

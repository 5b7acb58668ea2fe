"""A case as a folder: case.toml, captures/RUN/, frames/, reports/, private/, log.jsonl.

Opening reads the settings only; frames are read when asked for and are made by `promptrail.pipeline`.
"""

import datetime
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import tomlkit
from filelock import FileLock, Timeout

from promptrail.case import private_probes, settings
from promptrail.errors import CaseError, CaseLocked
from promptrail.model import Probe

if TYPE_CHECKING:  # a case opens at once; what reads tables is loaded when the first table is asked for
    import pandas as pd
    import pyarrow as pa

FRAMES = frozenset(
    (
        "runs",
        "flows",
        "connections",
        "bursts",
        "clocks",
        "messages",
        "events",
        "hooks",
        "problems",
        "sightings",
        "undecoded",
        "probes",
        "recipients",
    )
)
SETTINGS, LOG = "case.toml", "log.jsonl"


class Case:
    """One investigation. `Case.open(path)` for an existing folder, `Case.create(path, ...)` for a new one.

    Frames are attributes: `runs flows connections bursts messages events hooks problems sightings undecoded
    probes recipients`, each a pandas DataFrame with the columns that `promptrail.frames` declares.
    """

    def __init__(self, path: Path, document: tomlkit.TOMLDocument) -> None:
        self.path = path
        self.settings = document
        self._frames: dict[str, pd.DataFrame] = {}

    @classmethod
    def open(cls, path: str | Path) -> "Case":
        """The case in this folder. CaseError says what is missing and which command makes it."""
        folder = Path(path)
        if not folder.exists():
            raise CaseError(f"{folder}: no such folder. `promptrail case new {folder}` makes a case there.")
        if not folder.is_dir():
            raise CaseError(
                f"{folder}: is a file, not a case folder. `promptrail import CASE {folder}` imports it."
            )
        try:
            known = (folder / SETTINGS).is_file()
        except OSError as fault:
            raise CaseError(f"{folder}: cannot be read: {fault.strerror}.") from fault
        if not known:
            raise CaseError(
                f"{folder}: not a case: it has no {SETTINGS}. `promptrail case new {folder}` adds one."
            )
        return cls(folder, settings.read(folder / SETTINGS))

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        app: dict[str, str] | None = None,
        examiner: str | None = None,
        basis: str | None = None,
        device: str | None = None,
        language: str | None = None,
        simulated: bool = False,
    ) -> "Case":
        """A new case; captures that already lie in the folder are kept. CaseError if a case is there."""
        folder = Path(path)
        if (folder / SETTINGS).exists():
            raise CaseError(f"{folder}: is a case already. `promptrail case show {folder}` shows it.")
        name = folder.resolve().name
        document = settings.fresh(name, _now(), app or {}, examiner, basis, device, language, simulated)
        try:
            (folder / "captures").mkdir(parents=True, exist_ok=True)
            case = cls(folder, document)
            case._save()
        except OSError as fault:
            raise CaseError(f"{folder}: cannot make a case there: {fault.strerror}.") from fault
        case.log("case new", examiner=examiner or settings.NOT_STATED, basis=basis or settings.NOT_STATED)
        return case

    @property
    def captures(self) -> Path:
        return self.path / "captures"

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    @property
    def private(self) -> Path:
        """Keys and the proxy's CA; made with mode 0700, in no report and no bundle."""
        folder = self.path / "private"
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        return folder

    @property
    def name(self) -> str:
        return str(self._value("case", "name"))

    @property
    def examiner(self) -> str:
        return str(self._value("case", "examiner"))

    @property
    def basis(self) -> str:
        return str(self._value("case", "basis"))

    @property
    def app(self) -> dict[str, str]:
        """name, package, version: "not stated" where nobody said."""
        return {k: str(self._value("app", k)) for k in ("name", "package", "version")}

    @property
    def device(self) -> str:
        return str(self._value("device", "description"))

    @property
    def language(self) -> str:
        return str(self.settings.get("case", {}).get("language", ""))

    @property
    def simulated(self) -> bool:
        """The settings say so, or any run carries the lab's mark."""
        declared = bool(self.settings.get("case", {}).get("simulated", False))
        return declared or (self.has("runs") and bool(self.runs["simulated"].any()))

    @property
    def parameters(self) -> dict[str, Any]:
        """Defaults for notebook parameters that this case sets."""
        found = self.settings.get("parameters", {})
        return dict(found.unwrap()) if hasattr(found, "unwrap") else dict(found)

    def _value(self, table: str, key: str) -> object:
        return self.settings.get(table, {}).get(key, settings.NOT_STATED)

    def run_folders(self) -> list[Path]:
        """The folders of the runs, in order of their names."""
        if not self.captures.is_dir():
            return []
        return sorted(p for p in self.captures.iterdir() if p.is_dir() and not p.name.startswith("."))

    @property
    def declared_probes(self) -> list[Probe]:
        """Those of case.toml, then the device's identifiers, which lie in private/ alone."""
        return [*settings.probes(self.settings), *private_probes.read(self.path)]

    @property
    def declared_recipients(self) -> list[dict[str, Any]]:
        return [dict(r.unwrap()) for r in self.settings.get("recipient", [])]

    def add_probe(self, kind: str, text: str, probe_id: str | None = None) -> str:
        """Declare a value to follow; returns its id. The same kind and text again returns the id it has."""
        settings.check_probe(kind, text)
        for probe in self.declared_probes:
            if (probe.kind, probe.text) == (kind, text):
                return probe.probe
        chosen = probe_id or settings.next_id(self.settings, kind)
        if any(p.probe == chosen for p in self.declared_probes):
            raise CaseError(f"{self.path}: the probe id {chosen} is taken. Give another one.")
        settings.append(self.settings, "probe", {"id": chosen, "kind": kind, "text": text})
        self._save()
        self.log("probe add", probe=chosen, kind=kind)
        return chosen

    def keep_private_probe(self, name: str, text: str) -> str:
        """An identifier of the device that was recorded; its id, or that of a probe which has this text already."""
        known = [probe for probe in self.declared_probes if probe.text == text]
        return known[0].probe if known else private_probes.add(self.private, name, text)

    def add_recipient(self, **columns: Any) -> None:
        """Say who stands behind a domain, in the investigator's own table; see `settings.RECIPIENT_KEYS`."""
        unknown = sorted(set(columns) - set(settings.RECIPIENT_KEYS))
        if unknown or not columns.get("domain"):
            raise CaseError(
                f"a recipient needs a domain and knows {', '.join(settings.RECIPIENT_KEYS)}; got {unknown}."
            )
        row = {k: columns[k] for k in settings.RECIPIENT_KEYS if columns.get(k) is not None}
        settings.append(self.settings, "recipient", row)
        self._save()

    def log(self, action: str, **facts: Any) -> None:
        """One line in log.jsonl: when, what, with which facts. Never the text of a probe."""
        line = {"t": _now(), "action": action, **facts}
        with open(self.path / LOG, "a", encoding="utf-8") as out:
            out.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the case while writing to it; CaseLocked at once if another promptrail does."""
        place = self.frames_folder
        place.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as fault:
            raise CaseLocked(
                f"{self.path}: another promptrail is working on this case. Wait for it to end."
            ) from fault
        try:
            yield
        finally:
            lock.release()

    @cached_property
    def frames_folder(self) -> Path:
        """frames/ in the case; a folder in the user's cache where the case cannot be written (a shipped sample)."""
        inside = self.path / "frames"
        if (inside.is_dir() and os.access(inside, os.W_OK)) or (
            not inside.exists() and os.access(self.path, os.W_OK)
        ):
            return inside
        key = hashlib.sha256(str(self.path.resolve()).encode()).hexdigest()[:16]
        return Path(platformdirs.user_cache_dir("promptrail")) / "frames" / key

    def has(self, name: str) -> bool:
        """Whether this frame has been made."""
        return (self.frames_folder / f"{name}.parquet").is_file()

    def frame(self, name: str) -> "pd.DataFrame":
        """A frame by name. CaseError names the command that makes it."""
        if name not in self._frames:
            from promptrail import frames

            self._frames[name] = frames.to_pandas(self.table(name))
        return self._frames[name]

    def table(self, name: str, columns: "list[str] | None" = None) -> "pa.Table":
        """A frame, or some of its columns, as it is stored; not kept. CaseError as from `frame`."""
        import pyarrow.parquet as pq

        from promptrail import frames

        if not self.has(name):
            raise CaseError(
                f"{self.path}: the frame {name} is not made yet. `promptrail trace {self.path}` makes it."
            )
        file = self.frames_folder / f"{name}.parquet"
        return pq.read_table(file, schema=frames.schema(name), columns=columns)

    def forget(self) -> None:
        """Read the frames again at the next use: they were made anew."""
        self._frames.clear()

    def __getattr__(self, name: str) -> "pd.DataFrame":
        if name in FRAMES:
            return self.frame(name)
        raise AttributeError(name)

    def bytes_of(self, sha256: str) -> bytes:
        """A body as sent, by its SHA-256. KeyError if the case does not hold it."""
        import pyarrow.parquet as pq

        table = pq.read_table(self.frames_folder / "bodies.parquet", filters=[("sha256", "=", sha256)])
        if not table.num_rows:
            raise KeyError(sha256)
        return b"".join(table.column("data").to_pylist())

    def _save(self) -> None:
        """Write case.toml whole or not at all."""
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=self.path, prefix=".case-", delete=False, newline="\n"
        ) as out:
            out.write(tomlkit.dumps(self.settings))
        try:
            os.replace(out.name, self.path / SETTINGS)
        except OSError:
            os.unlink(out.name)
            raise


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

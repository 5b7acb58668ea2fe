"""Agents by name or file, as JavaScript that Frida loads: TypeScript is compiled by the compiler that comes with Frida.

In: the name of an agent of ours, or a .js or .ts file. Out: its source. A build needs no network and no node; the same
source and Frida give the same bytes, so it is kept in the user's cache. A type error is one sentence with its place.
"""

import contextlib
import hashlib
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs

from promptrail import shipped
from promptrail.device import agent_packages
from promptrail.errors import MissingTool, RecordingError


class Agent(NamedTuple):
    name: str
    source: str
    sha256: str
    """Of the source as it is loaded."""


def frida() -> Any:
    """The module; MissingTool if it is not installed."""
    try:
        import frida as module
    except ImportError as fault:
        raise MissingTool(
            "hooks need Frida, which is not installed: `pip install 'promptrail[hooks]'`."
        ) from fault
    return module


def names() -> list[str]:
    """The agents that come with promptrail."""
    return sorted(file.stem for file in folder().glob("*.ts"))


def folder() -> Path:
    """Where their sources lie."""
    return shipped.addons() / "frida"


def load(agent: str) -> Agent:
    """An agent ready to be loaded. RecordingError if there is none, or it does not compile."""
    file = Path(agent)
    if agent in names():
        file = folder() / f"{agent}.ts"
    elif file.suffix not in (".js", ".ts"):
        raise RecordingError(
            f"{agent}: no such agent. There are {', '.join(names())}; or give a .js or .ts file."
        )
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise RecordingError(f"{file}: this agent cannot be read: {fault}.") from fault
    source = text if file.suffix == ".js" else _built(file)
    return Agent(file.stem, source, hashlib.sha256(source.encode()).hexdigest())


def build(file: Path) -> str:
    """Compile a .ts file with what it imports beside it. RecordingError names the first faults."""
    if not agent_packages.needed(file):
        return _compile(file)
    with agent_packages.workshop(file.parent) as sources:
        return _compile(sources / file.name)


def _compile(file: Path) -> str:
    compiler = frida().Compiler()
    faults: list[str] = []

    def diagnose(found: list[dict[str, Any]]) -> None:
        for one in found:
            place = one.get("file") or {}
            line = f":{place['line'] + 1}" if "line" in place else ""
            faults.append(f"{place.get('path', file.name)}{line}: {one.get('text')}")

    compiler.on("diagnostics", diagnose)
    try:
        built: str = compiler.build(
            file.name,
            project_root=str(file.parent.resolve()),
            compression="terser",
            source_maps="omitted",
        )
    except Exception as fault:  # frida's errors share no base but this
        said = "; ".join(faults[:5]) or str(fault)
        raise RecordingError(f"{file}: this agent does not compile: {said}") from fault
    return built


def _built(file: Path) -> str:
    """From the cache, where the same sources were built by the same Frida; else built, and kept if that is possible."""
    digest = hashlib.sha256(f"{frida().__version__}\0{file.name}".encode())
    for part in sorted(file.parent.rglob("*")):
        if part.is_file() and part.suffix in (".ts", ".js", ".json") and "node_modules" not in part.parts:
            digest.update(f"\0{part.relative_to(file.parent)}\0".encode() + part.read_bytes())
    kept = Path(platformdirs.user_cache_dir("promptrail")) / "agents" / f"{digest.hexdigest()[:32]}.js"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return kept.read_text(encoding="utf-8")
    built = build(file)
    with contextlib.suppress(OSError):  # a cache that cannot be written costs a tenth of a second each time
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as drafts:
            draft = Path(drafts, "agent.js")
            draft.write_text(built, encoding="utf-8")
            draft.replace(kept)
    return built

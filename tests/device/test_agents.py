"""Agents by name or file: built by Frida's compiler, reproducibly, kept in the cache, type errors told."""

from pathlib import Path

import pytest

from promptrail.device import agents
from promptrail.errors import RecordingError

pytestmark = pytest.mark.rig
NATIVE = [
    name for name in agents.names() if "/java" not in (agents.folder() / f"{name}.ts").read_text("utf-8")
]
"""Those that need no package from elsewhere."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache of our own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "promptrail" / "agents"


@pytest.mark.parametrize("name", NATIVE)
def test_every_native_agent_builds(name: str) -> None:
    """Twice the same bytes, without its comments, small."""
    file = agents.folder() / f"{name}.ts"
    built = agents.build(file)
    assert built == agents.build(file) and 1000 < len(built) < 50_000
    assert agents.load(name).source == built


def test_a_copy_elsewhere_gives_the_same_bytes(tmp_path: Path) -> None:
    """The folder's place is in no byte of the result."""
    import shutil

    copy = tmp_path / "elsewhere"
    shutil.copytree(agents.folder(), copy)
    assert agents.build(copy / "tls-plaintext.ts") == agents.build(agents.folder() / "tls-plaintext.ts")


def test_what_was_built_is_kept(cache: Path) -> None:
    """The second time it comes from the cache; a changed cache file shows that it does."""
    agents.load("tls-plaintext")
    (kept,) = cache.iterdir()
    kept.write_text("// from the cache")
    assert agents.load("tls-plaintext").source == "// from the cache"


def test_a_cache_that_cannot_be_written(cache: Path) -> None:
    """A file in its place is no obstacle."""
    cache.parent.mkdir(parents=True)
    cache.write_text("")
    assert agents.load("tls-plaintext").source


def test_a_type_error_is_told_with_its_place(tmp_path: Path) -> None:
    """File, line and the compiler's words, in one sentence."""
    file = tmp_path / "own.ts"
    file.write_text("const n: number = 1;\nconst s: string = n;\nsend(s);\n")
    with pytest.raises(RecordingError, match=r"own\.ts:2: Type 'number' is not assignable"):
        agents.load(str(file))


def test_a_script_is_loaded_as_it_is(tmp_path: Path) -> None:
    """A .js file is not compiled."""
    file = tmp_path / "own.js"
    file.write_text("send(1) // kept")
    agent = agents.load(str(file))
    assert (agent.name, agent.source) == ("own", "send(1) // kept")


@pytest.mark.parametrize("word", ["no-such-agent", "nowhere.js", "nowhere.ts"])
def test_an_agent_that_is_not_there(word: str) -> None:
    """One sentence; an unknown name lists those there are."""
    with pytest.raises(RecordingError, match=word) as told:
        agents.load(word)
    assert "." in word or "tls-plaintext" in str(told.value)

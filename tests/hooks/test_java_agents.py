"""What holds for every agent of Java processes: alone where no JVM is, together in one JVM, gone without a trace."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import frida
import pytest

from promptrail.device import agent_packages, agents
from rigs.alive import alive
from rigs.java import compiled
from rigs.java.jvm import Hooked, Jvm
from rigs.java.pinned import READ, app, ask, ca
from rigs.mitmdump import Mitmdump

pytestmark = pytest.mark.rig

JAVA = [name for name in agents.names() if agent_packages.needed(agents.folder() / f"{name}.ts")]


class Waiting:
    """A process without Java, as the app of `Hooked`."""

    def __init__(self) -> None:
        waiting = [sys.executable, "-c", "print('ready', flush=True); input()"]
        self.process = subprocess.Popen(waiting, stdout=subprocess.PIPE, stdin=subprocess.PIPE)
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def without_java() -> Iterator[Waiting]:
    waiting = Waiting()
    yield waiting
    waiting.end()


def test_which_agents_are_for_java() -> None:
    """They are told by their imports; the agents for native code need no package of npm."""
    assert JAVA == ["consent", "identifiers", "java-crypto", "java-tls-plaintext", "java-unpin", "origin"]


@pytest.mark.parametrize("name", JAVA)
def test_a_process_without_java(without_java: Waiting, name: str) -> None:
    """Init fails with the reason, and the process goes on."""
    with pytest.raises(frida.RPCException, match="no Java VM in this process"):
        Hooked(without_java, name).__enter__()
    assert alive(without_java.process.pid)


def test_a_jvm_that_would_not_let_go() -> None:
    """Without the thread that sweeps compiled code a hook cannot be taken back: init says so and sets none."""
    with Jvm(str(compiled.classes()), "CryptoApp", options=("-Xint",)) as running:
        before = running.ask("digest same")
        with pytest.raises(frida.RPCException, match="runs with -Xint"):
            Hooked(running, "java-crypto").__enter__()
        assert running.ask("digest same") == before


def test_all_at_once_and_away_in_any_order(tmp_path: Path, certificates: Path, proxy: Mitmdump) -> None:
    """No two agents take the same method: loaded together each works, and each can leave before the others."""
    with app(tmp_path, certificates, "plain", "pinner", proxy) as running:
        before = ask(running, proxy)
        hooks = {name: Hooked(running, name, ca=ca(proxy).read_text()) for name in JAVA}
        taken = []
        for hooked in hooks.values():
            hooked.__enter__()
            taken += [(one["module"], name) for one in hooked.result["found"] for name in one["functions"]]
        assert len(taken) == len(set(taken)) > 50
        assert ask(running, proxy) == READ
        for hooked in hooks.values():  # the first goes first
            hooked.__exit__(None, None, None)
        assert ask(running, proxy) == before
        with Hooked(running, "java-unpin", ca=ca(proxy).read_text()):
            assert ask(running, proxy) == READ, "it can be hooked again"
    assert hooks["java-tls-plaintext"].ended["writes"] > 0 and hooks["origin"].ended["requests"] == 1

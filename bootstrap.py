"""From a fresh clone to `demo` or `test` in one command: a checkout in, a working .venv beside this file out.

It refuses to go on without a Python 3.12 to 3.14, a disk with room, and a network (or --offline FOLDER), and says
so in one sentence with the remedy. Standard library only, any Python from 3.9 on. Called again, it reads one stamp.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))  # PYTHONSAFEPATH leaves a script's own folder out

from find_python import WINDOWS, Interpreter, find_python, find_uv, own_environment, probe  # noqa: E402

USAGE = """\
usage: python3 bootstrap.py demo [--out DIR] [further arguments of `promptrail demo`]
       python3 bootstrap.py test [--long] [arguments of pytest]
Both also take --offline FOLDER: install from the wheels in FOLDER, without a network."""
VENV = ROOT / ".venv"
STAMP, STAMP_NEW, LOG = VENV / "bootstrap.json", VENV / "bootstrap.json.new", VENV / "bootstrap.log"
LOCK = ROOT / "requirements.lock"
REMEDIES = {
    r"No space left|os error 28\b|Errno 28\b|quota exceeded": (
        f"the disk ran full; make room, about 2 GB for {ROOT}, the caches in the home folder and "
        f"{tempfile.gettempdir()}, then run this again"
    ),
    r"HASHES|hash mismatch": (
        "a fetched file is not the one that requirements.lock names; fetch over another network or mirror"
    ),
    (
        r"dns error|name resolution|new connection|connection refused|network is unreachable|timed out|ProxyError"
        r"|error sending request|request failed after|CERTIFICATE_VERIFY|invalid peer certificate"
    ): "there is no network; check the connection and its proxy, or pass --offline FOLDER with the wheels",
    r"Permission denied|Read-only file system|os error (13|30)\b|Errno (13|30)\b": (
        "a folder may not be written; copy this one to where you may write, and see that HOME is yours"
    ),
}


class Stop(Exception):
    """The sentence that the person at the terminal reads."""


class ToolFailed(Exception):
    """A program that was called ended badly; the text is all that it said."""


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def remedy(said: str) -> str | None:
    return next((text for sign, text in REMEDIES.items() if re.search(sign, said, re.IGNORECASE)), None)


def program(name: str, venv: Path = VENV) -> Path:
    return venv / "Scripts" / f"{name}.exe" if WINDOWS else venv / "bin" / name


def call(*command: object, **extra: str) -> str:
    """Runs a program and returns what it said, which goes to the log and not to the terminal."""
    line = [str(part) for part in command]
    try:
        done = subprocess.run(
            line,
            env={**own_environment(), **extra},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            close_fds=False,  # a child that outlives us keeps the lock of alone()
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise ToolFailed(f"{line[0]}: {error}") from error
    with contextlib.suppress(OSError), LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(line)}\n{done.stdout}[exit code {done.returncode}]\n")
    if done.returncode:
        raise ToolFailed(done.stdout)
    return done.stdout


def fetch_python(uv: str | None) -> Interpreter:
    """Lets uv fetch a Python; where uv has to come by pip, it comes into a folder that goes away again."""
    say("No Python 3.12 to 3.14 runs here: letting uv fetch 3.13.")
    with tempfile.TemporaryDirectory(prefix="promptrail-") as folder:
        try:
            if uv is None:
                call(sys.executable, "-m", "venv", folder)
                pip = [program("python", Path(folder)), "-m", "pip", "install"]
                install(pip, lock_split("uv", LOCK.read_text(encoding="utf-8"))[0], [])
                uv = str(program("uv", Path(folder)))
            # Only its own: asked for any Python, uv stops at the first pyenv shim that does not run.
            own = {"UV_PYTHON_PREFERENCE": "only-managed", "UV_PYTHON_INSTALL_BIN": "0"}
            call(uv, "python", "install", "3.13", **own)
            fetched = probe(call(uv, "python", "find", "3.13", **own).strip().splitlines()[-1])
            why = "what uv fetched does not run"
        except ToolFailed as error:
            fetched, why = None, (remedy(str(error)) or "").partition(";")[0]
            why = why or "there is neither a uv that runs nor a pip to get one"
    if fetched is None:
        raise Stop(
            f"No Python 3.12 to 3.14 runs here and none could be fetched: {why}. Or install Python 3.13 "
            "yourself (apt install python3.13-venv, brew install python@3.13, python.org) and run this again."
        )
    return fetched


def wanted() -> str:
    """What .venv is made from and where: a change in any of it makes another key."""
    parts = [str(ROOT).encode(), LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def stamp() -> dict[str, Any]:
    """`whole`: the folder for which .venv was once finished; `ready`: the key it satisfies. {}: not ours."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def write_stamp(**state: str) -> None:
    STAMP_NEW.write_text(json.dumps(state) + "\n", encoding="utf-8")
    os.replace(STAMP_NEW, STAMP)


def ready(key: str) -> bool:
    return stamp().get("ready") == key and program("python").exists()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One bootstrap at a time in a checkout; the lock ends with this process and what it started, however they end."""
    handle = -1
    try:
        import fcntl

        handle = os.open(ROOT, os.O_RDONLY)
        os.set_inheritable(handle, True)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another bootstrap.py is at work on .venv: waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
    except (ImportError, OSError):  # Windows and some network file systems have no such lock
        pass
    try:
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def clear_unusable() -> None:
    """Removes a .venv that was interrupted, moved, or lost its Python; leaves alone what is no environment."""
    if not os.path.lexists(VENV):
        return
    state = stamp()
    if probe(str(program("python"))) and (not state or state.get("whole") == str(ROOT)):
        return
    folder = VENV.is_dir() and not VENV.is_symlink()
    held = [entry for entry in VENV.iterdir() if entry not in (STAMP, STAMP_NEW, LOG)] if folder else []
    if not folder or (held and not STAMP.exists() and not (VENV / "pyvenv.cfg").exists()):
        raise Stop(f"{VENV} is no environment, and not of our making: move it away, then run this again.")
    say("The .venv here is half made, was moved, or lost its Python: making it again.")
    if not state.get("making"):
        write_stamp(making="again")  # it goes last: whoever is interrupted here is known next time
    for entry in held:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def lock_split(name: str, lock: str) -> tuple[str, str]:
    """The lock in two: what it says about one package, and the rest."""
    block = re.search(rf"^{name}==.*\n(?: .*\n)*", lock, re.MULTILINE)
    return (block.group(), lock.replace(block.group(), "")) if block else ("", lock)


def install(pip: Sequence[object], requirements: str, options: Sequence[str]) -> None:
    """Installs lines of the lock, each file checked against its hashes."""
    with tempfile.TemporaryDirectory(prefix="promptrail-") as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text(requirements, encoding="utf-8")
        call(*pip, *options, "--no-deps", "--require-hashes", "-r", file)


def make(key: str, source: Sequence[str], uv: str | None) -> None:
    """Brings .venv from any state to `ready`."""
    clear_unusable()
    python = program("python")
    if not python.exists():
        base = find_python(uv) or fetch_python(uv)
        say(f"Making .venv with Python {base.version[0]}.{base.version[1]} ({base.path}).")
        VENV.mkdir(exist_ok=True)
        write_stamp(making=key)
        if uv:
            call(uv, "venv", "--no-project", "--allow-existing", "--python", base.path, VENV)
        else:
            call(base.path, "-m", "venv", VENV)
    pip: list[object] = [python, "-m", "pip", "install"]
    uv_lines, rest = lock_split("uv", LOCK.read_text(encoding="utf-8"))
    if uv is None:
        say("Fetching uv with pip: it installs the rest several times faster.")
        try:
            install(pip, uv_lines, source)
            uv = str(program("uv"))
        except ToolFailed as error:
            if remedy(str(error)):
                raise
            say("There is no uv for this machine: going on with pip.")
    say("Installing what requirements.lock names, hashes checked; the first time that fetches about 350 MB.")
    if uv:
        pip, rest = [uv, "pip", "install", "--python", python], uv_lines + rest
        # uv leaves compiling to the first import. Where Python may not keep that, every kernel would repeat it.
        source = [*source, "--compile-bytecode"] if os.environ.get("PYTHONDONTWRITEBYTECODE") else source
    # frida-tools comes as source. What builds it comes out of the lock, too, and not unchecked from the network.
    setuptools, rest = lock_split("setuptools", rest)
    install(pip, setuptools, source)
    install(pip, rest, [*source, "--no-build-isolation"])
    say("Installing promptrail from this folder.")
    call(*pip, "--no-deps", "--no-build-isolation", "-e", ROOT)
    write_stamp(ready=key, whole=str(ROOT))


def environment(source: Sequence[str]) -> Path:
    """The Python of a .venv that satisfies the lock and holds this checkout."""
    key = wanted()
    if not ready(key):
        with alone():
            if not ready(key):
                try:
                    make(key, source, find_uv())
                except ToolFailed as error:
                    said = str(error).strip()
                    why = remedy(said) or "a step ended with: " + said.rpartition("\n")[2]
                    raise Stop(f".venv could not be made: {why}. Details: {LOG}") from error
    return program("python")


def become(*command: object) -> NoReturn:
    """Hands the terminal over: Ctrl-C and the exit code are the command's own."""
    environ = own_environment()
    environ["PATH"] = os.pathsep.join([str(program("python").parent), environ.get("PATH", os.defpath)])
    line = [str(part) for part in command]
    if not WINDOWS:
        os.execve(line[0], line, environ)
    child = subprocess.Popen(line, env=environ)  # exec on Windows returns to the prompt at once
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            sys.exit(child.wait())


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in ("demo", "test"):
        print(USAGE)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    rest, source = arguments[1:], []
    if "--offline" in rest:
        at = rest.index("--offline")
        if not rest[at + 1 :] or not Path(rest[at + 1]).is_dir():
            raise Stop("--offline wants the folder that holds the wheels.")
        source = ["--no-index", "--find-links", str(Path(rest[at + 1]).resolve())]
        del rest[at : at + 2]
    if not os.access(os.path.expanduser("~"), os.W_OK):
        os.environ.setdefault("UV_NO_CACHE", "1")  # uv stops where it cannot keep its cache; pip only says so
    python = environment(source)
    if arguments[0] == "demo":
        become(python, "-m", "promptrail", "demo", *rest)
    os.chdir(ROOT)
    # Two processes, no more: the rigs start proxies, browsers and kernels of their own.
    become(python, "-m", "pytest", "-n", "2", "--dist", "loadfile", *rest)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as stop:
        sys.exit(f"bootstrap.py: {stop}")
    except OSError as error:
        advice = remedy(str(error)) or "put that right, then run this again"
        sys.exit(f"bootstrap.py: {error.strerror or error} at {error.filename or ROOT}: {advice}.")
    except KeyboardInterrupt:
        say("\nbootstrap.py: stopped. Run the same command again: what is half made is made again.")
        sys.exit(130)

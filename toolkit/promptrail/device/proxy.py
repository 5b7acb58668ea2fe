"""A real mitmdump with the capture addon, for one run of a case: started, found listening, closed, and its run sealed.

It raises RecordingError with the proxy's last words when mitmdump does not start, dies on the way, or ends without a
manifest. The proxy's CA is made once a case, in CASE/private/mitmproxy, and its keys are readable by the owner only.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from promptrail import shipped
from promptrail.case import Case
from promptrail.case.evidence import LINES, MANIFEST, EvidenceError, check_run_name, run_name
from promptrail.device.authority import authority
from promptrail.device.instructions import instructions
from promptrail.errors import MissingTool, RecordingError

START, END = 60.0, 20.0
"""Seconds that mitmdump gets to listen, and to write its manifest; it needs 1 to 3, and 0.1."""
STOPPED = "promptrail: recording stopped"
"""How the addon begins when it ends the proxy because evidence cannot be written."""
NOTHING = "(it said nothing)"
MITMDUMP = "import sys; from mitmproxy.tools.main import mitmdump; sys.argv[0] = 'mitmdump'; mitmdump()"


class Proxy:
    """`with Proxy(case, run) as proxy:` listens on `proxy.host`:`proxy.port` until the block ends.

    `options` are mitmproxy's (--set NAME=VALUE), `scripts` further addons, `mode` one of mitmproxy's modes. Port 0 is
    any free port. The files below `proxy.folder` are complete and sealed after the block; `proxy.ca` is the certificate
    that a client has to trust.
    """

    def __init__(
        self,
        case: Case,
        run: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        mode: str | None = None,
        meta: Mapping[str, Any] | None = None,
        flow_file: bool = True,
        scripts: Iterable[Path] = (),
        options: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
    ):
        try:
            self.run = check_run_name(run)
        except EvidenceError as e:
            raise RecordingError(str(e)) from None
        self.folder = case.captures / run
        self.host, self.port = host, port
        self._confdir = authority(case)
        self.ca = self._confdir / "mitmproxy-ca-cert.pem"
        self._log_path = case.private / "log" / f"{run}.log"
        self._env = dict(env or os.environ)
        settings = {
            "promptrail_case": str(case.path.absolute()),
            "promptrail_run": run,
            "promptrail_meta": json.dumps(dict(meta or {})),
            "promptrail_flow_file": str(flow_file).lower(),
            "confdir": str(self._confdir.absolute()),
            "flow_detail": "0",
            "termlog_verbosity": "warn",
            **(options or {}),
        }
        self._command = [
            sys.executable,
            "-P",
            "-c",
            MITMDUMP,
            "--listen-host",
            host,
            "--listen-port",
            str(port),
        ]
        for script in (_addon("capture.py"), Path(__file__).with_name("leash.py"), *scripts):
            self._command += ["-s", str(script)]
        for name, value in settings.items():
            self._command += ["--set", f"{name}={value}"]
        if mode:
            self._command += ["--mode", mode]

    def __enter__(self) -> Self:
        self._log_path.parent.mkdir(mode=0o700, exist_ok=True)
        with open(os.open(self._log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
            # A session of its own: Ctrl-C in the terminal reaches us, and we end the proxy in our order.
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._env,
                start_new_session=True,
            )
        try:
            self._wait_until_listening()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        died = self._process.poll()
        self._end()
        if kind is not None:
            return
        # A proxy that fell over after it had sealed its evidence (its TUN mode may) has lost nothing.
        if died is not None or not (self.folder / MANIFEST).is_file():
            raise self._broke_off("ended before it was told to" if died is not None else "did not end well")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def last_words(self) -> str:
        """What it wrote last, for a person: why it stopped where it says so, and not where in its code that was."""
        lines = self._log_path.read_text("utf-8", "replace").strip().splitlines()
        said = [line for line in lines if line.startswith(STOPPED)]
        return "\n  ".join(said[-1:] or lines[-8:]) or NOTHING

    def _wait_until_listening(self) -> None:
        deadline = time.monotonic() + START
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise self._broke_off("did not start")
            if (found := _listening(self.folder / LINES)) is not None:
                self.port = found
                return
            time.sleep(0.02)
        raise self._broke_off(f"was not listening after {START:.0f} s")

    def _end(self) -> None:
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is not None:
                break
            self._process.send_signal(sign)
            try:
                self._process.wait(END)
            except subprocess.TimeoutExpired:
                continue
        if self._process.stdin:
            self._process.stdin.close()

    def _broke_off(self, what: str) -> RecordingError:
        return RecordingError(
            f"The proxy of the run {self.run} {what} (exit code {self._process.returncode}). Its last words, from "
            f"{self._log_path}:\n  {self.last_words}"
        )


def manual(case: Case, say: Callable[[str], None], host: str = "", port: int = 0) -> str:
    """Record whatever is pointed at the proxy, until Ctrl-C; the name of the run.

    An empty `host` listens on every address of this machine. `say` gets the lines that tell a person what to do.
    """
    meta = {"app": case.app["name"], "app_version": case.app["version"], "scenario": "manual"}
    meta["route"] = "manual"
    with interruptible(), Proxy(case, run_name(), host=host, port=port, meta=meta) as proxy:
        for line in instructions(proxy.host, proxy.port, proxy.ca, proxy.folder):
            say(line)
        try:
            while proxy.alive:
                time.sleep(0.2)
        except KeyboardInterrupt:
            say("Closing the recording …")
    return proxy.run


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM ends this block as Ctrl-C does, so that what it started is closed; outside the main thread it is not."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _addon(name: str) -> Path:
    path = shipped.addons() / name
    if not path.is_file():
        raise MissingTool(f"{path} is not there. Install promptrail again, whole.")
    return path


def _listening(lines: Path) -> int | None:
    """The port in the record `listening`, once the addon has written it; 0 if the mode has none (tun, local)."""
    try:
        with lines.open("rb") as f:
            for line in f:
                if line.startswith(b'{"k":"listening"') and line.endswith(b"\n"):
                    listen = json.loads(line)["listen"]
                    return int(listen[0][1]) if listen else 0
    except FileNotFoundError:
        pass
    return None

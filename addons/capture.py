"""mitmproxy addon that writes the evidence of one run: mitmproxy's hooks in, CASE/captures/RUN out.

    mitmdump -s addons/capture.py --set promptrail_case=DIR

It refuses to start without its folder, and stops the proxy with an error when the evidence cannot be written: traffic
that passes unrecorded would look like traffic that never was. README.md beside it says what each record holds.
"""

import contextlib
import json
import logging
import sys
from pathlib import Path
from typing import Any

from mitmproxy import ctx

sys.path.insert(
    0, str(Path(__file__).resolve().parent)
)  # a mitmproxy without promptrail finds the parts here
from promptrail_capture import facts
from promptrail_capture.connections import Connections, PassThrough
from promptrail_capture.exchanges import Exchanges
from promptrail_capture.messages import Messages
from promptrail_capture.recording import Recording, evidence

OPTIONS = (
    ("promptrail_case", str, "", "Folder of the case; the run is written to captures/ in it."),
    ("promptrail_run", str, "", "Name of the run; by default the time in UTC."),
    ("promptrail_meta", str, "", "JSON object about the run: app, app_version, scenario, control, ..."),
    ("promptrail_flow_file", bool, True, "Write mitmproxy's own flow file beside the evidence."),
)


class Capture:
    """Opens the evidence when `promptrail_case` is set, and seals it when the proxy ends."""

    name = "promptrail_capture"

    def __init__(self) -> None:
        self.recording = Recording()
        self.passing = PassThrough(self.recording)
        self.exchanges = Exchanges(self.recording)
        self.messages = Messages(self.recording)
        # mitmproxy calls the hooks of an addon's own addons too.
        self.addons = [Connections(self.recording), self.exchanges, self.messages]

    def load(self, loader: Any) -> None:
        for option in OPTIONS:
            loader.add_option(*option)

    def configure(self, updated: set[str]) -> None:
        if "promptrail_case" not in updated or self.recording.writer is not None:
            return
        try:
            self._open()
        except (evidence.EvidenceError, ValueError) as e:
            # Logged and not raised: mitmproxy exits for either, and adds a traceback to what is raised.
            logging.error(f"promptrail: {e}")
            if self._addon("scriptloader").is_running:
                sys.exit(1)  # loaded into a proxy that runs already, which would go on unrecorded

    def _open(self) -> None:
        o: Any = ctx.options
        if not o.promptrail_case:
            raise evidence.EvidenceError(
                "no case is given, so nothing would be recorded: add --set promptrail_case=DIR "
                "(a folder; the run is written to DIR/captures/)."
            )
        try:
            meta = json.loads(o.promptrail_meta or "{}")
        except ValueError:
            meta = None
        if not isinstance(meta, dict):
            raise evidence.EvidenceError(f"promptrail_meta is not a JSON object: {o.promptrail_meta[:80]!r}")
        options = {"mode": list(o.mode), "listen": [o.listen_host, o.listen_port]}
        options |= {
            name: list(getattr(o, name)) for name in ("ignore_hosts", "allow_hosts") if getattr(o, name)
        }
        case, run = Path(o.promptrail_case).expanduser().absolute(), o.promptrail_run or evidence.run_name()
        writer = evidence.EvidenceWriter(case, run, facts.tool(), meta, options)
        # Bodies that stream would be missing from flow files and from what streams above a size.
        changes: dict[str, Any] = (
            {"store_streamed_bodies": True} if o.promptrail_flow_file or o.stream_large_bodies else {}
        )
        if o.promptrail_flow_file and not o.save_stream_file:
            flow_file = writer.folder / evidence.FLOW_FILE
            flow_file.touch(0o600)
            changes["save_stream_file"] = str(flow_file).replace("%", "%%")  # it goes through strftime
        o.update(**changes)
        self.recording.writer = writer
        self._manager().add(self.passing)

    def running(self) -> None:
        if writer := self.recording.writer:
            listen = [facts.address(a) for a in self._addon("proxyserver").listen_addrs()]
            self.recording.guard(lambda: writer.record("listening", listen=listen), "running")

    def done(self) -> None:
        writer, broken = self.recording.writer, ""
        self.recording.ending = True
        if writer is not None:
            self.recording.guard(self.exchanges.finish, "done")
            self.recording.guard(self.messages.finish, "done")
        # mitmproxy's own writer would end after its scripts; the manifest needs the flow file whole.
        try:
            self._addon("save").done()
        except OSError as e:
            broken = f"mitmproxy's flow file could not be finished: {e}"
        if not ctx.master.should_exit.is_set():  # nobody asked it to end
            broken = broken or "the proxy ended by an error"
        if writer is not None and broken:
            logging.error(f"promptrail: the run {writer.run} is not sealed: {broken}")
            self.recording.guard(lambda: writer.record("problem", where="done", message=broken), "done")
        elif writer is not None:
            self.recording.guard(writer.close, "done")
        self.recording.writer = None  # error() is still called for what was open
        with contextlib.suppress(Exception):
            self._manager().remove(self.passing)
        if self.recording.failed or broken:
            sys.exit(1)

    def _manager(self) -> Any:
        return ctx.master.addons

    def _addon(self, name: str) -> Any:
        return self._manager().get(name)


addons = [Capture()]

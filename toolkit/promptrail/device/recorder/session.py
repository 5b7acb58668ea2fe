"""One recorded run on a device: everything is put up, the steps are played, and everything is taken down again.

Whatever happens in between, the run is closed: its evidence is sealed if the proxy could finish it, run.json says
whether the run is complete, what was changed on the device and what was put back. A device that is out of reach then is
put back at the next contact (before.py).
"""

import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from promptrail import __version__
from promptrail.case import Case, lawful
from promptrail.case.evidence import EvidenceError, clock, finish, seal
from promptrail.device import before, ca_store, identity, packets
from promptrail.device.authority import CERTIFICATE, authority
from promptrail.device.device import Device
from promptrail.device.proxy import Proxy
from promptrail.device.recorder.choices import WIREGUARD_PORT, Choices
from promptrail.device.recorder.screen import Film
from promptrail.device.recorder.typed import Typed
from promptrail.device.recorder.witnesses import ADB, addresses, hooks, past_the_proxy
from promptrail.device.routing import Route, SettingsProxy, WireGuard
from promptrail.device.scenario import Plan, PlannedRun, Stage, play
from promptrail.device.scenario.stage import EVENTS
from promptrail.device.selftest import Proof, SelfTest
from promptrail.errors import DeviceError, RecordingError

RECORD, SCENARIO = "run.json", "scenario.toml"
SCHEMA = 1


class Session:
    def __init__(
        self,
        case: Case,
        plan: Plan,
        planned: PlannedRun,
        device: Device,
        choices: Choices,
        typed: Typed,
        say: Callable[[str], None],
        ask: Callable[[str], object],
    ) -> None:
        self.case, self.plan, self.planned, self.device = case, plan, planned, device
        self.choices, self.typed, self.say, self.ask = choices, typed, say, ask
        self.folder = case.captures / planned.run
        self.began = clock()
        self.files: list[str] = []
        self.facts: dict[str, Any] = {"schema": SCHEMA, "promptrail": __version__, "run": planned.run}
        self.changes: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def run(self) -> None:
        """Do it. What broke it off is raised after everything was taken down."""
        reason = None
        lawful.permit(self.case, self.planned.package, self.choices.because, "record")
        try:
            with ExitStack() as stack:
                self._put_up(stack)
        except BaseException as fault:
            reason = str(fault) or type(fault).__name__
            raise
        finally:
            self._close(reason)

    def _put_up(self, stack: ExitStack) -> None:
        root = self._root()
        kept = before.remember(self.device, self.case, self.planned.run, self.choices.device_port, root)
        stack.callback(self._put_back, kept)
        who = identity.read(self.device, self.planned.package, root)
        self.facts |= {"device": who.device, "app": who.app, "egress": self.plan.egress, "root": root}
        for name, value in who.identifiers.items():
            self.case.keep_private_probe(name, value)
        ca = authority(self.case) / CERTIFICATE
        if self.planned.variant.proxy:
            self._trust(ca, root)
            self.facts["proofs"] = [proof._asdict() for proof in self._prove()]
        with self._recorded() as alive, ExitStack() as watched:
            stage = Stage(
                self.device,
                self.planned,
                self.folder,
                self.typed.texts,
                self.typed.probes,
                alive,
                self.ask,
                self.say,
                who.device["clock"]["ahead"],
            )
            (self.folder / SCENARIO).write_text(self.plan.source, encoding="utf-8")
            self.files += [EVENTS, SCENARIO]
            if agents := self.planned.variant.hooks:
                stage.before_start = lambda: hooks(
                    watched,
                    self.device,
                    self.choices,
                    self.planned.package,
                    agents,
                    self.folder,
                    ca,
                    self.say,
                )
            film = Film(self.device, self.folder) if self.choices.film else None
            try:
                with film or nullcontext():
                    play(stage, self.plan.steps)
            finally:
                self.files += sorted(file.name for file in self.folder.glob("screen-*.png"))
                if film:
                    self.files += film.files
                    self.notes += [film.told] if film.told else []

    def _root(self) -> bool:
        try:
            self.device.find_root()
        except DeviceError as fault:
            if fault.fault:
                raise
            self.notes.append(f"without root: {fault}")
            return False
        return True

    def _trust(self, ca: Path, root: bool) -> None:
        """The CA into the store; without root only what the user has installed by hand can count."""
        if not root:
            self.notes.append("the CA was not installed by promptrail: that needs root")
            return
        installed = ca_store.install(self.device, ca)
        change = {
            "what": f"CA in {installed.store}",
            "before": "absent",
            "after": installed.name,
            "undone": False,
        }
        self.changes.append(
            {**change, "namespaces": installed.namespaces, "failed": installed.failed, "left": None}
        )
        if not installed.everywhere:
            self.notes.append(str(installed))
        if installed.transparency:
            self.notes.append(installed.transparency)

    def _prove(self) -> list[Proof]:
        """A real handshake from the device through the very same route, before anything is recorded.

        It has a proxy of its own, with the case's CA, so that the capture holds nothing of it.
        """
        scratch = Path(tempfile.mkdtemp(dir=self.case.private, prefix="selftest."))
        try:
            trial = Case.create(scratch / "case")
            shutil.copytree(authority(self.case), trial.private / "mitmproxy")
            test = SelfTest(scratch / "log.jsonl")
            with self._way(trial, "selftest", [*test.scripts], test.options):
                proofs = test.run(self.device, by_name=self.plan.route != "transparent")
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        if not any(proof.verdict == "passed" for proof in proofs):
            told = "; ".join(map(str, proofs))
            raise RecordingError(f"The self-test failed, so nothing was recorded. {told}")
        return proofs

    @contextmanager
    def _way(
        self,
        case: Case,
        run: str,
        scripts: list[Path],
        options: dict[str, str],
        env: dict[str, str] | None = None,
    ) -> Iterator[tuple[Proxy, Route]]:
        """A proxy, and the device's traffic led to it."""
        name, port = self.plan.route, self.choices.port or free_port()
        port = WIREGUARD_PORT if name == WireGuard.name else port
        gateway = None if name in (SettingsProxy.name, WireGuard.name) else self.choices.gateway
        route = self.choices.route(name, self.device, port, self.planned.variant.quic == "refused")
        proxy = Proxy(
            case,
            run,
            host="127.0.0.1" if name == SettingsProxy.name else "0.0.0.0",
            port=port,
            mode=self.choices.mode(name),
            meta=self._meta(),
            scripts=scripts,
            options={**self.choices.options, **options},
            env={**os.environ, **(env or {})},
        )
        with gateway.start(proxy) if gateway else proxy as running, route:
            yield running, route

    def _meta(self) -> dict[str, Any]:
        name = f"{self.plan.name}-{self.planned.variant.name}".rstrip("-")
        version = self.facts["app"]["version_name"] or self.plan.version
        meta = {
            "app": self.planned.app,
            "app_version": version,
            "scenario": name,
            "control": self.planned.control,
        }
        return meta | ({"simulated": True} if self.case.simulated else {})

    @contextmanager
    def _recorded(self) -> Iterator[Callable[[], str | None]]:
        """Proxy, route and packets of the run; what is yielded says why the recording cannot go on."""
        ours = addresses(self.device)
        if not self.planned.variant.proxy:
            self.folder.mkdir(mode=0o700, parents=True)
            with self._packets(needed=True):
                yield lambda: None
            return
        watched = self.choices.gateway is not None
        keys = {"MITMPROXY_SSLKEYLOGFILE": str((self.folder / packets.KEYS).absolute())} if watched else {}
        laid: list[Route] = []
        try:
            with self._way(self.case, self.planned.run, list(self.choices.scripts), {}, keys) as (
                proxy,
                route,
            ):
                laid.append(route)
                with self._packets(needed=False):
                    yield lambda: None if proxy.alive else f"the proxy ended: {proxy.last_words}"
        finally:
            for route in laid:
                told = route.record()
                self.changes += told.pop("changes")
                self.facts["route"] = told
        self.facts["past_the_proxy"] = past_the_proxy(self.folder, self.plan.route, ours)

    @contextmanager
    def _packets(self, needed: bool) -> Iterator[None]:
        gateway = self.choices.gateway
        if gateway is None:
            if needed:
                raise RecordingError(
                    "a run without a proxy needs --interface: nothing else would see its traffic."
                )
            self.notes.append("no packets were captured (--interface): what went past the proxy is not known")
            yield
            return
        (self.folder / packets.KEYS).touch(0o600)
        with gateway.start(packets.Packets(self.folder, gateway.interface, ADB)):
            yield
        self.files += [packets.FILE, packets.COUNTS, packets.KEYS]

    def _put_back(self, kept: before.Before) -> None:
        """The device as it was; the memory of it is kept where that could not be done."""
        for line in before.put_back(self.device, kept):
            self.say(f"{self.planned.run}: {line}")
        for change in self.changes:
            change["undone"] = True
        before.forget(kept)

    def _close(self, reason: str | None) -> None:
        """run.json, and the seal over everything, where there is a run at all."""
        if not self.folder.is_dir():
            return
        self.facts |= {
            "complete": reason is None,
            "reason": reason,
            "scenario": self.plan.name,
            "control": self.planned.control,
            "variant": self.planned.variant.name or None,
            "quic": self.planned.variant.quic,
            "hooks": list(self.planned.variant.hooks),
            "changes": self.changes,
            "notes": self.notes,
            "closed": time.time(),
        }
        try:
            with open(os.open(self.folder / RECORD, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                json.dump(self.facts, out, indent=1, sort_keys=True)
                out.write("\n")
            if self.planned.variant.proxy:
                there = [name for name in (*self.files, RECORD) if (self.folder / name).is_file()]
                seal(self.folder, dict.fromkeys(there))
            elif reason is None:
                finish(self.folder, self.began, {}, tool={"promptrail": __version__}, meta=self._meta())
        except (OSError, EvidenceError) as fault:
            self.say(f"{self.planned.run} stays open: {fault}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])

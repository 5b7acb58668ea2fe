"""The traffic of one run: a proxy, the route that leads the device to it, packets beside; proved first, then recorded.

In: a planned run, what the person chose, and the record of the run, which it fills. The self-test has a proxy of its
own with the case's CA, so that the capture holds nothing of it.
"""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from promptrail.case import Case, run_record
from promptrail.device import packets
from promptrail.device.authority import authority
from promptrail.device.device import Device
from promptrail.device.proxy import Proxy
from promptrail.device.recorder.choices import Choices
from promptrail.device.recorder.record import Record
from promptrail.device.recorder.witnesses import ADB, addresses, past_the_proxy
from promptrail.device.routing import Route, SettingsProxy
from promptrail.device.scenario import Plan, PlannedRun
from promptrail.device.selftest import Proof, SelfTest
from promptrail.errors import RecordingError

Fault = Callable[[], str | None]
"""Says why the recording cannot go on; None while it can."""


REFUSED = {"not trusted", "clock", "not the proxy"}
"""Verdicts after which an app's traffic would not be read either."""


def nothing() -> str | None:
    return None


class Traffic:
    def __init__(
        self, case: Case, plan: Plan, planned: PlannedRun, device: Device, choices: Choices, record: Record
    ) -> None:
        self.case, self.plan, self.planned, self.device = case, plan, planned, device
        self.choices, self.record = choices, record
        self.folder = case.captures / planned.run

    def prove(self, root: bool, trusted: bool = True) -> list[Proof]:
        """A real handshake from the device through the very same route, before anything is recorded.

        One that got through is enough, unless another was refused: a shell may trust what no app sees. Where the CA is
        not to be `trusted`, one that was refused for it is needed, and none that got through.
        """
        scratch = Path(tempfile.mkdtemp(dir=self.case.private, prefix="selftest."))
        try:
            trial = Case.create(scratch / "case")
            shutil.copytree(authority(self.case), trial.private / "mitmproxy")
            test = SelfTest(scratch / "log.jsonl")
            with self._proxied(trial, "selftest", [*test.scripts], test.options) as (_, route), route:
                process = zygote(self.device) if root else None
                proofs = test.run(self.device, by_name=route.by_name, process=process)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        verdicts = {proof.verdict for proof in proofs}
        told = "; ".join(map(str, proofs))
        if not trusted:
            if "passed" in verdicts or "not trusted" not in verdicts:
                raise RecordingError(
                    "The control wrong-ca is recorded while the device refuses the case's CA, and the self-test does "
                    f"not show that it does, so nothing was recorded. Take the CA off the device. {told}"
                )
        elif "passed" not in verdicts or verdicts & REFUSED:
            raise RecordingError(f"The self-test failed, so nothing was recorded. {told}")
        return proofs

    @contextmanager
    def recorded(self) -> Iterator[tuple[Fault, Fault]]:
        """What is yielded says why the recording cannot go on: one asked all the time, and one that asks the device."""
        ours = addresses(self.device)
        if not self.planned.variant.proxy:
            self.folder.mkdir(mode=0o700, parents=True)
            self._keep_scenario()
            with self._packets(needed=True) as died:
                yield died, nothing
            return
        watched = self.choices.gateway is not None
        keys = {"MITMPROXY_SSLKEYLOGFILE": str((self.folder / packets.KEYS).absolute())} if watched else {}
        scripts = list(self.choices.scripts)
        with self._proxied(self.case, self.planned.run, scripts, {}, keys) as (proxy, route):
            self._keep_scenario()
            try:
                with route, self._packets(needed=False) as died:
                    led = route.fault if isinstance(route, SettingsProxy) else nothing
                    yield lambda: died() if proxy.alive else f"the proxy ended: {proxy.last_words}", led
            finally:
                told = route.record()
                self.record.changes += told.pop("changes")
                self.record.facts["route"] = told
        self.record.facts["past_the_proxy"] = past_the_proxy(self.folder, self.plan.route, ours)

    @contextmanager
    def _proxied(
        self,
        case: Case,
        run: str,
        scripts: list[Path],
        options: dict[str, str],
        env: dict[str, str] | None = None,
    ) -> Iterator[tuple[Proxy, Route]]:
        """A proxy that runs, and the route to it, which is yet to be laid."""
        name = self.plan.route
        port = self.choices.at(name) or free_port()
        gateway = None if name == SettingsProxy.name else self.choices.gateway
        route = self.choices.route(name, self.device, port, self.planned.variant.quic == "refused")
        proxy = Proxy(
            case,
            run,
            host="127.0.0.1" if name == SettingsProxy.name else "",
            port=port,
            mode=route.mode,
            meta=self.meta(),
            scripts=scripts,
            options={**self.choices.options, **options},
            env={**os.environ, **(env or {})},
        )
        with gateway.start(proxy) if gateway else proxy as running:
            yield running, route

    def meta(self) -> dict[str, Any]:
        """What every witness is told about the run."""
        app = self.record.facts.get("app") or {}
        meta = {
            "app": self.planned.app,
            "app_version": app.get("version_name") or self.plan.version,
            "scenario": f"{self.plan.name}-{self.planned.variant.name}".rstrip("-"),
            "control": self.planned.control,
            "route": self.plan.route if self.planned.variant.proxy else None,
            run_record.PROMISE: run_record.FILE,
        }
        return meta | ({"simulated": True} if self.case.simulated else {})

    def _keep_scenario(self) -> None:
        """As soon as there is a run: it says that ours is one which run.json has to close."""
        (self.folder / run_record.SCENARIO).write_text(self.plan.source, encoding="utf-8")
        self.record.files.append(run_record.SCENARIO)

    @contextmanager
    def _packets(self, needed: bool) -> Iterator[Fault]:
        gateway = self.choices.gateway
        if gateway is None:
            if needed:
                raise RecordingError(
                    "a run without a proxy needs --interface: nothing else would see its traffic."
                )
            self.record.notes.append(
                "no packets were captured (--interface): what went past the proxy is not known"
            )
            yield nothing
            return
        (self.folder / packets.KEYS).touch(0o600)
        with gateway.start(packets.Packets(self.folder, gateway.interface, ADB)) as capture:
            yield lambda: None if capture.wait(0) is None else "the packet capture (tcpdump) ended"
        self.record.files += [packets.FILE, packets.COUNTS, packets.KEYS]


def zygote(device: Device) -> str | None:
    """The process whose mount namespace every app that starts from now on gets."""
    for name in ("zygote64", "zygote"):
        if device.shell(f"pidof {name}", check=False).code == 0:
            return name
    return None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])

"""One recorded run on a device: everything is put up, the steps are played, and everything is taken down again.

Whatever happens in between, the run is closed: its evidence is sealed if the proxy could finish it, run.json says
whether the run is complete, what was changed on the device and what was put back. A device that is out of reach then is
put back at the next contact (before.py).
"""

from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path

from promptrail.case import Case, lawful
from promptrail.device import before, ca_store, identity
from promptrail.device.app_signer import signers
from promptrail.device.authority import CERTIFICATE, authority
from promptrail.device.device import Device
from promptrail.device.film import Film
from promptrail.device.recorder.choices import Choices
from promptrail.device.recorder.record import Record
from promptrail.device.recorder.traffic import Traffic
from promptrail.device.recorder.typed import Typed
from promptrail.device.recorder.witnesses import hooks
from promptrail.device.scenario import Plan, PlannedRun, Stage, play
from promptrail.device.scenario.plan import UNTRUSTED
from promptrail.device.scenario.stage import EVENTS
from promptrail.errors import DeviceError, RecordingError

STOPPED = "it was stopped (Ctrl-C, or SIGTERM)"
BACK = 15.0
"""Seconds in which a device whose connection broke is back, so that it can be put back at once."""


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
        self.record = Record()
        self.traffic = Traffic(case, plan, planned, device, choices, self.record)
        self.folder = self.traffic.folder

    def run(self) -> None:
        """Do it. What broke it off is raised after everything was taken down."""
        reason = None
        lawful.permit(self.case, self.planned.package, self.choices.because, "record")
        try:
            with ExitStack() as stack:
                self._put_up(stack)
        except OSError as fault:
            reason = f"{fault.filename or self.folder}: {fault.strerror or fault}"
            raise RecordingError(
                f"{self.planned.run} broke off: {reason}. What was recorded until then is kept; record it again under "
                "another name when that is mended."
            ) from fault
        except BaseException as fault:
            reason = STOPPED if isinstance(fault, KeyboardInterrupt) else str(fault) or type(fault).__name__
            raise
        finally:
            self._close(reason)

    def _put_up(self, stack: ExitStack) -> None:
        root = self._root()
        kept = before.remember(
            self.device,
            self.case,
            self.planned.run,
            self.planned.package,
            self.choices.device_port,
            root,
            (self.plan.route, self.choices.gateway) if self.planned.variant.proxy else None,
        )
        stack.callback(self._put_back, kept)
        who = identity.read(self.device, self.planned.package, root)
        facts = self.record.facts
        facts |= {"device": who.device, "app": who.app, "egress": self.plan.egress, "root": root}
        facts["app"]["certificates"] = signers(self.case, self.device, who.app["apks"], who.base)
        facts |= {"past_the_proxy": {}}  # filled where a packet capture tells it
        for name, value in who.identifiers.items():
            self.case.keep_private_probe(name, value)
        ca = authority(self.case) / CERTIFICATE
        if self.planned.variant.proxy:
            trusted = self.planned.control != UNTRUSTED
            if trusted:
                self._trust(ca, root)
            facts["proofs"] = [proof._asdict() for proof in self.traffic.prove(root, trusted)]
        with self.traffic.recorded() as (alive, led), ExitStack() as watched:
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
                led,
            )
            self.record.files.append(EVENTS)
            if self.planned.control == UNTRUSTED:
                stage.event("untrusted-ca", label="the self-test: not trusted; the CA was not installed")
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
            self._play(stage)

    def _play(self, stage: Stage) -> None:
        """The steps, filmed."""
        film = Film(self.device, self.folder) if self.choices.film else None
        try:
            with film or nullcontext():
                play(stage, self.plan.steps)
        finally:
            self.record.files += sorted(file.name for file in self.folder.glob("screen-*.png"))
            if film:
                self.record.files += film.files
                self.record.notes += [film.told] if film.told else []

    def _root(self) -> bool:
        try:
            self.device.find_root()
        except DeviceError as fault:
            if before.out_of_reach(fault):
                raise
            self.record.notes.append(f"without root: {fault}")
            return False
        return True

    def _trust(self, ca: Path, root: bool) -> None:
        """The CA into the store; without root only what the user has installed by hand can count."""
        if not root:
            self.record.notes.append("the CA was not installed by promptrail: that needs root")
            return
        installed = ca_store.install(self.device, ca)
        change = {
            "what": f"CA in {installed.store}",
            "before": "absent",
            "after": installed.name,
            "undone": False,
            "left": None,
        }
        self.record.changes.append(change | {"namespaces": installed.namespaces, "failed": installed.failed})
        if not installed.everywhere:
            self.record.notes.append(str(installed))
        if installed.transparency:
            self.record.notes.append(installed.transparency)

    def _put_back(self, kept: before.Before) -> None:
        """The device as it was; the memory of it is kept where that could not be done."""
        try:
            for line in self._undo(kept):
                self.say(f"{self.planned.run}: {line}")
        except BaseException:
            before.let_go(kept)
            raise
        self.record.undone()
        before.forget(kept)

    def _undo(self, kept: before.Before) -> list[str]:
        """A second time where the connection to the device broke: adb is often back in a second."""
        try:
            return before.put_back(self.device, kept)
        except DeviceError as fault:
            if not before.out_of_reach(fault):
                raise
        self.device.wait(BACK)
        return before.put_back(self.device, kept)

    def _close(self, reason: str | None) -> None:
        """Where there is a run at all."""
        if not self.folder.is_dir():
            return
        wrong = self.record.close(
            self.folder,
            reason,
            self.traffic.meta(),
            run=self.planned.run,
            scenario=self.plan.name,
            control=self.planned.control,
            variant=self.planned.variant.name or None,
            quic=self.planned.variant.quic,
            hooks=list(self.planned.variant.hooks),
        )
        if wrong:
            self.say(f"{self.planned.run} stays open: {wrong}")

"""Records the lab: a case and scenarios in, one sealed run a scenario out, through a real mitmdump each.

Refuses a scenario that the case holds already. Whatever ends this process ends all that it started: children are told
when they can be, and notice the end of their standard input when they cannot.
"""

import hashlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

from promptrail.case import Case
from promptrail.case.evidence import EvidenceError, seal
from promptrail.device import packets
from promptrail.device.agents import load
from promptrail.device.authority import authority
from promptrail.device.hook import Hooked, Target
from promptrail.device.proxy import Proxy, interruptible
from promptrail.errors import RecordingError
from promptrail.lab import authority as lab_authority
from promptrail.lab import java_kit
from promptrail.lab.answer_key import EVENTS, KEY
from promptrail.lab.builds import BUILDS
from promptrail.lab.case import fill
from promptrail.lab.cast import sampled
from promptrail.lab.children import child, end, environment, finished, server
from promptrail.lab.encodings.fields import host_of
from promptrail.lab.scenarios import ENCODINGS, KNOWN, SCENARIOS, WRONG_CA, Scenario
from promptrail.lab.turns import Turns
from promptrail.lab.world import EXFILTRATION, FINGERPRINT, HOSTS

HOOKED = {"hook", "unpin"}
NATIVE = {"tls-plaintext": "hook", "tls-keylog": "hook", "native-unpin": "unpin"}
JAVA = {"java-tls-plaintext": "hook", "java-crypto": "hook", "origin": "hook", "java-unpin": "unpin"}
"""The agents for each edition, and for which witness they are loaded."""
Edition = Literal["native", "java"]
SESSION = 90.0
"""Seconds after which a session of the app counts as stuck; it takes 2 to 5."""


def record(
    case: Case,
    scenarios: Sequence[Scenario | str] | None = None,
    jobs: int = 2,
    say: Callable[[str], None] = lambda line: None,
    flow_file: bool = True,
    witnesses: Iterable[str] = (),
    edition: Edition = "native",
) -> list[str]:
    """Record `scenarios` (or their runs' names; all by default), `jobs` at a time; the names of the runs, in order.

    `witnesses` beside the proxy: "packets" (tcpdump with the key log, as root), "hook" (Frida in the app), "unpin"
    (hook, and the pinned kit is made to accept the case's CA). `edition`: "java" has the pinned kit in a JVM, where it
    also encrypts its report. A case without probes is filled first (seed 1). Raises RecordingError with the last words
    of what failed.
    """
    chosen = [_known(s) if isinstance(s, str) else s for s in (SCENARIOS if scenarios is None else scenarios)]
    if there := [s.run for s in chosen if (case.captures / s.run).exists()]:
        raise RecordingError(
            f"{case.captures} holds {', '.join(there)} already, and a capture is never overwritten. "
            "Record into a new case, or choose other scenarios."
        )
    if not case.declared_probes:
        fill(case)
    sampler: list[str] = []
    if ENCODINGS in chosen:
        for probe in sampled(case.declared_probes):
            case.add_probe(probe.kind, probe.text, probe.probe)
            sampler.append(host_of(probe.text))
    authority(case)  # once, before two proxies ask for it
    stop = threading.Event()
    with interruptible(), tempfile.TemporaryDirectory(dir=case.private, prefix="lab.") as scratch:
        ca = lab_authority.make(Path(scratch), sampler)
        env = environment(Path(scratch))
        with (
            server(["promptrail.lab.server", str(ca.parent)], env) as port,
            ThreadPoolExecutor(max(jobs, 1)) as pool,
        ):
            classes = java_kit.compiled(Path(scratch)) if edition == "java" else None
            turns = Turns(scenario.run for scenario in chosen)
            studio = _Studio(case, ca, port, env, flow_file, stop, frozenset(witnesses), classes, turns)
            waiting = {pool.submit(studio.run, scenario): scenario for scenario in chosen}
            try:
                while waiting:
                    done, _ = wait(waiting, timeout=0.5, return_when=FIRST_EXCEPTION)
                    for future in done:
                        scenario = waiting.pop(future)
                        say(f"recorded {scenario.run}: {future.result()} exchanges")
                        case.log("lab record", run=scenario.run, scenario=scenario.name)
            except BaseException:
                stop.set()
                pool.shutdown(cancel_futures=True)
                raise
    return [scenario.run for scenario in chosen]


def _known(run: str) -> Scenario:
    for scenario in KNOWN:
        if scenario.run == run:
            return scenario
    raise RecordingError(f"The lab has no scenario {run!r}. It has: {', '.join(s.run for s in KNOWN)}.")


def _differs(scenario: Scenario) -> dict[str, str]:
    """Mode and region of the app, where they are not its usual ones."""
    build = BUILDS.get(scenario.release)
    told = {"mode": build.mode, "region": build.region} if build else {}
    return {name: value for name, value in told.items() if value}


class _Studio:
    """What every run of one recording shares."""

    def __init__(
        self,
        case: Case,
        ca: Path,
        port: int,
        env: dict[str, str],
        flow_file: bool,
        stop: threading.Event,
        witnesses: frozenset[str],
        classes: Path | None,
        turns: Turns,
    ):
        self.case, self.ca, self.port, self.env = case, ca, port, env
        self.flow_file, self.stop, self.witnesses, self.classes = flow_file, stop, witnesses, classes
        self.turns = turns

    def run(self, scenario: Scenario) -> int:
        """Record one scenario; the number of exchanges in it."""
        if self.stop.is_set():
            return 0
        meta = {
            "app": scenario.app,
            "app_version": scenario.version,
            "scenario": scenario.name,
            "control": scenario.control,
            "simulated": True,
            **_differs(scenario),
        }
        options = {
            "ssl_verify_upstream_trusted_ca": str(self.ca),
            "lab_hosts": ",".join((*HOSTS, f"*.{EXFILTRATION}")),
            "lab_port": str(self.port),
        }
        script = Path(__file__).with_name("route.py")
        with (
            Proxy(
                self.case,
                scenario.run,
                meta=meta,
                flow_file=self.flow_file,
                scripts=[script],
                options=options,
                env=self.env | self._keys(scenario),
            ) as proxy,
            self._packets(proxy),
            self._kit(proxy) as kit,
            self.turns.turn(scenario.run, lambda: self._goes_on(scenario, proxy)),
        ):
            self._play(scenario, proxy, kit)
        try:
            manifest = seal(proxy.folder, [EVENTS, KEY])
        except EvidenceError as e:
            raise RecordingError(str(e)) from None
        return int(manifest["counts"].get("request", 0))

    def _keys(self, scenario: Scenario) -> dict[str, str]:
        """The variable by which mitmproxy writes the TLS secrets that open the packets."""
        file = self.case.captures / scenario.run / packets.KEYS
        return {"MITMPROXY_SSLKEYLOGFILE": str(file.absolute())} if "packets" in self.witnesses else {}

    @contextmanager
    def _packets(self, proxy: Proxy) -> Iterator[None]:
        """The packets between the app and the proxy, where they are asked for."""
        if "packets" not in self.witnesses:
            yield
            return
        (proxy.folder / packets.KEYS).touch(0o600)
        with packets.Packets(proxy.folder, packets.LOOPBACK, f"tcp port {proxy.port}"):
            yield

    @contextmanager
    def _kit(self, proxy: Proxy) -> Iterator[int | None]:
        """The port of the pinned kit's Java edition, hooked if hooks are asked for; None where the app has its own."""
        if self.classes is None:
            yield None
            return
        log = self.case.private / "log" / f"{proxy.run}.kit.log"
        with java_kit.kit(self.classes, (proxy.host, proxy.port), self._pin(), log, self.env) as kit:
            target = Target(kit.pid, "FingerprintKit")
            with self._hooks(proxy, target, JAVA) if self._hooked else nullcontext():
                yield kit.port

    @property
    def _hooked(self) -> bool:
        return not self.witnesses.isdisjoint(HOOKED)

    def _hooks(self, proxy: Proxy, target: Target, agents: dict[str, str]) -> Hooked:
        """Hooks in a process: those that only watch, and with "unpin" the one that lifts the pinning."""
        names = [name for name, witness in agents.items() if witness in self.witnesses | {"hook"}]
        ca = {"ca": proxy.ca.read_text(encoding="utf-8")}
        return Hooked(proxy.folder, target, [load(name) for name in names], ca)

    def _pin(self) -> Path:
        """The certificate to which the kit is pinned."""
        return self.ca.with_name(f"{FINGERPRINT}.crt")

    def _play(self, scenario: Scenario, proxy: Proxy, kit: int | None) -> None:
        """Run the app to its end."""
        hooked = self._hooked and kit is None
        edition = "native" if kit is None else "java"
        plan = json.dumps(self._plan(scenario, proxy) | {"gate": hooked, "kit": kit, "edition": edition})
        log_path = self.case.private / "log" / f"{scenario.run}.app.log"
        with open(os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
            said = subprocess.PIPE if hooked else log
            app = child(["promptrail.lab.app", plan], self.env, stdout=said, stderr=log)
        try:
            with self._hook(app, proxy) if hooked else nullcontext():
                finished(app, scenario.run, log_path, lambda: self._goes_on(scenario, proxy), SESSION)
        finally:
            end(app)  # also where the hooks did not get into it

    def _goes_on(self, scenario: Scenario, proxy: Proxy) -> bool:
        """Whether the run may go on; RecordingError if another one failed meanwhile."""
        if self.stop.is_set():
            raise RecordingError(f"The run {scenario.run} was interrupted.")
        self.turns.look(scenario.run, proxy.folder)
        return proxy.alive

    @contextmanager
    def _hook(self, app: "subprocess.Popen[bytes]", proxy: Proxy) -> Iterator[None]:
        """Hooks in the app while it runs: it waits at its gate until they are live."""
        assert app.stdin and app.stdout
        if not app.stdout.readline():
            raise RecordingError(f"The app of the run {proxy.run} did not reach its gate.")
        with self._hooks(proxy, Target(app.pid, "promptrail.lab.app"), NATIVE):
            app.stdin.write(b"go\n")
            app.stdin.flush()
            yield

    def _plan(self, scenario: Scenario, proxy: Proxy) -> dict[str, Any]:
        """What the app is told. Its ids and tokens follow from the probes, so the same seed gives the same session."""
        probes = {p.probe: {"kind": p.kind, "text": p.text} for p in self.case.declared_probes}
        lasting = {name: probe for name, probe in probes.items() if name not in ENCODINGS.prompts}
        seed = hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()
        return {
            "run": scenario.run,
            "folder": str(proxy.folder),
            "app": scenario.app,
            "version": scenario.version,
            "release": scenario.release,
            "consent": scenario.consent,
            "prompts": scenario.prompts,
            "drafts": scenario.drafts,
            "probes": probes,
            "seed": seed,
            "proxy": f"http://{proxy.host}:{proxy.port}",
            "ca": str(self.ca if scenario.control == WRONG_CA else proxy.ca),
            "trusts_proxy": scenario.control != WRONG_CA,
            "pin": str(self._pin()),
        }

"""Proves that a device's traffic passes the proxy and that its CA is trusted: a real handshake and request from there.

    test = SelfTest(log)
    with Proxy(case, run, scripts=test.scripts, options=test.options) as proxy:
        with SettingsProxy(device, proxy.port) as route:
            proofs = test.run(device, by_name=route.by_name)

Each prober asks for a name (or address) that only the proxy answers, with a token of its own in the path, so what the
proxy saw decides. What failed is told apart: no way to the proxy, somebody else answered, the CA is not trusted, the
clock. The requests are in the capture like any others; their host ends in `answer.ZONE`.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from shlex import quote
from typing import Any, Literal, NamedTuple

from promptrail.device.ca_store import STORES
from promptrail.device.device import Device
from promptrail.device.routing.answer import ADDRESS, ZONE
from promptrail.errors import DeviceError

WAIT = 20.0
"""Seconds in which a browser has to have asked."""
DAY = 86_400.0
"""mitmproxy dates its certificates two days back; a clock further off than one is worth a word."""
Verdict = Literal["passed", "no route", "not the proxy", "not trusted", "clock", "not run"]
REMEDIES: dict[str, str] = {
    "no route": "Nothing came to the proxy: look at the route (the proxy setting and `adb reverse --list`, or the "
    "gateway's rules), and whether the device is online.",
    "not the proxy": "Somebody else answered a name that only the proxy knows: another proxy, a VPN or a captive "
    "portal is in between. Take it off the device.",
    "not trusted": "The proxy was reached, and its CA refused: install it for this process "
    "(promptrail.device.ca_store.install), and end and start the app.",
    "clock": "The device's clock is wrong, so certificates seem not yet or no longer valid: set it, or start the "
    "emulator without a snapshot.",
    "not run": "This prober cannot run on this device; take another.",
}


class Target(NamedTuple):
    """What a prober has to ask for."""

    token: str
    by_name: bool
    """False where the device itself has to resolve: then the address is asked for."""
    process: str | None
    """The app by whose mount namespace trust is judged."""

    @property
    def host(self) -> str:
        return f"{self.token}.{ZONE}" if self.by_name else ADDRESS

    @property
    def url(self) -> str:
        return f"https://{self.host}/{self.token}"


class Said(NamedTuple):
    """What the client itself told: `answered` None if it does not tell."""

    ran: bool
    answered: bool | None
    words: str


class Prober(NamedTuple):
    id: str
    proves: str
    ask: Callable[[Device, Target], Said]


class Proof(NamedTuple):
    prober: str
    verdict: Verdict
    proves: str
    """What a "passed" says, and no more."""
    evidence: tuple[dict[str, Any], ...]
    """The lines of the proxy's own log about this token."""
    said: str

    def __str__(self) -> str:
        if self.verdict == "passed":
            return f"{self.prober}: passed. {self.proves}"
        words = f" It said: {self.said[-200:]}" if self.said else ""
        return f"{self.prober}: {self.verdict}. {REMEDIES[self.verdict]}{words}"


def curl(device: Device, target: Target) -> Said:
    """By the device's curl, with the proxy of its settings, trusting the store as the process' namespace shows it."""
    if device.shell("command -v curl", check=False).code:
        return Said(False, None, "there is no curl on this device")
    proxy = device.shell("settings get global http_proxy").text
    via = f"-x {quote(f'http://{proxy}')}" if proxy not in ("null", "", ":0") else ""
    pid = device.shell(f"pidof {quote(target.process)}", check=False).text.split() if target.process else []
    if target.process and not pid:
        return Said(False, None, f"{target.process} does not run")
    seen = f"/proc/{pid[0]}/root" if pid else ""
    bundle = f"/data/local/tmp/promptrail-{target.token}.pem"
    asked = (
        f"for store in {' '.join(STORES)}; do cat {seen}$store/* > {bundle} 2>/dev/null && break; done; "
        f"curl -sS -m 15 --cacert {bundle} {via} {target.url}; code=$?; rm -f {bundle}; exit $code"
    )
    run = device.as_root if target.process else device.shell  # another's namespace is root's to see
    answer = run(asked, check=False, timeout=40)
    return Said(True, answer.code == 0, answer.said)


def view(device: Device, target: Target) -> Said:
    """By the browser: the address is opened on the screen."""
    answer = device.shell(f"am start -a android.intent.action.VIEW -d {quote(target.url)}", check=False)
    failed = answer.code != 0 or "Error" in answer.said or "unable to resolve" in answer.said
    return Said(not failed, None, answer.said if failed else "")


PROBERS = (
    Prober(
        "curl",
        "A TLS client of the device's shell got through the proxy, trusting the system store as the app's namespace "
        "shows it; the app's own network code may do otherwise.",
        curl,
    ),
    Prober(
        "view",
        "The device's browser got through the proxy and trusts its CA; another app may do otherwise.",
        view,
    ),
)


class SelfTest:
    """`scripts` and `options` are for the proxy, which writes what it saw into `log`."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.scripts = [Path(__file__).parent / "routing" / "answer.py"]
        self.options = {"selftest_log": str(log.absolute())}

    def run(
        self,
        device: Device,
        probers: Sequence[Prober] = PROBERS,
        *,
        by_name: bool = True,
        process: str | None = None,
        wait: float = WAIT,
    ) -> list[Proof]:
        """One proof a prober. `by_name` is the route's; `process` an app, or zygote64, whose store is trusted."""
        return [
            self._prove(device, prober, Target(secrets.token_hex(8), by_name, process), wait)
            for prober in probers
        ]

    def _prove(self, device: Device, prober: Prober, target: Target, wait: float) -> Proof:
        behind = len(self._lines())
        ahead = clock_ahead(device)
        try:
            said = prober.ask(device, target)
        except DeviceError as e:
            said = Said(False, None, str(e))
        until = time.monotonic() + (wait if said.ran and said.answered is None else 1.0)
        while True:
            evidence = [line for line in self._lines()[behind:] if line["host"] == target.host]
            verdict = judge(evidence, said, target.token, ahead)
            if verdict in ("passed", "not run", "not trusted", "clock") or time.monotonic() > until:
                return Proof(prober.id, verdict, prober.proves, tuple(evidence), said.words)
            time.sleep(0.1)

    def _lines(self) -> list[dict[str, Any]]:
        try:
            whole = self.log.read_bytes().rpartition(b"\n")[0]
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in whole.splitlines()]


def judge(evidence: Iterable[dict[str, Any]], said: Said, token: str, ahead: float = 0.0) -> Verdict:
    """What the proxy saw, what the client said, and by how many seconds the device's clock is ahead: what it means."""
    seen = list(evidence)
    if any(line["saw"] == "asked" and line["path"] == f"/{token}" and line["tls"] for line in seen):
        return "passed"
    if not said.ran:
        return "not run"
    refused = " ".join(line["error"] for line in seen if line["saw"] == "refused")
    if refused:
        of_time = ("certificate expired", "not yet valid", "has expired")
        wrong = any(words in f"{refused} {said.words}".lower() for words in of_time)
        return "clock" if wrong or abs(ahead) > DAY else "not trusted"
    return "not the proxy" if said.answered else "no route"


def clock_ahead(device: Device) -> float:
    """Seconds by which the device's clock is ahead of this machine's, to about one; 0 if it does not tell."""
    told = device.shell("date +%s", check=False).text
    return int(told) - time.time() if told.isdigit() else 0.0

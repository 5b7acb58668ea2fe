"""Records the opaque lab: a case and a plan in, a sealed run for each session of the plan out, packets included.

A real mitmdump stands between app and vendors and reads the first party alone; the others are passed through unread,
and tcpdump takes the packets without any key. Needs root for that. Refuses a run that the case holds already. Whatever
ends this process ends all that it started.
"""

import json
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from promptrail import lab
from promptrail.case import Case, run_record
from promptrail.case.evidence import EvidenceError, seal
from promptrail.device import packets
from promptrail.device.authority import authority
from promptrail.device.proxy import Proxy, interruptible
from promptrail.errors import RecordingError
from promptrail.lab import authority as lab_authority
from promptrail.lab.answer_key import EVENTS
from promptrail.lab.children import child, environment, finished, server
from promptrail.lab.opaque.case import APP, fill
from promptrail.lab.opaque.vendors import HOSTS, PASSED, answer_key
from promptrail.lab.world import EXFILTRATION

KEY = "opaque-key.json"
ROUTE = Path(lab.__file__).with_name("route.py")
SLACK = 60.0
"""Seconds over what its plan takes after which an app counts as stuck."""
PLANNED = {
    "digest", "kind", "seed", "seconds", "dwell", "drain", "begins", "slots", "input", "noise", "sends",
}  # fmt: skip


def record_opaque(
    case: Case, plan: dict[str, Any], name: str = "", say: Callable[[str], None] = lambda line: None
) -> list[str]:
    """Record a plan, a run for each of its `begins`; the names of the runs, opaque-KIND or `name`, in order.

    `plan` is data: the fields PLANNED, of a slot `slot`, `kind`, `text` and `input`. `input` is "paste" or "typed",
    `noise` one of `noise.PROFILES`; where `sends` is false only the first party gets more than noise. Raises
    RecordingError with the last words of what failed.
    """
    if missing := sorted(PLANNED - plan.keys()):
        raise RecordingError(f"The plan has no {', '.join(missing)}.")
    runs = _runs(plan, name or f"opaque-{plan['kind']}")
    if there := [run for run, _ in runs if (case.captures / run).exists()]:
        raise RecordingError(
            f"{case.captures} holds {', '.join(there)} already, and a capture is never overwritten. "
            "Record into a new case, or under another name."
        )
    if case.run_folders() and not case.simulated:
        raise RecordingError(f"{case.path} holds real recordings: the lab records into a case of its own.")
    fill(case)
    authority(case)
    with interruptible(), tempfile.TemporaryDirectory(dir=case.private, prefix="lab.") as scratch:
        _may_capture(Path(scratch))
        # One certificate stands for all vendors: none of them is to be known by it.
        ca = lab_authority.make(Path(scratch), HOSTS)
        env = environment(Path(scratch))
        with server(["promptrail.lab.opaque.server", str(ca.with_name(f"{EXFILTRATION}.pem"))], env) as port:
            for run, slots in runs:
                _record(case, run, plan | {"app": f"{APP['name']}/{APP['version']}"}, slots, ca, port, env)
                say(f"recorded {run}: {len(slots)} slots")
                case.log("lab opaque", run=run, plan=plan["digest"])
    return [run for run, _ in runs]


def _may_capture(scratch: Path) -> None:
    """RecordingError or MissingTool now, before there is a run of which nothing could be captured."""
    trial = scratch / "trial"
    trial.mkdir()
    with packets.Packets(trial, packets.LOOPBACK, "tcp port 9"):
        pass


def _runs(plan: dict[str, Any], name: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """The runs of a plan with their slots."""
    parts = [plan["slots"][low:high] for low, high in pairwise([*plan["begins"], len(plan["slots"])])]
    if len(parts) == 1:
        return [(name, parts[0])]
    return [(f"{name}-{n:02d}", part) for n, part in enumerate(parts, 1)]


def _record(
    case: Case,
    run: str,
    plan: dict[str, Any],
    slots: list[dict[str, Any]],
    ca: Path,
    port: int,
    env: dict[str, str],
) -> None:
    meta = {
        "app": APP["name"],
        "app_version": APP["version"],
        "scenario": f"opaque-{plan['kind']}",
        "control": None,
        "simulated": True,
        run_record.PROMISE: run_record.FILE,
    }
    passed = "|".join(host.replace(".", r"\.") for host in PASSED)
    options = {
        "ssl_verify_upstream_trusted_ca": str(ca),
        "ignore_hosts": f"^({passed}):443$",
        "lab_hosts": ",".join(HOSTS),
        "lab_port": str(port),
    }
    with (
        Proxy(case, run, meta=meta, flow_file=False, scripts=[ROUTE], options=options, env=env) as proxy,
        packets.Packets(proxy.folder, packets.LOOPBACK, f"tcp port {proxy.port}"),
    ):
        _play(case, proxy, plan, slots, ca, env)
    (proxy.folder / KEY).write_bytes(answer_key(plan, run))
    try:
        run_record.write(proxy.folder, {"complete": True, "meta": meta})
        seal(proxy.folder, [EVENTS, KEY, packets.FILE, packets.COUNTS, run_record.FILE])
    except (OSError, EvidenceError) as fault:
        raise RecordingError(str(fault)) from None


def _play(
    case: Case, proxy: Proxy, plan: dict[str, Any], slots: list[dict[str, Any]], ca: Path, env: dict[str, str]
) -> None:
    """Run the app to its end."""
    told = {name: value for name, value in plan.items() if name != "slots"}
    task = {
        "plan": told,
        "slots": slots,
        "folder": str(proxy.folder),
        "proxy": f"http://{proxy.host}:{proxy.port}",
        "ca": str(ca),
        "proxy_ca": str(proxy.ca),
    }
    file, log_path = ca.with_name(f"{proxy.run}.json"), case.private / "log" / f"{proxy.run}.app.log"
    file.write_text(json.dumps(task), encoding="utf-8")
    with open(log_path, "wb") as log:
        app = child(["promptrail.lab.opaque.app", str(file)], env, stdout=log, stderr=log)
    least = len(slots) * (plan["seconds"] + plan["dwell"]) + plan["drain"]
    finished(app, proxy.run, log_path, lambda: proxy.alive, 3 * least + SLACK)

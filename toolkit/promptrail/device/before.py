"""What a recording may change on a device, as it was before: kept on this machine's disk until it is put back.

    before = remember(device, case, run)        # and anything may happen now: Ctrl-C, a lost cable, a killed process
    put_back(device, before); forget(before)
    for before in left_behind(device.serial): ...   # of recordings that did not come to their end, the last first

Only what differs is touched, so putting back twice does nothing. The file lies in the user's state folder, not in the
case: the next contact with the device may be for another one.
"""

import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any, NamedTuple

import platformdirs
from filelock import FileLock, Timeout

from promptrail.case import Case
from promptrail.device import adb_faults, ca_store, film, keyboard
from promptrail.device.device import Device
from promptrail.device.routing import Gateway, left
from promptrail.device.routing.quic import Refusal
from promptrail.errors import DeviceError, PromptrailError, RecordingError

SCHEMA = 2
ABSENT, OFF = "null", ":0"
PROXY = ("global", "http_proxy")
SETTINGS: tuple[tuple[str, str], ...] = (
    PROXY,
    ("global", "global_http_proxy_host"),
    ("global", "global_http_proxy_port"),
    ("global", "global_http_proxy_exclusion_list"),
    ("global", "global_proxy_pac_url"),
    ("global", "window_animation_scale"),
    ("global", "transition_animation_scale"),
    ("global", "animator_duration_scale"),
    ("secure", "default_input_method"),
)
"""Settings of Android that a recording may change. The proxy comes first: the system derives the others from it."""
LEFTOVERS = "/data/local/tmp/promptrail-*"
UNREACHABLE = {"timeout", *(fault.id for fault in adb_faults.LINK)}
Laid = tuple[str, Gateway | None]
"""A route by its name, and the gateway of this host that it goes through."""


class Before(NamedTuple):
    """`file` is where it is kept. `port` is the device's end of the tunnel that the recording makes."""

    file: Path
    serial: str
    case: str
    run: str
    began: float
    started: str | None
    """The package that is recorded, if it did not run before."""
    settings: dict[str, str]
    """`namespace/name` -> value, "null" if absent."""
    port: int
    tunnel: int | None
    """Where that port led before."""
    root: bool
    """Whether the recording has root: only then can there be a CA or a packet filter to take away."""
    keyboard: bool
    """Whether the app with the input method was there."""
    route: dict[str, Any] | None
    """Name, interface and namespace of a route that outlives its process, and what it asked to be kept."""

    def __str__(self) -> str:
        when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(self.began))
        return f"the recording {self.run} of {self.case}, begun {when}"


def folder() -> Path:
    return Path(platformdirs.user_state_dir("promptrail")) / "devices"


def remember(
    device: Device, case: Case, run: str, package: str, port: int, root: bool, laid: Laid | None = None
) -> Before:
    """Read it and keep it, before the first change."""
    digest = hashlib.sha256(device.serial.encode()).hexdigest()[:16]
    tunnels = {one.device_port: one.host_port for one in device.reverses()}
    before = Before(
        folder() / f"{digest}-{os.getpid()}-{time.time_ns()}.json",
        device.serial,
        str(case.path.absolute()),
        run,
        time.time(),
        None if _runs(device, package) else package,
        _settings(device),
        port,
        tunnels.get(port),
        root,
        keyboard.installed(device),
        _route(device, *laid) if laid else None,
    )
    before.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _HELD[before.file] = _lock(before.file)
    _HELD[before.file].acquire(timeout=0)
    table = {"schema": SCHEMA, **before._asdict(), "file": None}
    draft = before.file.with_suffix(".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(table, out, sort_keys=True)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(before.file)
    return before


def left_behind(serial: str) -> list[Before]:
    """What recordings that are no more left of this device. The last first, so that the oldest memory, which is that of
    the untouched device, has the last word."""
    return sorted((one for one in _kept() if one.serial == serial), key=lambda one: one.began, reverse=True)


def put_back(device: Device, before: Before) -> list[str]:
    """Undo what differs, each as a line. RecordingError names what could not be undone; the rest was."""
    done: list[str] = []
    left: list[str] = []
    for undo in (
        _undo_app,
        _undo_settings,
        _undo_tunnel,
        _undo_root,
        _undo_keyboard,
        _undo_route,
        _undo_files,
    ):
        try:
            done += undo(device, before)
        except DeviceError as fault:
            if out_of_reach(fault):  # then nothing more can be undone
                raise
            left.append(str(fault))
        except PromptrailError as fault:
            left.append(str(fault))
    if left:
        raise RecordingError(
            f"{device.serial} could not be put back whole after {before}: {'; '.join(left)}. It is kept in "
            f"{before.file}; `promptrail doctor --fix` tries again."
        )
    return done


def out_of_reach(fault: DeviceError) -> bool:
    """Whether it is the way to the device that failed, and not what was asked of it."""
    return fault.fault in UNREACHABLE


def forget(before: Before) -> None:
    before.file.unlink(missing_ok=True)
    let_go(before)
    Path(_lock(before.file).lock_file).unlink(missing_ok=True)


def let_go(before: Before) -> None:
    """The recording has ended, and what it left is kept for whoever comes next."""
    if lock := _HELD.pop(before.file, None):
        lock.release()


def _undo_app(device: Device, before: Before) -> Iterator[str]:
    """First, so that it sends nothing while the way to the proxy is taken away."""
    if before.started and _runs(device, before.started):
        device.shell(f"am force-stop {quote(before.started)}")
        yield f"{before.started} ended"


def _undo_settings(device: Device, before: Before) -> Iterator[str]:
    there = _settings(device)
    for space, name in SETTINGS:
        key = f"{space}/{name}"
        was, now = before.settings.get(key, ABSENT), there[key]
        if was == now:
            continue
        if (space, name) == PROXY and was == ABSENT:
            # A value that is only deleted is followed until the next restart. The system derives others from this one.
            device.shell(f"settings put global http_proxy {OFF}")
            there = _settings(device)
        if was == ABSENT:
            device.shell(f"settings delete {space} {name}")
        elif name == "default_input_method":
            device.shell(f"ime set {quote(was)}")
        else:
            device.shell(f"settings put {space} {name} {quote(was)}")
        yield f"setting {space} {name}: {now} -> {was}"


def _undo_tunnel(device: Device, before: Before) -> Iterator[str]:
    now = {one.device_port: one.host_port for one in device.reverses()}.get(before.port)
    if now == before.tunnel:
        return
    device.unreverse(before.port)
    if before.tunnel is not None:
        device.reverse(before.port, before.tunnel)
    yield f"adb reverse tcp:{before.port}: {now or 'none'} -> {before.tunnel or 'none'}"


def _undo_root(device: Device, before: Before) -> Iterator[str]:
    """The packet filter and the CA, which need root; without it they were never there."""
    if not before.root:
        return
    Refusal(lambda command: device.as_root(command, check=False), ("OUTPUT",)).off()
    removed = ca_store.remove(device)
    if removed.left:
        raise RecordingError(str(removed))
    yield str(removed)


def _undo_keyboard(device: Device, before: Before) -> Iterator[str]:
    if not before.keyboard and keyboard.installed(device):
        device.shell(f"pm uninstall {keyboard.APP}")
        yield f"{keyboard.APP}, which types what the keyboard cannot, uninstalled"


def _undo_route(device: Device, before: Before) -> Iterator[str]:
    """What leads the device to a proxy that is no more: this host's packet filter, or the device's own tunnel."""
    if before.route is None:
        return
    name, interface, namespace = (before.route[key] for key in ("name", "interface", "namespace"))
    if namespace and not Path(namespace).exists():
        return  # it went with its rules
    gateway = Gateway(interface, Path(namespace) if namespace else None) if interface else None
    if route := left(name, device, gateway):
        route.abandon(before.route["kept"])
        yield f"the route {name}{f' on {interface}' if interface else ''} taken back"


def _route(device: Device, name: str, gateway: Gateway | None) -> dict[str, Any] | None:
    """For the file; None for a route that leaves nothing that is not remembered otherwise."""
    if (route := left(name, device, gateway)) is None:
        return None
    interface, namespace = gateway or (None, None)
    place = {"interface": interface, "namespace": str(namespace) if namespace else None}
    return {"name": name, **place, "kept": route.remember()}


def _undo_files(device: Device, before: Before) -> Iterator[str]:
    film.stop(device)
    there = device.shell(f"ls -d {LEFTOVERS} 2>/dev/null", check=False).text.split()
    if there:
        device.shell(f"rm -rf {LEFTOVERS}")
        yield f"{len(there)} files of ours in /data/local/tmp taken away"


def _runs(device: Device, package: str) -> bool:
    return device.shell(f"pidof {quote(package)}", check=False).code == 0


def _settings(device: Device) -> dict[str, str]:
    """All of SETTINGS, asked at once: each call of adb takes its time."""
    mark = f"promptrail-{secrets.token_hex(8)}"  # a value may hold any text
    asked = "; ".join(f"settings get {space} {name}; echo {mark}" for space, name in SETTINGS)
    values = device.shell(asked).text.split(mark)
    return {
        f"{space}/{name}": value.strip()  # an empty value is one, and not an absent one
        for (space, name), value in zip(SETTINGS, values, strict=False)
    }


def _kept() -> Iterator[Before]:
    """Those whose recording does not run any more. A file that is none of ours is left where it is."""
    for file in sorted(folder().glob("*.json")) if folder().is_dir() else []:
        try:
            with _lock(file).acquire(
                timeout=0
            ):  # the kernel lets go of it when its process ends, however that was
                table: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if table["schema"] == SCHEMA:
                yield Before(file=file, **{name: table[name] for name in Before._fields if name != "file"})
        except (OSError, ValueError, KeyError, TypeError, Timeout):
            continue


def _lock(file: Path) -> FileLock:
    return FileLock(file.with_suffix(".lock"))


_HELD: dict[Path, FileLock] = {}
"""Of the recordings of this process, as long as they run."""

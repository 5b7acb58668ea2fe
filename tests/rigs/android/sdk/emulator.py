"""A stand-in for the SDK's `emulator`: its command line in, a console and an adbd on two ports out. It is no Android.

    python -m rigs.android.sdk.emulator -avd NAME -port 5554 ...

It does what the public documentation says: finds the AVD, locks it, tells the adb server, wants the token on its
console, and answers there with OK and KO. stand-in.json in the SDK says how it behaves and fails: see folder.py.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from rigs.android import adbd_programs
from rigs.android.adbd import Adbd
from rigs.android.sdk.console import Console

SDK, AVDS = Path(os.environ["ANDROID_HOME"]), Path(os.environ["ANDROID_AVD_HOME"])
HOW: dict[str, Any] = json.loads((SDK / "stand-in.json").read_text())
BOOTED = {"sys.boot_completed": "1", "dev.bootcomplete": "1", "init.svc.bootanim": "stopped"}
OFF_LIMITS = dict.fromkeys(
    ("mount", "umount", "nsenter", "unshare", "chcon", "iptables", "ip6tables", "reboot"),
    'echo "$(basename "$0"): Operation not permitted" >&2; exit 4',
)
"""Its shell is one of this machine, perhaps root's: what would change the machine refuses."""
ALONE = {
    "-no-window",
    "-no-audio",
    "-no-boot-anim",
    "-no-snapshot-save",
    "-no-snapshot-load",
    "-read-only",
} | {
    "-wipe-data",
    "-writable-system",
}


def say(level: str, text: str) -> None:
    print(f"{level:<12} | {text}", flush=True)


def end(text: str, code: int = 1) -> None:
    say("ERROR", text)
    sys.exit(code)


class OnPort(Adbd):
    """The same adbd on a port that was given, for an adb server that is there already."""

    def listen(self, port: int) -> None:
        for folder in ("data/local/tmp", "sdcard"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()


class Emulator:
    def __init__(self, options: dict[str, str]) -> None:
        self.options, self.name, self.port = options, options["-avd"], int(options["-port"])
        ini = AVDS / f"{self.name}.ini"
        if not ini.is_file():
            end(f"Unknown AVD name [{self.name}], use -list-avds to see valid list.")
        self.avd = AVDS / f"{self.name}.avd"
        (self.avd / f"arguments-{self.port}.json").write_text(json.dumps(sys.argv[1:]))
        self._lock()
        self.home = Path(tempfile.mkdtemp()) if "-read-only" in options else self.avd
        self.files = self.home / "device"
        self.snapshots = self.avd / "snapshots"

    def _lock(self) -> None:
        if "-read-only" in self.options:
            return
        self.lock = (self.avd / "hardware-qemu.ini.lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            end(
                "Running multiple emulators with the same AVD is an experimental feature.\n"
                "Please use -read-only flag to enable this feature."
            )

    def run(self) -> None:
        say("INFO", "Android emulator version 99.0.0.0 (stand-in) (CL:N/A)")
        if HOW["dies"] == "at once":
            end(HOW["says"], HOW["code"])
        self.console = Console(self.port, self)
        self._prepare()
        playstore = "playstore" in (self.avd / "config.ini").read_text()
        self.adbd = OnPort(self.files / "root", path=self._path(), user_build=playstore)
        self.adbd.listen(self.port + 1)
        self._tell_adb()
        if "-tcpdump" in self.options:
            Path(self.options["-tcpdump"]).write_bytes(b"\xd4\xc3\xb2\xa1\2\0\4\0" + bytes(16))
        if HOW["deaf"]:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        threading.Thread(target=self.console.serve, daemon=True).start()
        time.sleep(0.2)
        if HOW["dies"] == "booting":
            end(HOW["says"], HOW["code"])
        if HOW["boots"]:
            self.property(BOOTED)
        threading.Event().wait()

    def _prepare(self) -> None:
        """The device's files: as they were left, or as the snapshot has them, or new."""
        self.files.parent.mkdir(parents=True, exist_ok=True)
        if "-wipe-data" in self.options:
            shutil.rmtree(self.files, ignore_errors=True)
        if not self.files.exists():
            self._path(new=True)
        if wanted := self.options.get("-snapshot"):
            if (self.snapshots / wanted).is_dir():
                self.restore(wanted)
            else:
                say("WARNING", f"Device 'cache' does not have the requested snapshot '{wanted}'")
                say("WARNING", f"Failed to load snapshot '{wanted}'")
        self.property(dict.fromkeys(BOOTED, "") | {"init.svc.bootanim": "running"})

    def _path(self, new: bool = False) -> str:
        programs = self.files / "bin"
        if new:
            return adbd_programs.write(programs, properties=dict.fromkeys(BOOTED, ""), more=OFF_LIMITS)
        return f"{programs}:/usr/bin:/bin:/usr/sbin:/sbin"

    def property(self, values: dict[str, str]) -> None:
        file = self.files / "bin" / "state" / "properties"
        lines = dict(
            line.split(": ", 1)
            for line in file.read_text().split("\n")
            if line.startswith("[") and "]: [" in line
        )
        lines |= {f"[{name}]": f"[{value}]" for name, value in values.items()}
        draft = file.with_suffix(".new")
        draft.write_text("".join(f"{name}: {value}\n" for name, value in lines.items()))
        draft.rename(file)

    def _tell_adb(self) -> None:
        """As the emulator does: host:emulator:PORT to the adb server, if there is one."""
        server = int(os.environ.get("ANDROID_ADB_SERVER_PORT", "5037"))
        words = f"host:emulator:{self.port + 1}".encode()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server), 5) as adb:
            adb.sendall(b"%04x%b" % (len(words), words))

    def save(self, name: str) -> str | None:
        """What the console has to say against it."""
        if "-read-only" in self.options:
            return "KO: Snapshot save failure: snapshots are disabled"
        shutil.rmtree(self.snapshots / name, ignore_errors=True)
        shutil.copytree(self.files, self.snapshots / name)
        return None

    def load(self, name: str) -> str | None:
        if not (self.snapshots / name).is_dir():
            return (
                f"KO: Device 'encrypt' does not have the requested snapshot '{name}'\r\n"
                "KO: Snapshot load failure: snapshot doesn't exist"
            )
        self.restore(name)
        self.adbd.drop()
        return None

    def restore(self, name: str) -> None:
        shutil.rmtree(self.files)
        shutil.copytree(self.snapshots / name, self.files)

    def delete(self, name: str) -> str | None:
        if not (self.snapshots / name).is_dir():
            return f"KO: Device 'encrypt' does not have the requested snapshot '{name}'"
        shutil.rmtree(self.snapshots / name)
        return None


def parsed(words: list[str]) -> dict[str, str]:
    found, rest = {}, list(words)
    while rest:
        option = rest.pop(0)
        found[option] = "" if option in ALONE else rest.pop(0)
    return found


if __name__ == "__main__":
    if sys.argv[1:] == ["-accel-check"]:
        code, words = HOW["acceleration"]
        print(f"accel:\n{code}\n{words}\naccel")
        sys.exit(code)
    if sys.argv[1:] == ["-version"]:
        say("INFO", "Android emulator version 99.0.0.0 (stand-in) (CL:N/A)")
        sys.exit()
    Emulator(parsed(sys.argv[1:])).run()

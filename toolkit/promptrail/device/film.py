"""Films the screen while a run is recorded: screenrecord on the device, in pieces of three minutes, copied at the end.

Android's screenrecord ends after 180 s, so a loop on the device starts it anew; between two pieces about a second is
lost. A device without it, or that cannot, is told and is no fault of the run.
"""

from pathlib import Path
from shlex import quote

from promptrail.device.device import Device
from promptrail.errors import DeviceError

HERE = "/data/local/tmp/promptrail-film"
MOST = 40
"""Pieces: two hours."""
LOOP = f"""
cd {HERE} && echo $$ >pid || exit 1
n=0
while [ ! -e stop ] && [ $n -lt {MOST} ]; do
  n=$((n + 1))
  screenrecord --time-limit 180 screen-$(printf %02d $n).mp4 || break
done
"""
# A second SIGINT would end screenrecord before it has written its index (AOSP, screenrecord.cpp): each gets one.
STOP = f"""
cd {HERE} 2>/dev/null || exit 0
touch stop
n=0 asked=
while kill -0 "$(cat pid 2>/dev/null)" 2>/dev/null && [ $n -lt 100 ]; do
  for one in $(pidof screenrecord); do
    case " $asked " in *" $one "*) ;; *) kill -INT $one; asked="$asked $one" ;; esac
  done
  sleep 0.1
  n=$((n + 1))
done
"""


class Film:
    """`with Film(device, folder) as film:` the pieces are in `folder` after the block; `told` says what is missing."""

    def __init__(self, device: Device, folder: Path) -> None:
        self.device, self.folder = device, folder
        self.told: str | None = None
        self.files: list[str] = []

    def __enter__(self) -> "Film":
        stop(self.device)
        if self.device.shell("command -v screenrecord", check=False).code:
            self.told = "the screen was not filmed: this device has no screenrecord"
            return self
        self.device.shell(
            f"rm -rf {HERE}; mkdir -p {HERE}; nohup sh -c {quote(LOOP)} >/dev/null 2>&1 & exit 0"
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self.told:
            return
        try:
            stop(self.device)
            for name in self.device.shell(f"ls {HERE}", check=False).text.split():
                if name.endswith(".mp4"):
                    self.device.pull(f"{HERE}/{name}", self.folder / name)
                    (self.folder / name).chmod(0o600)
                    self.files.append(name)
            self.device.shell(f"rm -rf {HERE}")
        except DeviceError as fault:
            self.told = f"the film could not be copied whole: {fault}"
        if not self.files and not self.told:
            self.told = "the screen was not filmed: screenrecord wrote nothing"


def stop(device: Device) -> None:
    """End what films, if anything of ours does; a film is whole only if it is ended by SIGINT."""
    device.shell(STOP, check=False, timeout=30.0)

"""Virtual devices (AVDs): those there are, read from their own files, and a new one from an installed image.

Refuses an image with the Play Store, since nothing in it can be made to trust the proxy; avdmanager's own refusals are
told with the remedy. Files that cannot be read make an AVD that says so, never an exception.
"""

import re
from pathlib import Path
from typing import NamedTuple

from promptrail.device.emulator import faults
from promptrail.device.emulator.sdk import IMAGE, Image, Sdk
from promptrail.errors import DeviceError

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
HARDWARE = "pixel_6"
CREATING = 300.0


class Avd(NamedTuple):
    name: str
    path: Path
    image: Image | None
    """None if its files do not say."""
    fault: str | None = None
    """Why it will not start, as far as its files tell."""


def avds(sdk: Sdk) -> list[Avd]:
    """Those in the SDK's AVD home, by name."""
    return [_read(sdk, ini) for ini in sorted(sdk.avd_home.glob("*.ini"))]


def find(sdk: Sdk, name: str) -> Avd:
    """The AVD of this name; DeviceError if there is none, or it will not start."""
    there = avds(sdk)
    for one in there:
        if one.name == name:
            if one.fault:
                raise DeviceError(f"the AVD {name} will not start: {one.fault}.")
            return one
    listed = ", ".join(one.name for one in there) or "none"
    raise DeviceError(
        f"there is no AVD {name} in {sdk.avd_home} (there: {listed}). Make one: promptrail emulator create {name} "
        f'"{IMAGE}".',
        fault="unknown-avd",
    )


def create(sdk: Sdk, name: str, package: str = IMAGE, hardware: str = HARDWARE) -> Avd:
    """A new one; one that exists is never written over."""
    if not NAME.fullmatch(name):
        raise DeviceError(
            f"{name!r} is no name for an AVD: letters, digits and '_', and behind the first '.' and '-'."
        )
    image = sdk.image(package)
    if image.no_root:
        raise DeviceError(
            f"{package} is of no use here: {image.no_root}, so no CA can be put into its store. Take the same Android "
            f'without it: `sdkmanager "{_without_store(image).package}"`.',
            fault="production-build",
        )
    sdk.avd_home.mkdir(parents=True, exist_ok=True)
    arguments = ("create", "avd", "-n", name, "-k", package, "-d", hardware)
    # It asks whether to make a custom hardware profile if it does not know the device.
    answer = sdk.run("avdmanager", *arguments, stdin=b"no\n", timeout=CREATING)
    doing = f"avdmanager {' '.join(arguments)}"
    if answer.code != 0:
        raise faults.told(doing, answer.said)
    try:
        return find(sdk, name)
    except DeviceError as fault:
        raise DeviceError(f"{doing} said that it was done, and {fault}", answer.said) from None


def _read(sdk: Sdk, ini: Path) -> Avd:
    """`NAME.ini` says where the AVD's folder is, its config.ini which image it has (public form: key=value)."""
    name = ini.stem
    path = Path(_values(ini).get("path") or ini.with_suffix(".avd"))
    config = _values(path / "config.ini")
    if not config:
        return Avd(name, path, None, f"{path / 'config.ini'} cannot be read")
    parts = re.split(r"[\\/]+", config.get("image.sysdir.1", "").strip("\\/"))
    if len(parts) != 4 or parts[0] != "system-images":
        return Avd(name, path, None)
    image = Image(*parts[1:])
    installed = (sdk.root / "system-images" / image.platform / image.tag / image.abi).is_dir()
    missing = f'its image is not installed: `sdkmanager "{image.package}"`'
    return Avd(name, path, image, None if installed else missing)


def _values(file: Path) -> dict[str, str]:
    try:
        text = file.read_text("utf-8", "replace")
    except OSError:
        return {}
    found = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip() for key, _, value in found}


def _without_store(image: Image) -> Image:
    return image._replace(tag=image.tag.replace("_playstore", ""))

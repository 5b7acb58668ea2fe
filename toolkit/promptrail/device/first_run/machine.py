"""Steps on this machine: the SDK, virtualisation, an image with root, an AVD made from one."""

from promptrail.device.emulator import acceleration as accel
from promptrail.device.emulator import avd as avds
from promptrail.device.emulator import sdk
from promptrail.device.first_run.step import Seen, Visit, failed, not_run, passed

NO_NEED = "the device is no emulator, and needs none"


def the_sdk(visit: Visit) -> Seen:
    visit.sdk = found = sdk.find()
    for name in ("emulator", "avdmanager", "sdkmanager"):
        found.program(name)
    return passed(f"{found.root}: {version(found)}")


def version(found: sdk.Sdk) -> str:
    """The emulator's own line about itself."""
    answer = found.run("emulator", "-version", timeout=30.0)
    lines = [line for line in answer.said.splitlines() if "emulator version" in line.lower()]
    return (
        lines[0].rpartition("|")[2].strip()
        if lines
        else f"it does not tell its version ({answer.said[:120]})"
    )


def acceleration(visit: Visit) -> Seen:
    if is_phone(visit):
        return not_run(NO_NEED)
    found = accel.check(_sdk(visit))
    return passed(found.told) if found.usable else failed(f"{found.told} {found.remedy}.")


def image(visit: Visit) -> Seen:
    if is_phone(visit):
        return not_run(NO_NEED)
    there = _sdk(visit).images()
    rooted = [one.package for one in there if not one.no_root]
    if not rooted:
        others = "; ".join(f"{one.package} ({one.no_root})" for one in there) or "none is installed"
        return failed(f'no image with root: {others}. Install one: sdkmanager "{sdk.IMAGE}".')
    return passed(", ".join(f"{one.package} r{one.revision}" for one in there if not one.no_root))


def avd(visit: Visit) -> Seen:
    if is_phone(visit):
        return not_run(NO_NEED)
    if visit.avd:
        avds.find(_sdk(visit), visit.avd)
    found = [one for one in avds.avds(_sdk(visit)) if not one.fault and one.image and not one.image.no_root]
    if not found:
        return failed(f'none with root: promptrail emulator create NAME "{sdk.IMAGE}".')
    return passed(", ".join(f"{one.name} ({one.image.package})" for one in found if one.image))


def is_phone(visit: Visit) -> bool:
    """As far as it was named; another device is not known yet."""
    return bool(visit.serial) and not str(visit.serial).startswith("emulator-")


def _sdk(visit: Visit) -> sdk.Sdk:
    assert visit.sdk is not None, "this step has to name `sdk` among its needs"
    return visit.sdk

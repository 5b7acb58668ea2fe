"""Check of what a recording that broke off left on the device: it is remembered on this machine, and put back."""

from promptrail.device import before
from promptrail.device.doctor.bench import Bench
from promptrail.device.doctor.check import Evidence, Result, fault, ok


def recording(bench: Bench) -> Result:
    """Whether an earlier recording ended before it had put the device back."""
    left = before.left_behind(bench.phone.serial)
    if not left:
        return ok("no recording left this device changed")
    evidence = Evidence(f"ls {before.folder()}", None, tuple(str(one) for one in left[:4]))
    return fault(
        f"the device is as {len(left)} broken-off recordings left it: CA, proxy setting, packet filter or keyboard",
        "doctor --fix puts it back; the next recording on it does so, too",
        evidence,
    )


def put_back(bench: Bench) -> Evidence:
    """The last first: the memory of the oldest is that of the untouched device, and has the last word."""
    done: list[str] = []
    for one in before.left_behind(bench.phone.serial):
        done += before.put_back(bench.phone, one)
        before.forget(one)
    return Evidence("put back what a recording left", None, tuple(done))

"""Steps with the traffic: proxy, CA, route, a real handshake from the device, and all of it taken back."""

from promptrail.case import Case
from promptrail.device import ca_store
from promptrail.device.first_run.step import Seen, Visit, failed, passed
from promptrail.device.proxy import Proxy
from promptrail.device.routing import SettingsProxy
from promptrail.device.routing.settings import ABSENT, OFF
from promptrail.device.routing.settings import PROXY as SETTING
from promptrail.device.selftest import SelfTest

RUN = "first-run"


def proxy(visit: Visit) -> Seen:
    """In a case of its own, which is thrown away with everything in it."""
    visit.case = Case.create(visit.folder / "case")
    visit.test = SelfTest(visit.folder / "selftest.jsonl")
    made = Proxy(visit.case, RUN, scripts=visit.test.scripts, options=visit.test.options)
    visit.proxy = visit.traffic.enter_context(made)
    return passed(f"mitmdump listens on {made.host}")


def authority(visit: Visit) -> Seen:
    assert visit.proxy
    installed = ca_store.install(visit.phone, visit.proxy.ca)
    visit.traffic.callback(ca_store.remove, visit.phone)
    told = str(installed) + (f" {installed.transparency}" if installed.transparency else "")
    return passed(told) if installed.everywhere else failed(told)


def route(visit: Visit) -> Seen:
    assert visit.proxy
    made = SettingsProxy(visit.phone, visit.proxy.port)
    visit.route = visit.traffic.enter_context(made)
    if fault := made.fault():
        return failed(fault)
    changes = "; ".join(f"{one.what}: {one.before} -> {_after(one.after)}" for one in made.changes)
    return passed(" ".join([changes, *made.notes]))


def self_test(visit: Visit) -> Seen:
    """One client that gets through is proof; what another meets, such as Chrome's own demands, is told."""
    assert visit.test
    proofs = visit.test.run(visit.phone)
    told = " ".join(map(str, proofs))
    return passed(told) if any(proof.verdict == "passed" for proof in proofs) else failed(told)


def taken_back(visit: Visit) -> Seen:
    """The route's own record counts, and the device is asked again."""
    assert visit.proxy
    ca = visit.proxy.ca.read_bytes()
    visit.traffic.close()
    left = []
    if visit.route and (kept := [one.what for one in visit.route.changes if not one.undone]):
        left.append(f"not undone: {', '.join(kept)}")
    setting = visit.phone.shell(f"settings get global {SETTING}").text
    changed = visit.route.changes if visit.route else []
    for before in (one.before for one in changed if one.what == f"settings global {SETTING}"):
        if setting not in (before, OFF if before == ABSENT else before):
            left.append(f"{SETTING} is {setting}, and was {before}")
    copy = visit.folder / "ca.pem"
    copy.write_bytes(ca)
    if ca_store.installed(visit.phone, copy).name:
        left.append("the CA is still in the store")
    counted = visit.route.counted if visit.route else {}
    return (
        failed("; ".join(left))
        if left
        else passed(f"nothing is left; counted meanwhile: {counted or 'nothing'}")
    )


def _after(value: str) -> str:
    """A tunnel's port on this machine is another one each time, and says nothing."""
    return "tcp:PORT" if value.startswith("tcp:") else value

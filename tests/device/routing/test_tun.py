"""The proxy's own TUN interface on a Linux gateway: all of a device's IP goes in, and nothing without the proxy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail.device import ca_store
from promptrail.device.proxy import Proxy
from promptrail.device.routing import Tun
from promptrail.device.routing import tun as tun_module
from promptrail.device.routing.tun import TABLE
from promptrail.errors import RecordingError
from promptrail.lab.scenarios import KNOWN
from promptrail.lab.world import CHAT
from rigs.android import lab_phone
from rigs.android.lab_phone import Scene, asked, scene
from rigs.android.namespaces import why_not

pytestmark = pytest.mark.rig
(BEFORE,) = (scenario for scenario in KNOWN if scenario.run == "before-c2")
TRY = f"curl -sk -m 5 -o /dev/null -w '%{{http_code}}' https://{CHAT}/nothing; echo /$?"


@pytest.fixture
def the(tmp_path: Path) -> Iterator[Scene]:
    why_not(tun=True)
    with scene(tmp_path, behind=True) as one:
        yield one


def proxy(the: Scene) -> Proxy:
    trust = {"ssl_verify_upstream_trusted_ca": str(the.lab.ca)}
    return Proxy(the.case, "r", mode=Tun(the.gateway).mode, options=trust)


def state(the: Scene) -> list[str]:
    """All that the route changes on the gateway."""
    commands = [f"ip {v} rule; ip {v} route show table {TABLE} 2>/dev/null; true" for v in ("-4", "-6")]
    commands += ["iptables-save | grep promptrail; true", "ip6tables-save | grep promptrail; true"]
    commands += ["sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding"]
    return [the.gateway.do(command) for command in commands]


def test_a_session_is_recorded(the: Scene) -> None:
    """The app's session arrives through the interface, UDP to port 443 is refused and counted, nothing remains."""
    the.gateway.do("sysctl -qw net.ipv4.ip_forward=0")
    before = state(the)
    with the.gateway.start(proxy(the)) as running, Tun(the.gateway) as route:
        assert " 60 " in the.open(f"https://{CHAT}/x")
        assert ca_store.install(the.device, running.ca).everywhere
        lab_phone.prepare(the.phone, the.case, BEFORE, the.lab)
        lab_phone.play(the.phone)
        the.phone.run("bash -c 'echo quic >/dev/udp/203.0.113.11/443'")
    assert len(set(asked(running))) == 3 and route.counted["quic_packets_refused"] == 1
    assert state(the) == before and all(change["undone"] for change in route.record()["changes"])


def test_it_fails_closed(the: Scene) -> None:
    """The interface goes with the proxy, and then nothing is reachable, though the way is open before and after."""
    assert the.phone.run(TRY) == "404/0"
    with (
        pytest.raises(RecordingError, match="ended before"),
        the.gateway.start(proxy(the)) as running,
        Tun(the.gateway),
    ):
        assert the.phone.run(TRY) == "404/0"
        running._process.kill()
        running._process.wait()
        assert the.phone.run(TRY) == "000/7"  # no route, at once
    assert the.phone.run(TRY) == "404/0"


def test_without_its_proxy_there_is_no_route(the: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interface is the proxy's: where there is none, the error says what to start, and nothing was changed."""
    monkeypatch.setattr(tun_module, "WAIT", 0.1)
    before = state(the)
    with pytest.raises(RecordingError, match="in mode tun:promptrail0"):
        Tun(the.gateway).__enter__()
    assert state(the) == before

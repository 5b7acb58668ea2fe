"""A Linux gateway that takes a device's TCP on its way: what it records, refuses, counts; and that it fails closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail.device import ca_store
from promptrail.device.proxy import Proxy
from promptrail.device.routing import Gateway, Transparent
from promptrail.errors import RecordingError
from promptrail.lab.scenarios import KNOWN
from promptrail.lab.world import CHAT
from rigs.android import lab_phone
from rigs.android.lab_phone import Scene, asked, scene

pytestmark = pytest.mark.rig
(BEFORE,) = (scenario for scenario in KNOWN if scenario.run == "before-c2")
TRY = f"curl -sk -m 5 -o /dev/null -w '%{{http_code}}' https://{CHAT}/nothing; echo /$?"


@pytest.fixture
def the(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path, behind=True) as one:
        yield one


def proxy(the: Scene) -> Proxy:
    trust = {"ssl_verify_upstream_trusted_ca": str(the.lab.ca)}
    return Proxy(the.case, "r", host="", mode="transparent", options=trust)


def rules(the: Scene) -> list[str]:
    """The gateway's packet filter, without its counters and dates."""
    saved = [the.gateway.do(f"{tool}-save") for tool in ("iptables", "ip6tables")]
    return [
        line for text in saved for line in text.splitlines() if line.startswith("-A") or "promptrail" in line
    ]


def test_a_session_is_recorded_without_a_proxy_setting(the: Scene) -> None:
    """Refused before the CA is installed, recorded with the names of its hosts after; the rules are gone in the end."""
    before = rules(the)
    with the.gateway.start(proxy(the)) as running, Transparent(the.gateway, running.port) as route:
        assert " 60 " in the.open(f"https://{CHAT}/x") and asked(running) == []
        assert ca_store.install(the.device, running.ca).everywhere
        lab_phone.prepare(the.phone, the.case, BEFORE, the.lab)
        lab_phone.play(the.phone)
    assert len(set(asked(running))) == 3 and not lab_phone.said(the.phone)
    assert rules(the) == before and all(change["undone"] for change in route.record()["changes"])


def test_it_fails_closed(the: Scene) -> None:
    """Without the proxy nothing passes, though the way is open before and after: nobody sends unrecorded by mistake."""
    assert the.phone.run(TRY) == "404/0"
    with (
        pytest.raises(RecordingError, match="ended before"),
        the.gateway.start(proxy(the)) as running,
        Transparent(the.gateway, running.port),
    ):
        assert the.phone.run(TRY) == "404/0" and len(asked(running)) == 1
        running._process.kill()
        running._process.wait()
        assert the.phone.run(TRY) == "000/7"  # refused at once
    assert the.phone.run(TRY) == "404/0"


def test_quic_is_refused_and_counted_in_both_ip_versions(the: Scene) -> None:
    """UDP to port 443 is answered "unreachable", what is sent to the gateway and what would go through it."""
    with the.gateway.start(proxy(the)) as running, Transparent(the.gateway, running.port) as route:
        for to in ("203.0.113.11", "10.66.1.1", "2001:db8::1"):
            the.phone.run(f"bash -c 'echo quic >/dev/udp/{to}/443'")
        assert route.count()["quic_packets_refused"] == 3
    assert route.record()["counted"]["quic_packets_refused"] == 3


def test_ipv6_is_redirected_too(the: Scene) -> None:
    """A connection over IPv6 ends at the proxy as well, and not beyond."""
    with the.gateway.start(proxy(the)) as running, Transparent(the.gateway, running.port):
        the.phone.run("curl -sk -m 5 https://[2001:db8::11]/", check=False)
        chain = the.gateway.do("ip6tables -w -t nat -L promptrail-tcp -v -n -x")
    assert [line.split()[0] for line in chain.splitlines() if "REDIRECT" in line] == ["1"]


def test_leftovers_of_a_run_that_was_killed(the: Scene) -> None:
    """A route whose process died is replaced, and nothing of either remains."""
    before = rules(the)
    with the.gateway.start(proxy(the)) as running:
        dead = Transparent(the.gateway, 9)
        dead.__enter__()
        with Transparent(the.gateway, running.port):
            assert the.phone.run(TRY) == "404/0"
        assert rules(the) == before


def test_a_gateway_that_cannot_is_told() -> None:
    """No such namespace: the error has the command, and its words."""
    with pytest.raises(RecordingError, match=r"iptables -w -t nat -N .*ended with 1"):
        Transparent(Gateway("dev0", Path("/proc/1/ns/none")), 8080).__enter__()

"""The settings proxy on a stand-in for a phone: the lab's app is refused, recorded, and the device left as it was."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from promptrail.case.evidence import LINES, seal, verify
from promptrail.device import ca_store, packets
from promptrail.device.routing import SettingsProxy
from promptrail.device.routing.passed import passed
from promptrail.errors import RecordingError
from promptrail.lab.answer_key import EVENTS, KEY
from promptrail.lab.scenarios import KNOWN
from promptrail.lab.world import CHAT, CLOUD
from rigs.android import lab_phone
from rigs.android.lab_phone import Scene, asked, scene
from rigs.android.namespaces import DEVICE, UPLINK, until

pytestmark = pytest.mark.rig
(BEFORE,) = (scenario for scenario in KNOWN if scenario.run == "before-c2")


@pytest.fixture
def the(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as one:
        yield one


def settings(the: Scene) -> dict[str, Any]:
    """What a route may change on the device."""
    filters = [f"{tool}-save -t filter" for tool in ("iptables", "ip6tables")]
    rules = [line for f in filters for line in the.phone.run(f).splitlines() if "promptrail" in line]
    return {
        "settings": the.phone.run("settings list global"),
        "tunnels": the.device.reverses(),
        "rules": rules,
    }


def test_refused_then_recorded_then_as_before(the: Scene) -> None:
    """The whole way: the app refuses the proxy, the CA goes in, a driven session is recorded, nothing is left."""
    before = settings(the)
    with the.proxy(BEFORE.run) as proxy, SettingsProxy(the.device, proxy.port) as route:
        assert " 60 " in the.open(f"https://{CHAT}/v1/settings") and asked(proxy) == []
        assert ca_store.install(the.device, proxy.ca).everywhere
        assert the.open(f"https://{CHAT}/nothing").endswith("404") and asked(proxy) == [CHAT]
        lab_phone.prepare(the.phone, the.case, BEFORE, the.lab, driven=True)
        the.phone.run(f"am start -W -n {lab_phone.PACKAGE}/.Main")
        until(lambda: the.phone.file(f"/data/data/{lab_phone.PACKAGE}/screen.xml").exists())
        probes = {p.probe: p.text for p in the.case.declared_probes}
        the.phone.run("input tap 500 200")
        the.phone.run(f"printf %s '{probes['p3']}' | input typed -; input keyevent 66; input keyevent 3")
        until(lambda: "end" in lab_phone.events(the.phone))
        lab_phone.collect(the.device, proxy.folder)
        assert not ca_store.remove(the.device).left
    seal(proxy.folder, [EVENTS, KEY])
    assert verify(proxy.folder) == [] and set(asked(proxy)) == {CHAT, CLOUD}
    key = [json.loads(line) for line in (proxy.folder / KEY).read_text("utf-8").splitlines()]
    assert {line["host"] for line in key if line["probe"] == "p3"} == {CHAT, CLOUD}
    assert settings(the) == before
    assert all(change["undone"] for change in route.record()["changes"]) and route.record()["notes"] == []


def test_a_session_of_the_lab_by_itself(the: Scene) -> None:
    """The lab's own session runs on the device through the tunnel, the pinned kit's alert included."""
    with the.proxy() as proxy, SettingsProxy(the.device, proxy.port):
        ca_store.install(the.device, proxy.ca)
        lab_phone.prepare(the.phone, the.case, BEFORE, the.lab)
        lab_phone.play(the.phone)
        ca_store.remove(the.device)
    lines = (proxy.folder / LINES).read_text("utf-8")
    assert len(set(asked(proxy))) == 3 and "edge.quillmark.example" in lines


def test_old_values_come_back(the: Scene) -> None:
    """A proxy, an exclusion list and a tunnel that were there are there again, after an error in the block as well."""
    for name, value in (
        ("http_proxy", "192.0.2.1:3128"),
        ("global_http_proxy_exclusion_list", "a.test,b.test"),
    ):
        the.phone.run(f"settings put global {name} {value}")
    the.device.reverse(8080, 9)
    before = settings(the)
    with (
        pytest.raises(ZeroDivisionError),
        the.proxy() as proxy,
        SettingsProxy(the.device, proxy.port) as route,
    ):
        now = settings(the)
        assert "http_proxy=127.0.0.1:8080" in now["settings"] and "a.test" not in now["settings"]
        assert now["tunnels"] == [(8080, proxy.port)]
        raise ZeroDivisionError
    assert settings(the) == before
    told = {change["what"]: change["before"] for change in route.record()["changes"]}
    assert told["settings global http_proxy"] == "192.0.2.1:3128" and told["adb reverse tcp:8080"] == "tcp:9"


def test_quic_is_refused_and_counted(the: Scene) -> None:
    """UDP to port 443 is answered with a refusal on the device itself, over both IP versions, and counted."""
    ask = 'for to in 203.0.113.11 fd66::1; do bash -c "echo quic >/dev/udp/$to/443"; done'
    with the.proxy() as proxy, SettingsProxy(the.device, proxy.port) as route:
        the.phone.run(ask, check=False)
    assert route.counted["quic_packets_refused"] == 2 and route.counted["quic_bytes_refused"] > 50


def test_without_root_the_record_says_what_was_not_done(the: Scene) -> None:
    """The route lies without root, and its record says that QUIC was not refused."""
    user = {"rooted": False, "user_build": True, "unrooted": ["setpriv", "--reuid=2000", "--"]}
    the.phone.run("mkdir -p /data/system/settings/global && chmod -R 777 /data/system")
    with (
        the.phone.adbd(**user) as adbd,
        the.proxy() as proxy,
        SettingsProxy(adbd.device(), proxy.port) as route,
    ):
        assert "http_proxy=127.0.0.1:8080" in the.phone.run("settings list global")
    record = route.record()
    assert [note[:17] for note in record["notes"]] == ["QUIC was not refu"] and record["counted"] == {}
    assert all(change["undone"] for change in record["changes"])


def test_what_went_past_it_is_counted(the: Scene) -> None:
    """An app that ignores the setting is seen by the packets on the gateway, and what the proxy got is not counted."""
    folder = the.case.path / "beside"
    folder.mkdir()
    with (
        the.proxy() as proxy,
        SettingsProxy(the.device, proxy.port, refuse_quic=False),
        the.gateway.start(packets.Packets(folder, UPLINK, "")),
    ):
        ca_store.install(the.device, proxy.ca)
        the.open(f"https://{CHAT}/seen")
        the.phone.run("curl -sk -m 3 https://203.0.113.12/past", check=False)
        the.phone.run("bash -c 'echo quic >/dev/udp/203.0.113.13/443'")
    went = passed(folder / packets.FILE, [DEVICE])
    assert went.figures()["past_tcp_connections"] == 1 and went.figures()["past_quic_packets"] == 1
    assert {(row.protocol, row.address) for row in went.rows} == {
        ("tcp", "203.0.113.12"),
        ("udp", "203.0.113.13"),
    }
    assert asked(proxy) == [CHAT]


def test_a_tunnel_that_is_gone_is_told(the: Scene) -> None:
    """After a reconnection the device's traffic leads nowhere; the route knows why, and how to mend it."""
    with the.proxy() as proxy, SettingsProxy(the.device, proxy.port) as route:
        assert route.fault() is None
        the.device.unreverse()
        assert f"adb reverse tcp:8080 tcp:{proxy.port}" in (route.fault() or "")
        the.device.reverse(8080, proxy.port)
        the.phone.run("settings put global http_proxy 192.0.2.9:1")
        assert "192.0.2.9:1" in (route.fault() or "")


def test_what_cannot_be_undone_is_an_error(the: Scene) -> None:
    """A device that went away keeps its setting: the error names it, with the value that was there before."""
    with (
        pytest.raises(RecordingError, match=r"settings global http_proxy \(before: null\)"),
        the.proxy() as proxy,
        the.phone.adbd() as second,
        SettingsProxy(second.device(), proxy.port, refuse_quic=False),
    ):
        second.go_away()

"""The WireGuard route: its configuration against mitmproxy's own, the app's commands against a stand-in for the app."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from promptrail.case import Case
from promptrail.device import ca_store
from promptrail.device.authority import authority
from promptrail.device.device import Device
from promptrail.device.proxy import Proxy
from promptrail.device.routing import WireGuard, wireguard
from promptrail.device.selftest import PROBERS, SelfTest
from promptrail.errors import DeviceError, InputError, RecordingError
from promptrail.lab.scenarios import KNOWN
from promptrail.lab.world import CHAT
from rigs.android import lab_phone, rom
from rigs.android.lab_phone import Scene, asked, scene
from rigs.android.namespaces import GATEWAY, Phone, why_not

APP = rom.Package(
    wireguard.APP, "ip tuntap add tun0 mode tun", files=(("files/promptrail.conf", b"[Interface]\n"),)
)


@pytest.fixture
def there() -> Iterator[tuple[Phone, Device]]:
    with Phone(packages=[APP]) as phone, phone.adbd() as adbd:
        yield phone, adbd.device()


@pytest.mark.rig
def test_the_configuration_is_mitmproxy_s(tmp_path: Path) -> None:
    """It fits the keys that mitmproxy makes when it runs in this mode, and the address on which it listens."""
    import mitmproxy_rs

    case = Case.create(tmp_path / "case")
    with Proxy(case, "r", mode="wireguard") as proxy:
        text = wireguard.configuration(authority(case), "198.51.100.7", proxy.port)
    keys = json.loads((authority(case) / wireguard.KEYS).read_text())
    public = mitmproxy_rs.wireguard.pubkey(keys["server_key"])
    assert f"PublicKey = {public}\n" in text and f"PrivateKey = {keys['client_key']}\n" in text
    assert f"Endpoint = 198.51.100.7:{proxy.port}\n" in text


@pytest.mark.parametrize("keys", [None, "{}", "[]", '{"server_key": "AA==", "client_key": ""}', "no json"])
def test_keys_that_are_none(tmp_path: Path, keys: str | None) -> None:
    """Without mitmproxy's keys there is no configuration; the error says how they come to be."""
    if keys is not None:
        (tmp_path / wireguard.KEYS).write_text(keys)
    with pytest.raises(InputError, match="--mode wireguard"):
        wireguard.configuration(tmp_path, "198.51.100.7", 51820)


def test_the_instructions_name_the_tunnel(tmp_path: Path) -> None:
    """The app calls a tunnel after its file."""
    text = "\n".join(wireguard.instructions(tmp_path / "promptrail.conf"))
    assert "the tunnel is called promptrail" in text and "Allow remote control apps" in text


@pytest.mark.rig
def test_on_and_off_again(there: tuple[Phone, Device]) -> None:
    """The tunnel is up inside the block; permission and tunnel are as before after it."""
    phone, device = there
    with WireGuard(device) as route:
        assert "tun0" in phone.run("ip link") and "allow" in phone.run(
            f"cmd appops get {APP.name} ACTIVATE_VPN"
        )
    assert "tun0" not in phone.run("ip link") and "default" in phone.run(
        f"cmd appops get {APP.name} ACTIVATE_VPN"
    )
    assert [change["undone"] for change in route.record()["changes"]] == [True, True]
    assert route.record()["mode"] == "wireguard"


@pytest.mark.rig
def test_a_tunnel_that_was_left_behind_is_taken_down(there: tuple[Phone, Device]) -> None:
    """Of a process that was killed: by what it remembered, tunnel and permission are as before. Twice does no harm."""
    phone, device = there
    kept = WireGuard(device).remember()
    WireGuard(device).__enter__()
    for _ in range(2):
        WireGuard(device).abandon(kept)
        assert "tun0" not in phone.run("ip link")
        assert "default" in phone.run(f"cmd appops get {APP.name} ACTIVATE_VPN")


@contextmanager
def behind(tmp_path: Path, test: SelfTest | None = None) -> Iterator[tuple[Scene, Proxy]]:
    """A proxy in this mode on the gateway, and a tunnel to it in the stand-in for the app."""
    why_not(tun=True)
    with scene(tmp_path, behind=True, more=[lab_phone.WIREGUARD]) as the:
        options = {"ssl_verify_upstream_trusted_ca": str(the.lab.ca), **(test.options if test else {})}
        scripts = test.scripts if test else []
        made = Proxy(the.case, "r", host=GATEWAY, mode="wireguard", scripts=scripts, options=options)
        with the.gateway.start(made) as proxy:
            text = wireguard.configuration(authority(the.case), GATEWAY, proxy.port)
            files = the.phone.file(f"/data/data/{wireguard.APP}/files")
            files.mkdir(parents=True)
            (files / "promptrail.conf").write_text(text)
            yield the, proxy


@pytest.mark.rig
def test_a_session_is_recorded(tmp_path: Path) -> None:
    """Through a tunnel of WireGuard's own protocol to mitmproxy's server: refused before the CA, recorded after."""
    (plan,) = (scenario for scenario in KNOWN if scenario.run == "before-c2")
    with behind(tmp_path) as (the, proxy):
        with WireGuard(the.device) as route:
            assert " 60 " in the.open(f"https://{CHAT}/x")
            ca_store.install(the.device, proxy.ca)
            lab_phone.prepare(the.phone, the.case, plan, the.lab)
            lab_phone.play(the.phone)
        assert "tun0" not in the.phone.run("ip link; ip route")
    assert len(set(asked(proxy))) == 3 and all(change["undone"] for change in route.record()["changes"])


@pytest.mark.rig
def test_the_self_test_goes_through_it(tmp_path: Path) -> None:
    """It passes in the tunnel and only there, with the CA as the zygote sees it."""
    test = SelfTest(tmp_path / "selftest.jsonl")

    def verdict() -> str:
        (proof,) = test.run(the.device, PROBERS[:1], by_name=WireGuard.by_name, process="zygote64", wait=1.0)
        return proof.verdict

    with behind(tmp_path, test) as (the, proxy):
        ca_store.install(the.device, proxy.ca)
        assert verdict() == "no route"
        with WireGuard(the.device):
            assert verdict() == "passed"


@pytest.mark.rig
def test_it_fails_closed_for_ipv4(tmp_path: Path) -> None:
    """Without the proxy the tunnel leads nowhere; IPv6 does not go through it, which `misses` says."""
    ask = f"curl -sk -m 3 -o /dev/null -w '%{{http_code}}' https://{CHAT}/nothing; echo /$?"
    with pytest.raises(RecordingError, match="ended before"), behind(tmp_path) as (the, proxy):
        assert the.phone.run(ask) == "404/0"
        with WireGuard(the.device) as route:
            assert the.phone.run(ask) == "404/0" and len(asked(proxy)) == 1
            proxy._process.kill()
            proxy._process.wait()
            assert the.phone.run(ask) == "000/28"
        assert the.phone.run(ask) == "404/0" and "IPv6" in route.misses


@pytest.mark.rig
@pytest.mark.parametrize(
    ("before", "tunnel", "says"),
    [
        ("rm -r /data/app/com.wireguard.android", "promptrail", "install the WireGuard app"),
        ("true", "another", "Allow remote control apps"),
        ("ip tuntap add tun3 mode tun", "promptrail", "a VPN is on already"),
    ],
    ids=["no app", "no such tunnel", "another VPN"],
)
def test_what_is_missing_is_told(
    there: tuple[Phone, Device], monkeypatch: pytest.MonkeyPatch, before: str, tunnel: str, says: str
) -> None:
    """Each lack has its sentence, and what was changed until then is undone."""
    monkeypatch.setattr(wireguard, "WAIT", 0.3)
    phone, device = there
    phone.run(before)
    with pytest.raises(DeviceError, match=re.escape(says)), WireGuard(device, tunnel):
        pytest.fail("it cannot be up")
    assert "allow" not in phone.run(f"cmd appops get {APP.name} ACTIVATE_VPN")

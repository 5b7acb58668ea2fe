"""The checks of the way that traffic takes: what a broken-off session leaves, what --fix takes away, and the CA."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.doctor.patients import examined, machine, patient, result
from promptrail.case import Case
from promptrail.device import ca_store
from promptrail.device.authority import CERTIFICATE, authority
from promptrail.device.doctor.bench import Bench
from rigs.android.adbd import Adbd
from rigs.android.namespaces import Phone

DEVICE_PORT = 39100


@pytest.fixture
def proxy() -> Iterator[int]:
    """A port on which something listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def put(adbd: Adbd, value: str) -> None:
    adbd.device().shell(f"settings put global http_proxy {value}")


def setting(adbd: Adbd) -> str:
    return adbd.device().shell("settings get global http_proxy").text


@pytest.mark.parametrize("value", ["", ":0"])
def test_no_proxy_is_set(tmp_path: Path, value: str) -> None:
    """Never set, or switched off."""
    with patient(tmp_path) as (adbd, bench):
        if value:
            put(adbd, value)
        assert result(bench, "proxy-setting").state == "ok"


def test_a_setting_that_was_left_behind(tmp_path: Path, closed: int) -> None:
    """Its tunnel is gone with the session: both are told, --fix resets the setting and nothing is left to say."""
    with patient(tmp_path) as (adbd, bench):
        put(adbd, f"127.0.0.1:{closed}")
        found = examined(bench, "proxy-setting", "tunnel")
        assert found["proxy-setting"].result.state == found["tunnel"].result.state == "fault"
        assert "was left behind" in found["proxy-setting"].result.told
        assert "it is gone" in found["tunnel"].result.told
        found = examined(bench, "proxy-setting", "tunnel", fix=True)
        assert found["proxy-setting"].result.state == found["tunnel"].result.state == "ok"
        assert "put global http_proxy :0" in found["proxy-setting"].fixed[0].command
        assert setting(adbd) == ":0"


def test_a_tunnel_to_a_proxy_that_ended(tmp_path: Path, closed: int) -> None:
    """The setting and its tunnel are there, the proxy is not."""
    with patient(tmp_path) as (adbd, bench):
        adbd.device().reverse(DEVICE_PORT, closed)
        put(adbd, f"127.0.0.1:{DEVICE_PORT}")
        found = examined(bench, "proxy-setting", "tunnel")
        assert "was left behind" in found["proxy-setting"].result.told
        assert f"port {closed}" in found["tunnel"].result.told
        found = examined(bench, "proxy-setting", "tunnel", fix=True)
        assert {row.result.state for row in found.values()} == {"ok"}
        assert adbd.device().reverses() == [] and setting(adbd) == ":0"


def test_a_session_that_runs_is_left_alone(tmp_path: Path, proxy: int) -> None:
    """Even with --fix: something listens where the setting leads."""
    with patient(tmp_path) as (adbd, bench):
        adbd.device().reverse(DEVICE_PORT + 1, proxy)
        put(adbd, f"127.0.0.1:{DEVICE_PORT + 1}")
        found = examined(bench, "proxy-setting", "tunnel", fix=True)
        assert "a session runs" in found["proxy-setting"].result.told
        assert not any(row.fixed for row in found.values())
        assert adbd.device().reverses() and setting(adbd) != ":0"


@pytest.mark.parametrize("live", [True, False])
def test_the_emulators_name_for_this_machine(tmp_path: Path, proxy: int, closed: int, live: bool) -> None:
    """10.0.2.2 needs no tunnel."""
    with patient(tmp_path) as (adbd, bench):
        put(adbd, f"10.0.2.2:{proxy if live else closed}")
        found = examined(bench, "proxy-setting", "tunnel")
    assert found["proxy-setting"].result.state == ("ok" if live else "fault")
    assert found["tunnel"].result.state == "ok"


@pytest.mark.parametrize("value", ["proxy.example:3128", "127.0.0.1", "127.0.0.1:x", "'a b'"])
def test_somebody_elses_proxy(tmp_path: Path, value: str) -> None:
    """Told, with the way to take it away."""
    with patient(tmp_path) as (adbd, bench):
        put(adbd, value)
        found = result(bench, "proxy-setting")
    assert found.state == "fault" and "http_proxy :0" in found.remedy


@pytest.mark.parametrize(
    ("sdk", "state"), [("34", "ok"), ("35", "ok"), ("36", "fault"), ("37", "fault"), ("", "not checked")]
)
def test_certificate_transparency(tmp_path: Path, sdk: str, state: str) -> None:
    """From Android 16 on an app may ask for it."""
    with patient(tmp_path, properties={"ro.build.version.sdk": sdk}) as (_, bench):
        found = result(bench, "transparency")
    assert found.state == state and (state != "fault" or "SDK 35" in found.remedy)


def test_the_authority_is_of_a_case(tmp_path: Path) -> None:
    """Without a case, and before the CA of a case was made, there is none to look for."""
    with patient(tmp_path, su="magisk") as (_, bench):
        assert "--case" in result(bench, "authority").remedy
        bench.case = Case.create(tmp_path / "case")
        found = result(bench, "authority")
    assert found.state == "not checked" and "before its first recording" in found.told


def test_an_authority_that_is_not_in_the_store(tmp_path: Path) -> None:
    """A device that trusts others only."""
    case = Case.create(tmp_path / "case")
    authority(case)
    with patient(tmp_path, su="magisk", more={"ls": "exit 1"}) as (_, bench):
        bench.case = case
        found = examined(bench, "authority")["authority"]
    assert found.result.state == "fault" and "not in /system/etc/security/cacerts" in found.result.remedy
    assert found.severity == "recommended"


def test_an_authority_nobody_asked_for_is_optional(tmp_path: Path) -> None:
    """What was not named hangs on nothing."""
    bench = Bench(programs=machine(tmp_path))
    assert examined(bench, "authority")["authority"].severity == "optional"


def test_the_authority_in_a_device_of_namespaces(tmp_path: Path) -> None:
    """A fault before it is installed, ok in every namespace afterwards, a fault again when it was taken away."""
    case = Case.create(tmp_path / "case")
    ca = authority(case) / CERTIFICATE
    others = authority(Case.create(tmp_path / "other")) / CERTIFICATE
    with Phone(authorities=[others.read_bytes()]) as phone, phone.adbd() as adbd:
        device = adbd.device()
        bench = Bench(adb=adbd.adb, case=case)
        assert result(bench, "authority").state == "fault"
        ca_store.install(device, ca)
        found = result(bench, "authority")
        assert found.state == "ok" and found.told.startswith(
            "the case's CA is in /apex/com.android.conscrypt/cacerts"
        )
        ca_store.remove(device)
        assert result(bench, "authority").state == "fault"

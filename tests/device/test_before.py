"""What a recording may change on a device is remembered, put back, and found again when the recording was killed."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from device.scenario.stages import PACKAGE, phone
from promptrail.case import Case
from promptrail.device import before, keyboard
from promptrail.device.device import Device
from promptrail.device.doctor import Bench, leftovers
from promptrail.device.film import HERE, Film
from promptrail.device.routing import Gateway, Transparent, Tun
from promptrail.device.routing.tun import TABLE
from promptrail.errors import DeviceError, RecordingError
from rigs.android.namespaces import UPLINK, Phone, why_not
from rigs.mitmdump import ROOT

pytestmark = pytest.mark.rig
LATIN = "com.android.inputmethod.latin/.LatinIME"


@pytest.fixture(scope="module")
def there() -> Iterator[tuple[Phone, Device]]:
    with phone() as one:
        yield one


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case")


def state(there: tuple[Phone, Device]) -> dict[str, Any]:
    """What the tests below change."""
    return {
        "settings": there[0].run("settings list global; settings list secure"),
        "tunnels": there[1].reverses(),
        "files": there[0].run("ls -A /data/local/tmp"),
        "packages": there[0].run("pm list packages"),
        "runs": there[0].run(f"pidof {PACKAGE}", check=False) != "",
    }


def remember(there: tuple[Phone, Device], case: Case, run: str = "r", **more: Any) -> before.Before:
    return before.remember(there[1], case, run, PACKAGE, 8080, root=False, **more)


def change(there: tuple[Phone, Device]) -> None:
    """All that a recording does to settings, tunnels, files and apps."""
    one, device = there
    device.reverse(8080, 9)
    one.run(
        "settings put global http_proxy 127.0.0.1:8080; settings put global window_animation_scale 0; "
        f"settings delete global global_proxy_pac_url; ime set {keyboard.IME}; mkdir /data/app/{keyboard.APP}; "
        f"touch /data/local/tmp/promptrail-x /data/local/tmp/theirs; am start -W -n {PACKAGE}/.Main"
    )


@pytest.fixture
def user(there: tuple[Phone, Device]) -> Iterator[None]:
    """A phone on which somebody has set things of their own."""
    there[0].run(
        f"rm -rf /data/system/settings /data/local/tmp/*; settings put global http_proxy 192.0.2.1:3128; am force-stop "
        f"{PACKAGE}; settings put global global_proxy_pac_url 'http://a.test/x y'; settings put secure "
        f"default_input_method {LATIN}; touch /data/local/tmp/theirs; rm -rf /data/app/{keyboard.APP}"
    )
    there[1].unreverse()
    there[1].reverse(8080, 3128)
    yield
    there[1].unreverse()


@pytest.mark.usefixtures("user")
def test_everything_comes_back(there: tuple[Phone, Device], case: Case) -> None:
    """Settings with and without a value, the tunnel, the keyboard and its app, our files; not what was theirs."""
    was = state(there)
    kept = remember(there, case)
    change(there)
    assert state(there) != was
    done = before.put_back(there[1], kept)
    assert state(there) == was
    assert any("http_proxy: 127.0.0.1:8080 -> 192.0.2.1:3128" in line for line in done)
    assert before.put_back(there[1], kept) == []  # a second time does nothing
    before.forget(kept)
    assert list(before.folder().iterdir()) == []


@pytest.mark.usefixtures("user")
def test_what_nobody_had_set_is_absent_again(there: tuple[Phone, Device], case: Case) -> None:
    """A value is not left empty where there was none; the proxy is switched off before it goes."""
    there[0].run("rm -r /data/system/settings")
    was = state(there)
    kept = remember(there, case)
    there[0].run("settings put global http_proxy 127.0.0.1:8080; settings put global global_proxy_pac_url x")
    before.put_back(there[1], kept)
    assert state(there) == was
    before.forget(kept)


def test_what_a_broken_off_return_left_is_taken_away(there: tuple[Phone, Device], case: Case) -> None:
    """Killed after `:0` was set: the system has derived an empty host from it, which is not the same as none."""
    there[0].run("rm -rf /data/system/settings")
    kept = remember(there, case)
    at_first = state(there)
    there[0].run("settings put global http_proxy :0; settings delete global http_proxy")
    assert "global_http_proxy_host=" in state(there)["settings"]
    before.put_back(there[1], kept)
    before.forget(kept)
    assert state(there) == at_first


@pytest.mark.usefixtures("user")
def test_an_app_that_ran_before_runs_on(there: tuple[Phone, Device], case: Case) -> None:
    """Only what the recording started is ended."""
    there[0].run(f"am start -W -n {PACKAGE}/.Main")
    kept = remember(there, case)
    before.put_back(there[1], kept)
    before.forget(kept)
    assert state(there)["runs"]


@pytest.mark.usefixtures("user")
def test_a_film_that_goes_on_is_ended(there: tuple[Phone, Device], case: Case, tmp_path: Path) -> None:
    """screenrecord of a killed recording would fill the device for hours."""
    kept = remember(there, case)
    Film(there[1], tmp_path).__enter__()
    assert there[0].run("until pidof screenrecord; do sleep 0.1; done")
    before.put_back(there[1], kept)
    before.forget(kept)
    assert not there[0].run("pidof screenrecord", check=False) and not there[0].file(HERE).exists()


@pytest.mark.usefixtures("user")
def test_rules_on_the_gateway_are_taken_away(there: tuple[Phone, Device], case: Case) -> None:
    """The transparent route of a killed recording cuts its device off; somebody else's rules stay."""
    gateway = Gateway(UPLINK, there[0].gateway.path)
    gateway.do("iptables -t nat -A PREROUTING -p tcp --dport 9 -j ACCEPT")
    saved = "iptables-save | grep -e -A; ip6tables-save | grep -e -A; true"
    was = gateway.do(saved)
    kept = remember(there, case, laid=("transparent", gateway))
    Transparent(gateway, 9).__enter__()
    assert gateway.do(saved) != was
    assert before.put_back(there[1], kept) == [f"the route transparent on {UPLINK} taken back"]
    before.forget(kept)
    assert gateway.do(saved) == was


@pytest.mark.usefixtures("user")
def test_a_diversion_on_the_gateway_is_taken_away(there: tuple[Phone, Device], case: Case) -> None:
    """The tun route of a killed recording: its rules, its table, and the settings of the whole gateway."""
    why_not(tun=True)
    gateway = Gateway(UPLINK, there[0].gateway.path)
    gateway.do("sysctl -qw net.ipv4.ip_forward=0")
    state = f"iptables-save | grep -e -A; ip rule; ip -6 rule; ip route show table {TABLE}; sysctl net.ipv4.ip_forward"
    was = gateway.do(f"{state}; true")
    kept = remember(there, case, laid=("tun", gateway))
    gateway.do("ip tuntap add promptrail0 mode tun; ip link set promptrail0 up")
    Tun(gateway).__enter__()
    gateway.do("ip link del promptrail0")  # as it goes with the proxy
    assert gateway.do(f"{state}; true") != was
    assert before.put_back(there[1], kept) == [f"the route tun on {UPLINK} taken back"]
    before.forget(kept)
    assert gateway.do(f"{state}; true") == was


@pytest.mark.usefixtures("user")
def test_a_gateway_that_is_gone_took_its_rules_along(there: tuple[Phone, Device], case: Case) -> None:
    """A namespace that ended is no fault."""
    kept = remember(there, case, laid=("transparent", Gateway(UPLINK, Path("/proc/none/ns/net"))))
    assert before.put_back(there[1], kept) == []
    before.forget(kept)


def test_a_recording_that_runs_is_not_left_behind(there: tuple[Phone, Device], case: Case) -> None:
    """What it keeps is found when it has let go of it, by this device's serial only; the last recording comes first."""
    serial = there[1].serial
    first, second = remember(there, case, "first"), remember(there, case, "second")
    assert before.left_behind(serial) == []
    before.let_go(first)
    before.let_go(second)
    assert [one.run for one in before.left_behind(serial)] == ["second", "first"]
    assert before.left_behind("another") == []
    assert "the recording first of " in str(first) and str(case.path) in str(first)


@pytest.mark.usefixtures("user")
def test_the_oldest_memory_has_the_last_word(there: tuple[Phone, Device], case: Case) -> None:
    """A recording that was begun on a device that another had left: the doctor brings back the untouched one."""
    was = state(there)
    first = remember(there, case, "first")
    change(there)
    second = remember(there, case, "second")
    there[0].run("settings put global http_proxy 127.0.0.1:9999")
    before.let_go(first)
    before.let_go(second)
    bench = Bench(serial=there[1].serial, device=there[1])
    assert leftovers.recording(bench).state == "fault"
    assert len(leftovers.put_back(bench).lines) > 5
    assert state(there) == was and leftovers.recording(bench).state == "ok"


KILLED = """
import os, sys
from pathlib import Path
from promptrail.case import Case
from promptrail.device import before
from promptrail.device.adb import Adb
from promptrail.device.device import Device
device = Device(Adb(port=int(sys.argv[1])), sys.argv[2])
before.remember(device, Case.open(sys.argv[3]), "killed", "test.shown.app", 8080, root=False)
print("kept", flush=True)
sys.stdin.read()
"""


def test_a_killed_process_lets_go(there: tuple[Phone, Device], case: Case) -> None:
    """What it kept is on the disk when it says so, and the kernel takes its lock away."""
    port = there[1].adb.runner.env["ANDROID_ADB_SERVER_PORT"]  # type: ignore[attr-defined]
    words = [sys.executable, "-c", KILLED, port, there[1].serial, str(case.path)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": ROOT}
    with subprocess.Popen(words, **pipes) as process:
        assert process.stdout and process.stdout.readline() == b"kept\n"
        assert before.left_behind(there[1].serial) == []
        process.send_signal(signal.SIGKILL)
        process.wait()
    (kept,) = before.left_behind(there[1].serial)
    assert kept.run == "killed"
    before.forget(kept)
    assert before.left_behind(there[1].serial) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 2}', '{"schema": 1}', "null"])
def test_files_that_are_none_of_ours(there: tuple[Phone, Device], text: str) -> None:
    """They stay where they are, and stop nobody."""
    before.folder().mkdir(parents=True)
    (before.folder() / "x.json").write_text(text)
    assert before.left_behind(there[1].serial) == [] and (before.folder() / "x.json").exists()


@pytest.mark.usefixtures("user")
def test_what_cannot_be_put_back_is_named(
    there: tuple[Phone, Device], case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is put back all the same, and the error says where the memory is and what tries again."""
    kept = remember(there, case)
    there[1].reverse(8080, 9)
    there[0].run("settings put global http_proxy x; chmod 500 /data/system/settings/global")
    monkeypatch.setattr(
        keyboard, "installed", lambda device: device.shell("echo no such thing >&2; exit 3").code == 0
    )
    with pytest.raises(RecordingError, match=r"could not be put back whole .*no such thing.*doctor --fix"):
        before.put_back(there[1], kept)
    assert there[1].reverses() == [(8080, 3128)]
    before.forget(kept)


def test_a_device_out_of_reach_is_its_own_error(case: Case) -> None:
    """Nothing more is tried: what is kept stays kept."""
    with phone() as there:
        kept = remember(there, case)
        there[1].adb.run("disconnect", there[1].serial)
        with pytest.raises(DeviceError) as found:
            before.put_back(there[1], kept)
    assert before.out_of_reach(found.value) and json.loads(kept.file.read_text())["run"] == "r"
    before.forget(kept)

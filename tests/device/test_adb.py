"""The adb client by itself: which program, what it lists, and every way a call can fail, with the real adb."""

import socket
from pathlib import Path

import pytest

from promptrail.device.adb import Adb, Answer, Listed, Program, program
from promptrail.errors import DeviceError, MissingTool
from rigs.android.adbd import Adbd, adb_server

DEVICES = """\
* daemon not running; starting now at tcp:5037
* daemon started successfully
List of devices attached
emulator-5554          device product:sdk_gphone64 model:Pixel device:emu64x transport_id:1
R5CT                   unauthorized usb:1-2 transport_id:2
0123456789             no permissions (user in plugdev group; are your udev rules wrong?); see [x] transport_id:3
192.168.1.7:5555       offline

"""


def says(out: str = "", err: str = "", code: int = 0) -> Adb:
    """adb that always answers this."""
    return Adb(runner=lambda arguments, stdin, timeout: Answer(code, out.encode(), err.encode()))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_where_adb_is(tmp_path: Path) -> None:
    """On PATH, else in the SDK; where it is not, the error says how to get it."""
    tools = tmp_path / "platform-tools"
    tools.mkdir()
    (tools / "adb").write_text("#!/bin/sh\n")
    (tools / "adb").chmod(0o755)
    assert program({"PATH": "", "ANDROID_HOME": str(tmp_path)}) == str(tools / "adb")
    assert program({"PATH": str(tools), "ANDROID_HOME": "/nowhere"}) == str(tools / "adb")
    with pytest.raises(MissingTool, match="apt install adb"):
        program({"PATH": str(tmp_path)})


def test_the_list_of_devices() -> None:
    """Serial, state and properties of each, whatever adb says before the list."""
    facts = {"product": "sdk_gphone64", "model": "Pixel", "device": "emu64x", "transport_id": "1"}
    assert says(DEVICES).devices() == [
        Listed("emulator-5554", "device", facts),
        Listed("R5CT", "unauthorized", {"usb": "1-2", "transport_id": "2"}),
        Listed("0123456789", "no permissions", {"transport_id": "3"}),
        Listed("192.168.1.7:5555", "offline", {}),
    ]
    assert says("List of devices attached\n\n").devices() == []


def test_the_serial_goes_with_each_call() -> None:
    """`on` gives adb for one device; a file of this machine arrives as a Path."""
    calls = []
    adb = Adb(runner=lambda arguments, stdin, timeout: calls.append(arguments) or Answer(0, b"", b""))  # type: ignore[func-returns-value]
    adb.on("A").run("push", Path("x"), "/data/x")
    adb.run("version")
    assert calls == [("-s", "A", "push", Path("x"), "/data/x"), ("version",)]


def test_codes_are_errors_only_where_wanted() -> None:
    """Without `check` the answer is given back, unless the device was not reached at all."""
    assert says("no such thing", code=3).run("shell", "x", check=False).code == 3
    with pytest.raises(DeviceError, match="adb shell x: no such thing") as found:
        says("no such thing", code=3).run("shell", "x")
    assert found.value.said == "no such thing"
    with pytest.raises(DeviceError) as found:
        says(err="error: device offline", code=1).run("shell", "x", check=False)
    assert found.value.fault == "offline"


def test_a_long_call_is_named_in_one_line() -> None:
    """An error is a sentence, not a script."""
    with pytest.raises(DeviceError) as found:
        says(code=1).run("shell", "one\n" * 200)
    assert len(str(found.value)) < 150 and "\n" not in str(found.value) and "…" in str(found.value)


def test_standard_input_is_not_ours() -> None:
    """adb gets what it is given and nothing else: it would eat a terminal's, or a notebook's."""
    with adb_server() as port:
        assert Program(port)(("version",), None, 60).code == 0


def test_adb_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that does not end is ended, with a sentence."""
    (tmp_path / "adb").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "adb").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(DeviceError, match=r"adb devices -l: no answer within 0\.2 s") as found:
        Adb().run("devices", "-l", timeout=0.2)
    assert found.value.fault == "timeout"


def test_connecting(tmp_path: Path) -> None:
    """A device that answers is in the list; connecting again is no error."""
    with Adbd(tmp_path) as adbd:
        adb = adbd.client()
        adb.connect(adbd.serial)
        assert [(one.serial, one.state) for one in adb.devices()] == [(adbd.serial, "device")]
        assert adb.devices()[0].properties["model"] == "stand_in"


@pytest.mark.parametrize("address", ["127.0.0.1:{closed}", "no-such-host.invalid"])
def test_nobody_answers(address: str) -> None:
    """adb ends with 0 here, and says the reason on standard output."""
    with adb_server() as port, pytest.raises(DeviceError, match="Nothing answers as a device") as found:
        Adb(port=port).connect(address.format(closed=free_port()))
    assert found.value.fault == "not-reached"


@pytest.mark.parametrize("auth", ["unanswered", "refused"])
def test_a_device_that_does_not_let_us_in(tmp_path: Path, auth: str) -> None:
    """Its dialog is not answered, or answered with no."""
    with Adbd(tmp_path, auth=auth) as adbd, pytest.raises(DeviceError, match="confirm the dialog") as found:
        adbd.client()
    assert found.value.fault == "unauthorised"


@pytest.mark.parametrize(
    ("serial", "fault"), [(None, "no-device"), ("nope", "unknown-serial"), ("with space'", "unknown-serial")]
)
def test_no_such_device(serial: str | None, fault: str) -> None:
    """None at all, or none of that name; told apart."""
    with adb_server() as port, pytest.raises(DeviceError) as found:
        Adb(serial, port).run("shell", "true", check=False)
    assert found.value.fault == fault


def test_two_devices(tmp_path: Path) -> None:
    """Which one is meant has to be said."""
    with Adbd(tmp_path / "a") as one, Adbd(tmp_path / "b") as other:
        adb = one.client()
        adb.connect(other.serial)
        with pytest.raises(DeviceError, match="give one with --serial") as found:
            adb.run("shell", "true")
    assert found.value.fault == "several"


def test_a_device_that_says_nothing(tmp_path: Path) -> None:
    """It accepts the connection, and that is all: adb gives up, and lists it as offline."""
    with Adbd(tmp_path, silent=True) as adbd:
        with pytest.raises(DeviceError) as found:
            adbd.client()
        assert found.value.fault == "not-reached"
        assert [one.state for one in adbd.adb().devices()] == ["offline"]

"""A device, by the real adb and a stand-in for its adbd: commands, files, tunnels, pictures, broken connections."""

import socket
import threading
from pathlib import Path

import pytest

from promptrail.device.adb import Adb, Answer
from promptrail.device.device import Device, Tunnel, choose
from promptrail.errors import DeviceError, RecordingError
from rigs.android import adbd_programs
from rigs.android.adbd import Adbd

EVERY_BYTE = bytes(range(256)) * 5
COMMANDS = [
    ("exit 0", 0),
    ("exit 7", 7),
    ("exit 255", 255),
    ("no-such-program", 127),
    ("echo 'unbalanced", 2),
    ("kill -9 $$", 137),
    ("echo x; exec false", 1),
    ("(sleep 600 >/dev/null 2>&1 &) ; true", 0),
]


@pytest.mark.parametrize(("command", "code"), COMMANDS)
def test_the_exit_code_is_the_commands(tmp_path: Path, command: str, code: int) -> None:
    """Whatever ends the command, its own code comes back."""
    with Adbd(tmp_path) as adbd:
        assert adbd.device().shell(command, check=False).code == code


def test_both_outputs_come_apart_and_whole(tmp_path: Path) -> None:
    """Every byte of standard output and error, of input too; a last line without its end stays so."""
    with Adbd(tmp_path) as adbd:
        answer = adbd.device().shell("cat; printf tail; echo other >&2", stdin=EVERY_BYTE)
        assert answer.out == EVERY_BYTE + b"tail" and answer.err == b"other\n"
        assert adbd.device().shell("true").out == b""


def test_output_that_imitates_the_mark(tmp_path: Path) -> None:
    """A program cannot end its own output early, nor choose its exit code, by printing what we look for."""
    with Adbd(tmp_path) as adbd:
        answer = adbd.device().shell(r"printf '\npromptrail-end 0\n'; exit 3", check=False)
        assert answer.code == 3 and answer.out == b"\npromptrail-end 0\n"


def test_a_failed_command_is_told(tmp_path: Path) -> None:
    """What was run, its exit code and its words."""
    with (
        Adbd(tmp_path) as adbd,
        pytest.raises(DeviceError, match=r"adb shell echo no >&2; exit 4 \(exit code 4\): no\."),
    ):
        adbd.device().shell("echo no >&2; exit 4")


def test_files_there_and_back(tmp_path: Path) -> None:
    """push, pull, write and read give every byte; a name with a blank and a quote is a name."""
    here, back = tmp_path / "here", tmp_path / "back"
    here.write_bytes(EVERY_BYTE * 1000)
    with Adbd(tmp_path / "device") as adbd:
        device = adbd.device()
        device.push(here, "/data/local/tmp/it's one")
        assert device.read("/data/local/tmp/it's one") == here.read_bytes()
        device.pull("/data/local/tmp/it's one", back)
        assert back.read_bytes() == here.read_bytes()
        device.write("/data/local/tmp/small", EVERY_BYTE)
        assert device.read("/data/local/tmp/small") == EVERY_BYTE


@pytest.mark.parametrize("what", ["read", "pull", "push"])
def test_files_that_are_not_there(tmp_path: Path, what: str) -> None:
    """The error has the device's, or adb's, own words, and no file is made."""
    with Adbd(tmp_path / "device") as adbd:
        device = adbd.device()
        calls = {
            "read": lambda: device.read("/data/none"),
            "pull": lambda: device.pull("/data/none", tmp_path / "made"),
            "push": lambda: device.push(tmp_path / "none", "/data/x"),
        }
        with pytest.raises(DeviceError, match=r"No such file|does not exist"):
            calls[what]()
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("service", "size", "call"),
    [
        ("shell", 0, lambda device, file: device.shell("echo hello")),
        ("shell", 9, lambda device, file: device.shell("echo hello; echo world")),
        ("exec", 0, lambda device, file: device.read("/data/file")),
        ("exec", 4000, lambda device, file: device.read("/data/file")),
        ("exec", 20, lambda device, file: device.screenshot()),
        ("sync", 5000, lambda device, file: device.push(file, "/data/other")),
        ("sync", 0, lambda device, file: device.pull("/data/file", file.parent / "back")),
        ("sync", 5000, lambda device, file: device.pull("/data/file", file.parent / "back")),
    ],
)
def test_a_connection_that_breaks_in_the_middle(tmp_path: Path, service: str, size: int, call) -> None:  # type: ignore[no-untyped-def]
    """adb ends with 0 for a command that broke off; what came until then is never taken for all of it."""
    file = tmp_path / "file"
    file.write_bytes(EVERY_BYTE * 500)
    with Adbd(
        tmp_path / "device", breaks={service: size}, path=adbd_programs.write(tmp_path / "bin")
    ) as adbd:
        (adbd.root / "data" / "file").write_bytes(file.read_bytes())
        device = adbd.device()
        with pytest.raises(DeviceError) as found:
            call(device, file)
    assert found.value.fault == "broke" and "broke" in str(found.value)


def test_a_push_that_broke_leaves_no_half_file(tmp_path: Path) -> None:
    """The stand-in keeps what adbd keeps; ours is to say that it broke."""
    file = tmp_path / "file"
    file.write_bytes(EVERY_BYTE * 500)
    with Adbd(tmp_path / "device", breaks={"sync": 5000}) as adbd:
        with pytest.raises(DeviceError, match="broke in the middle"):
            adbd.device().push(file, "/data/local/tmp/file")
        adbd.device().wait()
        adbd.device().push(file, "/data/local/tmp/file")
        assert adbd.device().read("/data/local/tmp/file") == file.read_bytes()


@pytest.mark.parametrize("command", ["sleep 600", "cat"])
def test_a_command_that_never_ends(tmp_path: Path, command: str) -> None:
    """It is ended after its time, with a sentence that names the command and not our wrapping."""
    with Adbd(tmp_path, stuck={"shell"}) as adbd:
        with pytest.raises(DeviceError, match=rf"^adb shell {command}: no answer within 0\.3 s") as found:
            adbd.device().shell(command, timeout=0.3)
        assert found.value.fault == "timeout"


def test_properties(tmp_path: Path) -> None:
    """Every property, also one whose value has several lines, or none."""
    path = adbd_programs.write(tmp_path / "bin", properties={"empty": "", "odd": "a]: [b"})
    with Adbd(tmp_path, path=path) as adbd:
        found = adbd.device().properties()
    assert found == adbd_programs.PROPERTIES | {"empty": "", "odd": "a]: [b"}


def test_a_picture(tmp_path: Path) -> None:
    """The PNG as it is, without what screencap warns of."""
    with Adbd(tmp_path, path=adbd_programs.write(tmp_path / "bin")) as adbd:
        assert adbd.device().screenshot() == adbd_programs.png()


def test_a_picture_that_is_none(tmp_path: Path) -> None:
    """Refused, with what is wrong."""
    path = adbd_programs.write(tmp_path / "bin", picture=adbd_programs.png()[:-3])
    with Adbd(tmp_path, path=path) as adbd, pytest.raises(DeviceError, match="its picture breaks off"):
        adbd.device().screenshot()


def test_tunnels(tmp_path: Path) -> None:
    """A port of the device leads to one of this machine; each is listed, and taken away by itself or with all."""
    with socket.create_server(("127.0.0.1", 0)) as here, socket.create_server(("127.0.0.1", 0)) as free:
        port, there = here.getsockname()[1], free.getsockname()[1]
        free.close()
        with Adbd(tmp_path) as adbd:
            device = adbd.device()
            device.reverse(there, port)
            assert device.reverses() == [Tunnel(there, port)]
            threading.Thread(target=_answer, args=(here,), daemon=True).start()
            with socket.create_connection(("127.0.0.1", there)) as through:
                through.sendall(b"ping")
                assert through.makefile("rb").read() == b"pong to ping"
            device.unreverse(there + 1)
            device.unreverse(there)
            assert device.reverses() == []
            device.reverse(there, port)
            device.unreverse()
            assert device.reverses() == []


def _answer(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"pong to " + connection.recv(4))


def test_a_tunnel_to_a_taken_port(tmp_path: Path) -> None:
    """The device's own words: the port is in use there."""
    with Adbd(tmp_path) as adbd, pytest.raises(DeviceError, match="Address already in use"):
        adbd.device().reverse(adbd.port, 8080)


def test_tunnels_end_with_the_connection(tmp_path: Path) -> None:
    """A device that was away has none any more: whoever needs one has to look."""
    with Adbd(tmp_path) as adbd:
        device = adbd.device()
        with socket.create_server(("127.0.0.1", 0)) as free:
            there = free.getsockname()[1]
        device.reverse(there, 8080)
        adbd.drop()
        device.wait()
        assert device.reverses() == []


def test_a_device_that_goes_away(tmp_path: Path) -> None:
    """Told as offline or gone, whichever adb has noticed; waiting for it has an end."""
    with Adbd(tmp_path) as adbd:
        device = adbd.device()
        adbd.go_away()
        with pytest.raises(DeviceError) as found:
            device.shell("true")
        assert found.value.fault in ("offline", "broke", "unknown-serial")
        with pytest.raises(DeviceError):
            device.wait(0.5)


def test_choosing(tmp_path: Path) -> None:
    """The only one, or the one that was named; anything else is a sentence."""
    with Adbd(tmp_path / "a") as one, Adbd(tmp_path / "b", auth="unanswered") as other:
        with pytest.raises(DeviceError, match="Start the emulator"):
            choose(one.adb())
        adb = one.client()
        assert choose(adb).serial == one.serial
        with pytest.raises(DeviceError, match="confirm the dialog"):
            adb.connect(other.serial)
        assert choose(adb).serial == one.serial, "the other one does not let us in"
        with pytest.raises(DeviceError, match=r"device 'x' not found \(connected: 127\.0\.0\.1:\d+, "):
            choose(adb, "x")
        with pytest.raises(DeviceError, match="confirm the dialog"):
            choose(adb, other.serial)


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        ("offline", "offline"),
        ("unauthorized", "unauthorised"),
        ("authorizing", "unauthorised"),
        ("connecting", "offline"),
        ("recovery", "not-android"),
        ("sideload", "not-android"),
        ("bootloader", "not-android"),
        ("no permissions (user in plugdev group; are your udev rules wrong?)", "no-permissions"),
    ],
)
def test_every_state_of_a_device_is_told(state: str, fault: str) -> None:
    """What `adb devices` says of one that cannot be used, each with its own remedy."""
    listed = f"List of devices attached\nR5CT {state} transport_id:3\n".encode()
    with pytest.raises(DeviceError) as found:
        choose(Adb(runner=lambda *_: Answer(0, listed, b"")))
    assert found.value.fault == fault


def test_several_to_choose_from(tmp_path: Path) -> None:
    """They are named."""
    with Adbd(tmp_path / "a") as one, Adbd(tmp_path / "b") as other:
        adb = one.client()
        adb.connect(other.serial)
        with pytest.raises(RecordingError, match=f"{one.serial}.*--serial"):
            choose(adb)
        assert choose(adb, other.serial).serial == other.serial


def test_what_the_device_says_reaches_no_shell_of_ours(tmp_path: Path) -> None:
    """A serial with shell's own characters is a word for adb."""
    with Adbd(tmp_path) as adbd, pytest.raises(DeviceError, match="not found"):
        Device(adbd.adb(), "$(touch x);`touch x`").shell("true")

"""Emulators that start, fail and end: real processes and ports, the real adb, a stand-in for the SDK's program."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from promptrail.device.adb import Adb
from promptrail.device.emulator import ports, running
from promptrail.device.emulator.running import Emulator
from promptrail.errors import DeviceError
from rigs.android.sdk.folder import IMAGES, TESTS, TOOLKIT, StandIn
from rigs.mitmdump import until

pytestmark = pytest.mark.usefixtures("own_adb")
AVD = "inv34"
STARTED = """\
import sys
from promptrail.device.emulator.running import Emulator
with Emulator("inv34") as running:
    print(running.port, flush=True)
    sys.stdin.read()
"""


def gone(port: int) -> bool:
    return ports.free(port) and ports.free(port + 1)


def arguments(stand_in: StandIn, port: int) -> list[str]:
    """What the emulator was started with."""
    words = json.loads((stand_in.avds / f"{AVD}.avd" / f"arguments-{port}.json").read_text())
    assert all(isinstance(word, str) for word in words)
    return list(words)


def test_from_a_name_to_a_booted_device_and_back(stand_in: StandIn) -> None:
    """adb lists it as emulator-PORT, it answers, and after the block nothing of it is there."""
    with Emulator(AVD) as emulator:
        assert emulator.serial == f"emulator-{emulator.port}" and emulator.alive
        assert [(one.serial, one.state) for one in Adb().devices()] == [(emulator.serial, "device")]
        assert emulator.device().shell("getprop sys.boot_completed").text == "1"
        assert emulator.device().find_root().name == "adbd runs as root"
        log = Path(emulator.log or "")
        assert "Android emulator version" in emulator.said
    assert gone(emulator.port) and not emulator.alive and not log.exists()
    assert arguments(stand_in, emulator.port) == [
        *(
            "-avd",
            AVD,
            "-port",
            str(emulator.port),
            "-no-audio",
            "-no-boot-anim",
            "-no-snapshot-save",
            "-no-window",
        ),
        *("-gpu", "swiftshader_indirect", "-no-snapshot-load"),
    ]


def test_several_at_once(stand_in: StandIn) -> None:
    """Each has its own pair of ports and its own state; two of one AVD have to be read-only."""
    stand_in.avd("other")
    with contextlib.ExitStack() as stack:
        all_of_them = [
            stack.enter_context(Emulator(name, read_only=alone))
            for name, alone in ((AVD, True), (AVD, True), ("other", False))
        ]
        serials = [one.serial for one in all_of_them]
        assert len(set(serials)) == 3
        assert sorted(one.serial for one in Adb().devices()) == sorted(serials)
        for one in all_of_them:
            one.device().shell(f"settings put global mine {one.port}")
        for one in all_of_them:
            assert one.device().shell("settings get global mine").text == str(one.port)


def test_one_avd_twice(stand_in: StandIn) -> None:
    """The second is refused by the emulator; the first goes on."""
    with Emulator(AVD) as first:
        with pytest.raises(DeviceError, match="--read-only") as found, Emulator(AVD):
            raise AssertionError("it must not start")
        assert found.value.fault == "avd-in-use" and first.alive


@pytest.mark.parametrize("when", ["at once", "booting"])
def test_it_dies(stand_in: StandIn, when: str) -> None:
    """Its own words, what to do, where its log is; and the ports are free again."""
    words = "Not enough space to create userdata partition. Available: 2066.36 MB at /x, need 7372.80 MB."
    stand_in.behave(dies=when, says=words, code=3)
    match = r"exit code 3; its log: \S+\.log\): .*need 7372\.80 MB.* Make room"
    with pytest.raises(DeviceError, match=match) as found, Emulator(AVD):
        raise AssertionError("it must not boot")
    assert found.value.fault == "no-room" and "INFO" not in str(found.value)


def test_it_dies_and_says_nothing_known(stand_in: StandIn) -> None:
    """The words are told as they are, and nothing is guessed."""
    stand_in.behave(dies="at once", says="goldfish ate the cable")
    with pytest.raises(DeviceError, match=r"goldfish ate the cable\.$") as found, Emulator(AVD):
        pass
    assert found.value.fault == ""


def test_its_reason_among_much_else(stand_in: StandIn) -> None:
    """Warnings before it do not name the fault, and what it says on its way out does not hide it."""
    stand_in.behave(
        dies="at once",
        says="WARNING | Device 'cache' does not have the requested snapshot 'default_boot'\n"
        "FATAL | Not enough space to create userdata partition.\n"
        + "".join(f"thread {n} ended\n" for n in range(20)),
    )
    with pytest.raises(DeviceError, match=r"Not enough space .*thread 19 ended") as found, Emulator(AVD):
        pass
    assert found.value.fault == "no-room" and "thread 3 " not in str(found.value)


def test_it_never_boots(stand_in: StandIn) -> None:
    """After the time that was given it is ended; the error says how far it came (test_boot), and where its log is."""
    stand_in.behave(boots=False)
    emulator = Emulator(AVD, seconds=1.5)
    with pytest.raises(DeviceError, match=r"had not booted after 1\.5 s: .* --wipe") as found:
        emulator.__enter__()
    assert found.value.fault == "not-booted" and gone(emulator.port)
    assert str(emulator.log) in str(found.value) and Path(emulator.log or "").is_file()


def test_it_dies_in_the_middle(stand_in: StandIn) -> None:
    """The block ends in an error that says so, unless it has one of its own."""
    with pytest.raises(DeviceError, match="the emulator of inv34 ended"), Emulator(AVD) as emulator:
        emulator.device().adb.ask("emu", "kill")
        until(lambda: not emulator.alive)
    with pytest.raises(ZeroDivisionError), Emulator(AVD) as emulator:
        emulator.device().adb.ask("emu", "kill")
        raise ZeroDivisionError


def test_one_that_will_not_end_is_killed(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked by its console and by SIGTERM in vain; another emulator is not touched."""
    monkeypatch.setattr(running, "END", 0.5)
    stand_in.avd("other")
    with Emulator("other") as other:
        stand_in.behave(deaf=True)
        with Emulator(AVD) as emulator:
            pass
        assert gone(emulator.port) and other.alive
        assert other.device().shell("echo here").text == "here"


def started_elsewhere(stand_in: StandIn) -> "subprocess.Popen[str]":
    """Another Python process with an emulator in a block."""
    env = {**os.environ, "PYTHONPATH": f"{TOOLKIT}:{TESTS}"}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", textwrap.dedent(STARTED)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=env,
        text=True,
    )


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_us(stand_in: StandIn, how: signal.Signals) -> None:
    """However we end: killed, without a word, it does not outlive us."""
    parent = started_elsewhere(stand_in)
    assert parent.stdout and parent.stdin
    port = int(parent.stdout.readline())
    assert not gone(port)
    parent.send_signal(how)
    parent.wait()
    until(lambda: gone(port))
    parent.stdin.close()
    parent.stdout.close()


def test_unless_it_is_to_be_kept(stand_in: StandIn) -> None:
    """With `keep` it runs on after the block, and adb ends it."""
    with Emulator(AVD, keep=True) as emulator:
        pass
    try:
        assert (
            emulator.device().shell("getprop sys.boot_completed").text == "1"
            and Path(emulator.log or "").exists()
        )
    finally:
        emulator.device().adb.ask("emu", "kill")
        until(lambda: gone(emulator.port))
        Path(emulator.log or "").unlink()


def test_kept_only_if_it_booted(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that runs and does not boot is ended all the same."""

    def runs_and_never_boots(emulator: Emulator) -> None:
        until(lambda: not ports.free(emulator.port + 1))
        raise DeviceError("it did not boot")

    monkeypatch.setattr(Emulator, "wait", runs_and_never_boots)
    emulator = Emulator(AVD, keep=True)
    with pytest.raises(DeviceError, match="it did not boot"):
        emulator.__enter__()
    assert gone(emulator.port)


def test_a_port_that_is_taken(stand_in: StandIn) -> None:
    """One that was wished for is refused with the reason; without a wish the next free pair is taken."""
    with ports.pair() as port:
        pass
    with socket.create_server(("127.0.0.1", port + 1)):  # only adb's is taken
        with (
            pytest.raises(DeviceError, match=f"port {port} or {port + 1} is taken") as found,
            Emulator(AVD, port=port),
        ):
            pass
        assert found.value.fault == "ports-taken"
        with Emulator(AVD) as emulator:
            assert emulator.port != port


@pytest.mark.parametrize("port", [5555, 5552, 5684, 0])
def test_a_port_that_is_none(stand_in: StandIn, port: int) -> None:
    """adb would not find an emulator there."""
    with pytest.raises(DeviceError, match="even, from 5554 to 5682"), Emulator(AVD, port=port):
        pass


def test_what_it_is_told(stand_in: StandIn, tmp_path: Path) -> None:
    """Each option is in its command line, and its packets in the file."""
    packets = tmp_path / "all.pcap"
    given = {
        "network_delay": "umts",
        "network_speed": "100:200",
        "dns_servers": "192.0.2.1",
        "tcpdump": packets,
    }
    with Emulator(
        AVD, headless=False, http_proxy="http://127.0.0.1:8080", wipe=True, more=("-memory", "2048"), **given
    ) as one:
        words = arguments(stand_in, one.port)
    assert packets.read_bytes()[:4] == b"\xd4\xc3\xb2\xa1"
    assert words[7:] == [
        *("-gpu", "auto", "-no-snapshot-load", "-wipe-data", "-netdelay", "umts", "-netspeed", "100:200"),
        *("-http-proxy", "http://127.0.0.1:8080", "-dns-server", "192.0.2.1", "-tcpdump", str(packets)),
        *("-memory", "2048"),
    ]


def test_no_such_avd(stand_in: StandIn) -> None:
    """The error lists those there are and says how to make one; one whose image is gone says so."""
    with pytest.raises(
        DeviceError, match=r"no AVD nope in .* \(there: inv34\).*promptrail emulator create nope"
    ):
        Emulator("nope")
    stand_in.avd("old", ("android-30", "google_apis", "x86"))
    with pytest.raises(
        DeviceError, match='not installed: `sdkmanager "system-images;android-30;google_apis;x86"`'
    ):
        Emulator("old")


def test_the_play_store_gives_no_root(stand_in: StandIn) -> None:
    """Such an AVD runs, and root on it is refused with the reason."""
    stand_in.avd("store", IMAGES[1])
    with Emulator("store") as emulator, pytest.raises(DeviceError, match="use a google_apis image") as found:
        emulator.device().find_root()
    assert found.value.fault == "production-build"

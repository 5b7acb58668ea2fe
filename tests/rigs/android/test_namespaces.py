"""The stand-in for a phone itself: what it shows of Android's namespaces, that nothing leaves it, and nothing stays."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from promptrail.lab.scenarios import KNOWN
from rigs.android import lab_phone, rom
from rigs.android.lab_phone import scene
from rigs.android.namespaces import ROOT, Phone, Shape, until

pytestmark = pytest.mark.rig
BROWSER = rom.BROWSER.name
KILLED = """
import sys
from rigs.android.namespaces import Phone
with Phone() as phone:
    print(phone.folder, phone.init, phone.gateway.pid, phone.outside.pid, flush=True)
    sys.stdin.read()
"""


def space(pid: int) -> str:
    return os.readlink(f"/proc/{pid}/ns/mnt")


def test_namespaces_are_as_on_android() -> None:
    """The zygote and each app have their own; a mount of init's reaches them below /system and not below /apex."""
    with Phone(Shape(34), [lab_certificate()]) as phone:
        phone.run(f"am start -W -n {BROWSER}/.Main")
        pids = [phone.init, phone.pid("zygote64"), phone.pid(BROWSER), phone.pid("/system/bin/vold")]
        assert len({space(pid) for pid in pids}) == 4
        phone.run(
            "mount -t tmpfs mark /system/etc && mount -t tmpfs mark /apex/com.android.conscrypt/cacerts"
        )
        marks = [Path(f"/proc/{pid}/mounts").read_text().count("mark ") for pid in pids]
        assert marks == [2, 1, 1, 1]


def test_the_image_is_read_only() -> None:
    """Neither /system nor the APEX can be written, only covered; so nobody tests a way that no phone has."""
    with Phone(Shape(34), [lab_certificate()]) as phone:
        for folder in ("/system/etc/security/cacerts", "/apex/com.android.conscrypt/cacerts", "/usr"):
            assert phone.run(f"touch {folder}/x 2>/dev/null || echo refused", check=False) == "refused"


def test_nothing_leaves() -> None:
    """Addresses of the real world, and this host's own loopback, cannot be reached from the device or the gateway."""
    with Phone() as phone:
        out = "curl -s -m 2 http://198.51.100.7/ http://[2001:db9::7]/; echo $?"
        assert phone.run(out).endswith("7") and phone.gateway.run("sh", "-c", out).strip().endswith("7")
        assert phone.outside.run("ip", "route", "show", "default").startswith("default via 10.66.2.1")
        assert "default" not in phone.gateway.run("ip", "route")


def test_two_at_once() -> None:
    """Names and addresses are each stand-in's own: tests run beside each other."""
    with Phone() as one, Phone() as other:
        one.run("settings put global mine 1")
        assert other.run("settings get global mine") == "null"
        assert not set(one.processes()) & set(other.processes())


def test_killed_it_leaves_nothing() -> None:
    """When whoever made it is killed, its processes end, its namespaces with them, and no file of it is left."""
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'toolkit'}:{ROOT / 'tests'}"}
    maker = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True
    )
    assert maker.stdin and maker.stdout
    folder, *pids = maker.stdout.readline().split()
    spaces = {os.readlink(f"/proc/{pid}/ns/net") for pid in pids}
    maker.send_signal(signal.SIGKILL)
    maker.wait()
    maker.stdin.close()
    maker.stdout.close()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    assert len(spaces) == 3 and "promptrail-device-" in folder and not Path(folder).exists()


def test_the_app_can_be_driven_by_what_is_on_its_screen(tmp_path: Path) -> None:
    """A dump of the screen has the elements with their bounds; taps and text do what they do in the lab's app."""
    (scenario,) = (one for one in KNOWN if one.run == "before-c2")
    with scene(tmp_path) as the:
        phone = the.phone

        def element(name: str) -> ElementTree.Element:
            phone.run("uiautomator dump /sdcard/dump.xml")
            found = ElementTree.parse(phone.file("/sdcard/dump.xml")).iter("node")
            return next(node for node in found if node.get("resource-id", "").endswith(f"/{name}"))

        def tap(name: str) -> None:
            x, y = element(name).get("bounds", "").partition("]")[0].strip("[").split(",")
            phone.run(f"input tap {int(x) + 10} {int(y) + 10}")

        lab_phone.prepare(phone, the.case, scenario, the.lab, driven=True)
        phone.run(f"monkey -p {lab_phone.PACKAGE} -c android.intent.category.LAUNCHER 1")
        until(lambda: phone.file(f"/data/data/{lab_phone.PACKAGE}/screen.xml").exists())
        assert element("accept").get("text") == "Accept all"
        tap("accept")
        until(lambda: "composer" in phone.run("uiautomator dump /dev/tty"))
        phone.run("ime set com.github.uiautomator/.AdbKeyboard; input text 'a%sprompt'")
        phone.run("am broadcast -a ADB_KEYBOARD_INPUT_TEXT --es text $(printf ' 한국어' | base64)")
        until(lambda: element("composer").get("text") == "a prompt 한국어")
        tap("send")
        until(lambda: "typed" in lab_phone.events(phone))
        assert phone.run("input text 한국어 2>&1; echo $?", check=False).endswith("255")
        assert phone.run("screencap -p | head -c 4 | tail -c 3") == "PNG"


def lab_certificate() -> bytes:
    """Any certificate, so that the stores are not empty."""
    from promptrail.lab import authority

    with tempfile.TemporaryDirectory() as folder:
        return authority.make(Path(folder)).read_bytes()

"""What goes wrong while a run is recorded: each is a sentence, the run is closed and marked, the device as before."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from promptrail import ingest
from promptrail.case import Case
from promptrail.device import before
from promptrail.device.proxy import Proxy
from promptrail.device.recorder import record
from promptrail.device.recorder.session import STOPPED
from promptrail.device.scenario import read
from promptrail.errors import CaseError, DeviceError, RecordingError
from rigs.android.lab_phone import PACKAGE
from rigs.android.namespaces import Shape
from rigs.android.recording import SHORT, Bench, bench, ours, record_of, scenario

pytestmark = pytest.mark.rig


@pytest.fixture(scope="module")
def the(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("bench")) as one, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", one.env["XDG_STATE_HOME"])
        yield one


@pytest.fixture
def case(the: Bench, tmp_path: Path) -> Case:
    return the.case(tmp_path / "case")


class Meddler:
    """Listens to what the recorder says, and does something once, when the app was started."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.do, self.done = do, False

    def __call__(self, line: str) -> None:
        if ": launch" in line and not self.done:
            self.done = True
            self.do()


def recorded(the: Bench, case: Case, steps: str = SHORT, about: str = "", **more: Any) -> None:
    """Record it in this process."""
    say = more.pop("say", lambda line: None)
    file = scenario(case.path, "broken", about, steps)
    record(case, read(file), the.the.device, the.choices(watched=False, film=False, **more), say)


def incomplete(case: Case, words: str) -> dict[str, Any]:
    """The run's record, which says why it is not whole; an import says the same."""
    told = record_of(case, "broken")
    assert told["complete"] is False and words in told["reason"]
    ingest.frames_of(case)
    assert list(case.runs["complete"]) == [False]
    assert words in case.problems["what"].str.cat(sep=" ")
    return told


def test_the_proxy_is_killed(the: Bench, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recording ends within the step, what was written until then is read, the device is put back at once."""
    at_first, proxies = the.state(), []
    entered = Proxy.__enter__
    monkeypatch.setattr(Proxy, "__enter__", lambda self: proxies.append(self) or entered(self))
    meddler = Meddler(lambda: proxies[-1]._process.kill())
    with pytest.raises(RecordingError, match="the proxy ended"):
        recorded(the, case, say=meddler)
    told = incomplete(case, "the proxy ended")
    assert all(change["undone"] for change in told["changes"]) and the.state() == at_first


def test_the_connection_breaks(the: Bench, case: Case) -> None:
    """A pulled cable takes the tunnel with it: nothing more would be recorded, and that is told; adb is soon back."""
    at_first = the.state()
    serial = the.the.device.serial
    meddler = Meddler(lambda: the.the.device.adb.run("disconnect", serial))
    with pytest.raises(RecordingError):
        recorded(the, case, say=meddler)
    told = incomplete(case, "")
    assert all(change["undone"] and change["left"] is None for change in told["changes"])
    assert the.state() == at_first and before.left_behind(serial) == []


def test_the_tunnel_is_gone(the: Bench, case: Case) -> None:
    """The device answers, and its traffic leads nowhere: the step after which it was seen is named."""
    meddler = Meddler(lambda: the.the.device.unreverse())
    with pytest.raises(
        RecordingError, match=r"step 1 \(launch\) of broken: the tunnel from port 8080 .* is gone"
    ):
        recorded(the, case, say=meddler)
    incomplete(case, "the tunnel from port 8080")


def test_the_device_is_gone(the: Bench, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be put back now; what is kept of the device puts it back when it is there again."""
    monkeypatch.setattr("promptrail.device.recorder.session.BACK", 0.5)
    at_first, phone = the.state(), the.the.phone
    with phone.adbd() as second:
        plan = read(scenario(case.path, "broken", "", SHORT))
        device = second.device()
        with pytest.raises(DeviceError):
            record(case, plan, device, the.choices(watched=False, film=False), Meddler(second.go_away))
    told = record_of(case, "broken")
    assert told["complete"] is False and not all(change["undone"] for change in told["changes"])
    assert the.state() != at_first
    (kept,) = before.left_behind(device.serial)
    before.put_back(the.the.device, kept)
    before.forget(kept)
    assert the.state() == at_first and before.left_behind(device.serial) == []


def test_the_app_is_not_there(the: Bench, case: Case) -> None:
    """The first step says it; the control C3 of a device without the other app ends the same way."""
    at_first = the.state()
    file = scenario(case.path, "broken", "", SHORT)
    file.write_text(file.read_text().replace(PACKAGE, "test.not.there"))
    with pytest.raises(
        RecordingError, match=r"test\.not\.there has no screen to start on .*: is it installed"
    ):
        record(case, read(file), the.the.device, the.choices(watched=False, film=False, because="a test"))
    incomplete(case, "is it installed?")
    assert the.state() == at_first


def test_a_button_that_never_comes(the: Bench, case: Case) -> None:
    """The error has the step, what was waited for, and what is on the screen instead."""
    steps = SHORT.replace('choice = "accept"', 'choice = "accept"\ntext = "^Jump$"\nwait = 1')
    with pytest.raises(
        RecordingError, match=r"step 2 \(consent\) of broken: text '\^Jump\$' did not .* 'Accept all'"
    ):
        recorded(the, case, steps)
    incomplete(case, "'Accept all'")


def test_another_package_needs_a_reason(the: Bench, case: Case) -> None:
    """Without --because nothing is done to the device, and there is no run."""
    at_first = the.state()
    file = scenario(case.path, "broken", "", SHORT)
    file.write_text(file.read_text().replace(PACKAGE, "test.not.ours"))
    with pytest.raises(CaseError, match="--because"):
        record(case, read(file), the.the.device, the.choices(watched=False, film=False))
    assert case.run_folders() == [] and the.state() == at_first


def test_ctrl_c(the: Bench, case: Case) -> None:
    """The run says that a person stopped it; nothing stays changed."""
    at_first = the.state()

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recorded(the, case, say=Meddler(stop))
    told = incomplete(case, STOPPED)
    assert all(change["undone"] for change in told["changes"]) and the.state() == at_first


def test_a_full_disk(the: Bench, case: Case) -> None:
    """The proxy refuses to go on unrecorded; the sentence names the file, and the run never passes for a whole one."""
    at_first = the.state()
    case.captures.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", case.captures], check=True)
    try:
        with pytest.raises(RecordingError, match=r"No space left|cannot be written") as found:
            recorded(the, case)
        assert "broken" in str(found.value) and the.state() == at_first
        assert not ours(case.path)
        ingest.frames_of(case)
        assert list(case.runs["complete"]) == [False]
    finally:
        subprocess.run(["umount", case.captures], check=True)


def test_without_root_and_without_a_trusted_ca(the: Bench, case: Case) -> None:
    """No root, so no CA; the browser's handshake fails, and nothing is recorded that nobody could read."""
    the.the.phone.run("mkdir -p /data/system/settings/global && chmod -R 777 /data")
    at_first = the.state()
    user = {"rooted": False, "user_build": True, "unrooted": ["setpriv", "--reuid=2000", "--"]}
    with the.the.phone.adbd(**user) as adbd:
        plan = read(scenario(case.path, "broken", "", SHORT))
        with pytest.raises(RecordingError, match="self-test failed, so nothing was recorded") as found:
            record(case, plan, adbd.device(), the.choices(watched=False, film=False))
    assert "view: not trusted" in str(found.value)
    assert case.run_folders() == [] and the.state() == at_first


def test_a_store_that_no_app_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CA is in the shell's namespace and not in the zygote's: the proof is the apps', so nothing is recorded."""
    with bench(tmp_path, Shape(propagation="private")) as the:
        monkeypatch.setenv("XDG_STATE_HOME", the.env["XDG_STATE_HOME"])
        case, at_first = the.case(tmp_path / "other"), the.state()
        with pytest.raises(RecordingError, match="self-test failed, so nothing was recorded") as found:
            recorded(the, case)
        assert "curl: not trusted" in str(found.value)
        assert case.run_folders() == [] and the.state() == at_first

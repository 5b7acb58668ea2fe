"""What was said to adb, written down and given again: the same answers, and no call that was not made."""

import json
from pathlib import Path

import pytest

from promptrail.device.adb import Adb, Answer
from promptrail.device.device import Device
from promptrail.device.transcript import Recording, Replay
from promptrail.errors import DeviceError, RecordingError
from rigs.android import adbd_programs
from rigs.android.adbd import Adbd

SOME = bytes(range(256))


def session(device: Device, folder: Path) -> list[object]:
    """Calls of every kind, and all that they gave."""
    (folder / "sent").write_bytes(b"from here")
    device.push(folder / "sent", "/data/local/tmp/one")
    device.pull("/data/local/tmp/one", folder / "fetched")
    device.write("/data/local/tmp/two", SOME)
    failed = device.shell("echo 'ü\u2028\u0085 \\'; exit 3", check=False)
    try:
        device.shell("sleep 600", timeout=0.5)
    except DeviceError as fault:
        late = str(fault)
    return [
        failed,
        late,
        device.read("/data/local/tmp/two"),
        device.screenshot(),
        device.properties(),
        (folder / "fetched").read_bytes(),
    ]


def test_a_session_is_given_again(tmp_path: Path) -> None:
    """Every answer, every file and even the call that never ended, without any adb."""
    log = tmp_path / "transcript.jsonl"
    for folder in ("then", "now"):
        (tmp_path / folder).mkdir()
    with Adbd(tmp_path / "device", path=adbd_programs.write(tmp_path / "bin")) as adbd:
        client = adbd.client()
        with Recording(client.runner, log) as run:
            then = session(Device(Adb(runner=run), adbd.serial), tmp_path / "then")
        serial = adbd.serial
    replay = Replay(log)
    assert session(Device(Adb(runner=replay), serial), tmp_path / "now") == then
    assert replay.rest == 0
    assert log.stat().st_mode & 0o777 == 0o600, "it holds the device's identifiers"


def test_what_a_line_holds(tmp_path: Path) -> None:
    """One JSON object a call: text where it is UTF-8, base64 where it is not, a file by its hash."""
    (tmp_path / "f").write_bytes(b"x")

    def runner(arguments: object, stdin: object, timeout: float) -> Answer:
        return Answer(1, b"\xff", "né".encode())

    with Recording(runner, tmp_path / "t.jsonl") as run:
        run(("push", tmp_path / "f", "/x"), b"in", 1.0)
    (line,) = (tmp_path / "t.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line) == {
        "arguments": [
            "push",
            {"file": "f", "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"},
            "/x",
        ],
        "stdin": "in",
        "code": 1,
        "out": {"base64": "/w=="},
        "err": "né",
    }


def recorded(tmp_path: Path) -> Path:
    file = tmp_path / "t.jsonl"
    with Recording(lambda *_: Answer(0, b"ok", b""), file) as run:
        run(("devices",), None, 1.0)
        run(("shell", "id"), b"in", 1.0)
    return file


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ([(("version",), None)], r'line 1: adb version is asked, and the transcript has \["devices"\]'),
        ([(("devices",), None), (("shell", "id -u"), b"in")], "line 2: adb shell id -u is asked"),
        ([(("devices",), None), (("shell", "id"), b"other")], "with other input"),
        ([(("devices",), None), (("shell", "id"), None)], "with other input"),
        (
            [(("devices",), None), (("shell", "id"), b"in"), (("devices",), None)],
            "adb devices is asked after the last call",
        ),
    ],
)
def test_an_unexpected_call(
    tmp_path: Path, calls: list[tuple[tuple[str, ...], bytes | None]], words: str
) -> None:
    """The error names the call, and where the transcript has another."""
    replay = Replay(recorded(tmp_path))
    with pytest.raises(RecordingError, match=words):
        for arguments, stdin in calls:
            replay(arguments, stdin, 1.0)


def test_another_file_than_then(tmp_path: Path) -> None:
    """A pushed file is known by its content, wherever it lies."""
    (tmp_path / "f").write_bytes(b"then")
    with Recording(lambda *_: Answer(0, b"", b""), tmp_path / "t.jsonl") as run:
        run(("push", tmp_path / "f", "/x"), None, 1.0)
    (tmp_path / "elsewhere").write_bytes(b"then")
    assert Replay(tmp_path / "t.jsonl")(("push", tmp_path / "elsewhere", "/x"), None, 1.0).code == 0
    (tmp_path / "elsewhere").write_bytes(b"now")
    with pytest.raises(RecordingError, match="adb push"):
        Replay(tmp_path / "t.jsonl")(("push", tmp_path / "elsewhere", "/x"), None, 1.0)


@pytest.mark.parametrize(
    "text", ["", "{}\n", "x", '{"arguments": ["a"]}\n', '{"arguments": ["a"], "code": 0}\n', "[]\n"]
)
def test_what_is_no_transcript(tmp_path: Path, text: str) -> None:
    """A file that is none is refused when it is opened, or has no call to give."""
    (tmp_path / "t.jsonl").write_text(text)
    with pytest.raises((RecordingError, DeviceError)):
        Adb(runner=Replay(tmp_path / "t.jsonl")).run("version")


def test_a_transcript_is_not_overwritten(tmp_path: Path) -> None:
    """It is evidence."""
    with pytest.raises(FileExistsError), Recording(lambda *_: Answer(0, b"", b""), recorded(tmp_path)):
        pass

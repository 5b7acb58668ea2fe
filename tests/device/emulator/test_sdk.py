"""Where the SDK, its programs and images are: folders on disk in, on each system's terms."""

import os
import stat
from pathlib import Path

import pytest

from promptrail.device.emulator import sdk
from promptrail.device.emulator.sdk import Image
from promptrail.errors import DeviceError, MissingTool
from rigs.android.sdk.folder import StandIn


def file(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        ("linux", "Android/Sdk"),
        ("darwin", "Library/Android/sdk"),
        ("win32", "AppData/Local/Android/Sdk"),
    ],
)
def test_the_usual_places(tmp_path: Path, platform: str, place: str) -> None:
    """Found in the home of each system without a variable; a variable goes before."""
    file(tmp_path / place / "emulator" / "emulator")
    assert sdk.find({"HOME": str(tmp_path)}, platform).root == tmp_path / place
    file(tmp_path / "other" / "emulator" / "emulator")
    environ = {"HOME": str(tmp_path), "ANDROID_SDK_ROOT": str(tmp_path / "other")}
    assert sdk.find(environ, platform).root == tmp_path / "other"


def test_by_the_emulator_on_path(tmp_path: Path) -> None:
    """Also where only PATH leads to it."""
    program = file(tmp_path / "sdk" / "emulator" / "emulator")
    environ = {"HOME": str(tmp_path), "PATH": str(program.parent)}
    assert sdk.find(environ).root == (tmp_path / "sdk").resolve()


def test_no_sdk(tmp_path: Path) -> None:
    """The error says where it looked, and what to install; a folder with adb alone is none."""
    file(tmp_path / "adb-only" / "platform-tools" / "adb")
    environ = {"HOME": str(tmp_path), "ANDROID_HOME": str(tmp_path / "adb-only"), "PATH": ""}
    with pytest.raises(MissingTool, match=r"adb-only.*Android/Sdk.*sdkmanager \"platform-tools\""):
        sdk.find(environ)


def test_windows_names(tmp_path: Path) -> None:
    """emulator.exe, and batch files for the rest."""
    file(tmp_path / "emulator" / "emulator.exe")
    file(tmp_path / "cmdline-tools" / "latest" / "bin" / "avdmanager.bat")
    found = sdk.Sdk(tmp_path, "win32")
    assert found.program("emulator").name == "emulator.exe"
    assert found.program("avdmanager").name == "avdmanager.bat"
    with pytest.raises(MissingTool, match="cmdline-tools;latest"):
        found.program("sdkmanager")


def test_the_newest_tools(tmp_path: Path) -> None:
    """`latest` before numbers, numbers as numbers, the old SDK/tools last."""
    found = sdk.Sdk(tmp_path, "linux")
    order = ["tools/bin", "cmdline-tools/9.0/bin", "cmdline-tools/19.0/bin", "cmdline-tools/latest/bin"]
    for place in order:
        program = file(tmp_path / place / "avdmanager")
        assert found.program("avdmanager") == program


def test_images(stand_in: StandIn) -> None:
    """Oldest first, with the revision, and which of them give no root."""
    found = stand_in.found()
    file(found.root / "system-images" / "android-36.1" / "half" / "x86_64" / "README")
    assert [one.package for one in found.images()] == [
        "system-images;android-9;default;x86",
        "system-images;android-34;google_apis;x86_64",
        "system-images;android-34;google_apis_playstore;x86_64",
    ]
    assert found.images()[1] == Image("android-34", "google_apis", "x86_64", "14")
    assert [bool(one.no_root) for one in found.images()] == [False, False, True]


def test_an_image_that_is_not_there(stand_in: StandIn) -> None:
    """What is there, and the command that installs it."""
    with pytest.raises(MissingTool, match=r'installed: system-images;android-9.*`sdkmanager "a;b;c;d"`'):
        stand_in.found().image("a;b;c;d")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"ANDROID_AVD_HOME": "/a", "ANDROID_USER_HOME": "/b"}, "/a"),
        ({"ANDROID_USER_HOME": "/b", "ANDROID_EMULATOR_HOME": "/c"}, "/b/avd"),
        ({"ANDROID_EMULATOR_HOME": "/c"}, "/c/avd"),
        ({"ANDROID_SDK_HOME": "/d"}, "/d/.android/avd"),
        ({"HOME": "/home/x"}, "/home/x/.android/avd"),
    ],
)
def test_where_avds_lie(environ: dict[str, str], expected: str) -> None:
    """The variables in their order; and both programs are told the same."""
    found = sdk.Sdk(Path("/sdk"), "linux", environ)
    assert found.avd_home == Path(expected)
    assert found.env["ANDROID_AVD_HOME"] == expected and found.env["ANDROID_SDK_ROOT"] == "/sdk"


def test_a_program_that_hangs_or_is_broken(tmp_path: Path) -> None:
    """Each is a sentence."""
    found = sdk.Sdk(tmp_path, "linux", os.environ)
    program = file(tmp_path / "emulator" / "emulator", "#!/bin/sh\nexec sleep 600\n")
    with pytest.raises(DeviceError, match=r"emulator -version: no end within 0\.2 s"):
        found.run("emulator", "-version", timeout=0.2)
    program.write_text("no program")
    with pytest.raises(DeviceError, match="cannot be run: Exec format error"):
        found.run("emulator", "-version")

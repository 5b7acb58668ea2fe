"""Apps in every form they are handed over in, and archives that were made to do harm."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from promptrail.device import package_files
from promptrail.device.package_files import opened
from promptrail.errors import InputError

SPLITS = {"base.apk": b"the base", "split_config.ko.apk": b"Korean"}
OBB = "main.7.org.example.chat.obb"


def archive(folder: Path, name: str, entries: dict[str, bytes], **options: int) -> Path:
    file = folder / name
    with zipfile.ZipFile(file, "w", **options) as written:
        for entry, data in entries.items():
            written.writestr(entry, data)
    return file


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("suffix", [".apks", ".xapk", ".apkm", ".APKM"])
def test_an_archive_of_splits(tmp_path: Path, suffix: str) -> None:
    """Each APK with its name and SHA-256, its bytes under a name of ours while the block lasts, nothing afterwards."""
    file = archive(tmp_path, f"app{suffix}", {**SPLITS, "icon.png": b"x", "info.json": b"{}"})
    with opened(file) as files:
        assert [(one.name, one.sha256) for one in files.apks] == [(n, digest(d)) for n, d in SPLITS.items()]
        assert [one.path.read_bytes() for one in files.apks] == list(SPLITS.values())
        assert not {one.path.name for one in files.apks} & SPLITS.keys()
    assert not any(one.path.exists() for one in files.apks)


def test_one_apk_and_a_folder(tmp_path: Path) -> None:
    """They are used where they lie."""
    for name, data in SPLITS.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "notes.txt").write_text("x")
    with opened(tmp_path) as files:
        assert [one.path for one in files.apks] == [tmp_path / name for name in SPLITS]
    with opened(tmp_path / "base.apk") as files:
        assert [(one.name, one.sha256) for one in files.apks] == [("base.apk", digest(b"the base"))]


def test_bundletool_makes_more_than_one_device_needs(tmp_path: Path) -> None:
    """What is for systems without splits, and what is numbered for newer ones, is left out."""
    names = ["splits/base-master.apk", "splits/base-master_2.apk", "standalones/standalone-x86.apk", "toc.pb"]
    with opened(archive(tmp_path, "app.apks", dict.fromkeys(names, b"x"))) as files:
        assert [one.name for one in files.apks] == ["splits/base-master.apk"]


def test_expansion_files(tmp_path: Path) -> None:
    """Only those of the package that the archive is for; their place on the device is not the archive's to choose."""
    notes = {"package_name": "org.example.chat", "expansions": [{"install_path": "../../../data/x"}]}
    entries = {
        "base.apk": b"x",
        "manifest.json": json.dumps(notes).encode(),
        f"Android/obb/org.example.chat/{OBB}": b"big",
        "main.7.org.other.app.obb": b"other",
    }
    with opened(archive(tmp_path, "app.xapk", entries)) as files:
        assert [one.name.rpartition("/")[2] for one in files.expansions] == [OBB]


@pytest.mark.parametrize(
    "notes", [b"", b"[]", b'{"package_name": "../x"}', b'{"package_name": 7}', b"[" * 9999]
)
def test_notes_that_cannot_be_used(tmp_path: Path, notes: bytes) -> None:
    """An .xapk whose notes are damaged is installed without expansion files."""
    with opened(archive(tmp_path, "a.xapk", {"base.apk": b"x", "manifest.json": notes, OBB: b"y"})) as files:
        assert len(files.apks) == 1 and files.expansions == ()


BAD_NAMES = ["../base.apk", "/base.apk", "a/../../base.apk", "..\\base.apk"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_paths_that_lead_out(tmp_path: Path, name: str) -> None:
    """Refused as a whole, though nothing would be written under such a name."""
    with (
        pytest.raises(InputError, match="leads out of the archive"),
        opened(archive(tmp_path, "a.apks", {name: b"x"})),
    ):
        pass


def test_a_bomb(tmp_path: Path) -> None:
    """An entry that is nothing but one byte again and again."""
    file = archive(tmp_path, "a.apks", {"base.apk": bytes(40 << 20)}, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(InputError, match="over 200 times its size"), opened(file):
        pass


def test_a_directory_that_lies(tmp_path: Path) -> None:
    """Sizes that are smaller than what comes out do not get past the limits."""
    file = archive(tmp_path, "a.apks", {"base.apk": b"a" * 5000}, compression=zipfile.ZIP_DEFLATED)
    raw = file.read_bytes()
    file.write_bytes(raw.replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little")))
    with pytest.raises(InputError), opened(file):
        pass


@pytest.mark.parametrize(
    ("limit", "value", "words"), [("MOST", 1, "2 files"), ("LARGEST", 10, "unpacks to more")]
)
def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, words: str) -> None:
    """Numbers and sizes that no app has."""
    monkeypatch.setattr(package_files, limit, value)
    with pytest.raises(InputError, match=words), opened(archive(tmp_path, "a.apks", SPLITS)):
        pass


def test_two_files_of_one_name(tmp_path: Path) -> None:
    """Which of them is installed would depend on who reads."""
    file = tmp_path / "a.apks"
    with zipfile.ZipFile(file, "w") as written:
        written.writestr("base.apk", b"one")
        with pytest.warns(UserWarning, match="Duplicate"):
            written.writestr("base.apk", b"two")
    with pytest.raises(InputError, match="two files in it have one name"), opened(file):
        pass


def test_an_encrypted_archive(tmp_path: Path) -> None:
    """Said, rather than asked for a password."""
    file = archive(tmp_path, "a.apkm", {"base.apk": b"x"})
    raw = bytearray(file.read_bytes())
    raw[raw.index(b"PK\x03\x04") + 6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(raw)
    with pytest.raises(InputError, match="is encrypted"), opened(file):
        pass


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("none.apk", None, "no such file"),
        ("a.apks", b"", "cannot be read as an archive"),
        ("a.apks", b"PK\x03\x04 and so on", "cannot be read as an archive"),
        ("a.zip", b"PK", "is no .apk, .apks"),
        ("a.aab", b"PK", "is no .apk, .apks"),
    ],
)
def test_what_is_no_app(tmp_path: Path, name: str, data: bytes | None, words: str) -> None:
    """One sentence with the file's name."""
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=rf"{name}.*{words}"), opened(tmp_path / name):
        pass


def test_archives_and_folders_without_apks(tmp_path: Path) -> None:
    """Neither has anything to install."""
    with pytest.raises(InputError, match=r"no \.apk file lies in this folder"), opened(tmp_path):
        pass
    with (
        pytest.raises(InputError, match=r"no \.apk for a device"),
        opened(archive(tmp_path, "a.apks", {"x": b""})),
    ):
        pass


def test_every_cut_is_a_sentence(tmp_path: Path) -> None:
    """An archive cut at any byte is refused, and nothing else is raised."""
    whole = archive(tmp_path, "a.apks", SPLITS).read_bytes()
    cut = tmp_path / "cut.apks"
    for size in range(len(whole)):
        cut.write_bytes(whole[:size])
        with pytest.raises(InputError), opened(cut):
            pass

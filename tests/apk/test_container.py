"""The forms an app is handed over in: one package, a folder of splits, archives of them, and what is none of these."""

import hashlib
from contextlib import ExitStack
from pathlib import Path

import pytest

from apk.packages import apk, zipped
from promptrail.apk import container
from promptrail.apk.archive import Budget
from promptrail.errors import InputError


def parts() -> dict[str, bytes]:
    return {"base.apk": apk(), "split_config.arm64_v8a.apk": apk(split="config.arm64_v8a")}


def read(path: Path) -> tuple[str, list[tuple[str, str, int]], Budget]:
    """The form; name, digest and size of each package; what was not read."""
    budget = Budget()
    with ExitStack() as stack:
        found = container.handed(path, budget, stack)
        return found.form, [(one.name, one.sha256, one.size) for one in found.packages], budget


def expected(files: dict[str, bytes]) -> list[tuple[str, str, int]]:
    return [(name, hashlib.sha256(data).hexdigest(), len(data)) for name, data in sorted(files.items())]


def test_one_package(tmp_path: Path) -> None:
    """Whatever it is called: its content says what it is."""
    file = tmp_path / "download.bin"
    file.write_bytes(apk())
    assert read(file)[:2] == ("apk", expected({"download.bin": apk()}))


def test_a_folder_of_splits(tmp_path: Path) -> None:
    """Its packages by name, and nothing else that lies there."""
    for name, data in parts().items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "folder.apk").mkdir()
    assert read(tmp_path)[:2] == ("folder", expected(parts()))


@pytest.mark.parametrize("form", ["apks", "xapk", "apkm"])
def test_an_archive_of_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Each with its digest; nothing is unpacked beside it."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / f"chat.{form}"
    file.write_bytes(zipped({**parts(), "manifest.json": b"{}", "icon.png": b"x", "a/../../x.apk": apk()}))
    got, packages, budget = read(file)
    assert got == form and packages == expected({**parts(), "a/../../x.apk": apk()}) and not budget.unread
    assert list(tmp_path.iterdir()) == [file]


def test_an_archive_by_another_name_is_one_too(tmp_path: Path) -> None:
    """A renamed .apks."""
    file = tmp_path / "chat.zip"
    file.write_bytes(zipped(parts()))
    assert read(file)[0] == "archive"


def test_what_cannot_be_read_in_an_archive_is_named(tmp_path: Path) -> None:
    """The other packages are read; an expansion file is not looked into."""
    file = tmp_path / "chat.xapk"
    file.write_bytes(zipped({**parts(), "broken.apk": b"no package", "Android/obb/main.7.x.obb": b"data"}))
    _, packages, budget = read(file)
    assert len(packages) == 2
    assert [(one.part, one.reason[:22]) for one in budget.unread] == [
        ("Android/obb/main.7.x.obb", "an expansion file: not"),
        ("broken.apk", "broken.apk: not a ZIP "),
    ]


def test_a_bomb_of_packages_is_not_unpacked(tmp_path: Path) -> None:
    """An entry that says it is a package and is a hundred megabytes of nothing."""
    file = tmp_path / "chat.apks"
    file.write_bytes(zipped({"a.apk": bytes(100_000_000), "base.apk": apk()}))
    _, packages, budget = read(file)
    assert len(packages) == 1 and "packed more than 250 times" in budget.unread[0].reason


def test_what_holds_no_package_is_refused(tmp_path: Path) -> None:
    """Each with the path and what an app looks like."""
    empty, other, text = tmp_path / "empty", tmp_path / "other.zip", tmp_path / "x.apk"
    empty.mkdir()
    other.write_bytes(zipped({"readme.txt": b"hello"}))
    text.write_text("hello")
    for path, said in (
        (empty, r"a folder without any \.apk"),
        (other, r"without AndroidManifest\.xml and without packages"),
        (text, "not a ZIP file that can be read"),
        (tmp_path / "none.apk", "no such file"),
    ):
        with pytest.raises(InputError, match=said) as fault:
            read(path)
        assert path.name in str(fault.value)


def test_a_broken_split_stops_no_other(tmp_path: Path) -> None:
    """It is named; a folder of nothing but broken ones is refused."""
    (tmp_path / "a.apk").write_text("none")
    with pytest.raises(InputError, match=r"no \.apk in it can be read: a\.apk: not a ZIP file"):
        read(tmp_path)
    (tmp_path / "base.apk").write_bytes(apk())
    form, packages, budget = read(tmp_path)
    assert form == "folder" and [name for name, *_ in packages] == ["base.apk"]
    assert budget.unread[0].file == "a.apk" and "not a ZIP file" in budget.unread[0].reason

"""What is typed into a device: plain ASCII as keys, everything else by an input method, the user's own put back."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from device.scenario.stages import PACKAGE, phone
from promptrail.device import keyboard
from promptrail.device.device import Device
from promptrail.errors import RecordingError
from rigs.android.namespaces import Phone

pytestmark = pytest.mark.rig
LATIN = "com.android.inputmethod.latin/.LatinIME"


@pytest.fixture(scope="module")
def there() -> Iterator[tuple[Phone, Device]]:
    with phone() as one:
        yield one


@pytest.fixture(autouse=True)
def fresh(there: tuple[Phone, Device]) -> None:
    """Nothing typed yet, the user's input method chosen, and the other app there."""
    there[0].run(
        f"rm -rf /data/data/{PACKAGE}/input; echo {PACKAGE} >/data/system/foreground; ime set {LATIN}; "
        f"mkdir -p /data/app/{keyboard.APP}"
    )


def typed(there: tuple[Phone, Device]) -> list[str]:
    """Each piece that reached the app."""
    folder = there[0].file(f"/data/data/{PACKAGE}/input")
    files = sorted(folder.glob("[0-9]*"), key=lambda file: int(file.name)) if folder.exists() else []
    return [file.read_text("utf-8") for file in files]


TEXTS = [
    "plain words",
    "quotes ' \" and $(reboot) `x` \\ & | ; < > * ? ~ ! #",
    " a space at each end ",
    "x" * 250,
    "한국어와 中文 und Grüße",
    "two\nlines",
    "100%sure",
    "\U0001f600 a face",
    "-n",
]


@pytest.mark.parametrize("text", TEXTS, ids=[repr(text[:20]) for text in TEXTS])
def test_every_character_arrives(there: tuple[Phone, Device], text: str) -> None:
    """Once, in its order; afterwards the input method is the user's again."""
    keyboard.type_text(there[1], text)
    assert "".join(piece.removeprefix("text\n") for piece in typed(there)) == text
    assert there[0].run("settings get secure default_input_method") == LATIN


def test_long_texts_go_in_pieces(there: tuple[Phone, Device]) -> None:
    """`input text` loses characters of a long text."""
    keyboard.type_text(there[1], "x" * 250)
    assert [len(piece.removeprefix("text\n")) for piece in typed(there)] == [80, 80, 80, 10]


def test_nothing_is_typed_for_nothing(there: tuple[Phone, Device]) -> None:
    """An empty text makes Android's `input` fail."""
    keyboard.type_text(there[1], "")
    assert typed(there) == []


def test_pasting(there: tuple[Phone, Device]) -> None:
    """A long plain text comes whole, where typing it would come in pieces; nothing comes of an empty one."""
    keyboard.paste(there[1], "")
    keyboard.paste(there[1], "x" * 9000)
    assert typed(there) == ["text\n" + "x" * 9000]
    assert there[0].run("settings get secure default_input_method") == LATIN


def test_emptying(there: tuple[Phone, Device]) -> None:
    """Two inputs, however long the text is."""
    keyboard.empty(there[1], 9000)
    assert typed(there) == ["keys\n113 29", "key\n67"]


def test_emptying_without_combinations(there: tuple[Phone, Device]) -> None:
    """An older Android has no such command: a key for each character."""
    there[0].run("touch /data/local/old-input")
    try:
        keyboard.empty(there[1], 3)
    finally:
        there[0].run("rm /data/local/old-input")
    assert typed(there) == ["key\n123", *["key\n67"] * 3]


def test_erasing(there: tuple[Phone, Device]) -> None:
    """From the end of the field, a key for each character."""
    keyboard.erase(there[1], 43)
    assert typed(there) == ["key\n123", *["key\n67"] * 43]


def test_without_the_input_method(there: tuple[Phone, Device]) -> None:
    """The error says what to install; nothing was chosen or typed."""
    there[0].run(f"rm -r /data/app/{keyboard.APP}")
    with pytest.raises(RecordingError, match="pip install uiautomator2"):
        keyboard.type_text(there[1], "한국어")
    assert typed(there) == [] and there[0].run("settings get secure default_input_method") == LATIN


def test_the_app_of_it_is_installed_where_it_is_missing(
    there: tuple[Phone, Device], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From Python's uiautomator2, where that is there."""
    there[0].run(f"rm -r /data/app/{keyboard.APP}")
    apk = tmp_path / "uiautomator2" / "assets" / "app-uiautomator.apk"
    apk.parent.mkdir(parents=True)
    apk.write_bytes(b"PK: the stand-in takes any")
    (tmp_path / "uiautomator2" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "uiautomator2", raising=False)
    keyboard.type_text(there[1], "한국어")
    assert there[0].file("/data/local/installed.apk").read_bytes() == apk.read_bytes()
    assert not isinstance(sys.modules.get("uiautomator2"), ModuleType)  # found, and not run


def test_an_input_method_that_does_not_take_it(there: tuple[Phone, Device]) -> None:
    """What it said is told, and the user's own is chosen again."""
    there[0].run(f"touch /data/data/{PACKAGE}/input")  # no folder: nothing can be left there
    with pytest.raises(RecordingError, match=r"did not take the text: .*result=0"):
        keyboard.type_text(there[1], "한국어")
    assert there[0].run("settings get secure default_input_method") == LATIN

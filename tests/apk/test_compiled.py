"""Compiled XML and resource tables through androguard's process: what it reads, what it refuses, and that it ends."""

import sys

import pytest

from apk.compiled_files import Xml, compiled_xml, table
from promptrail.apk import compiled as module
from promptrail.apk.archive import Unreadable
from promptrail.apk.compiled import Compiled, Element
from promptrail.errors import MissingTool


def test_xml_is_a_tree_of_elements() -> None:
    """Tags, attributes with and without Android's namespace, text, and order."""
    deep = Xml("b", {"plain": "프롬프트", "a:name": "n", "a:flag": True, "a:number": 7}, [Xml("d")], "text")
    with Compiled() as compiled:
        root = compiled.xml(compiled_xml(Xml("a", {}, [deep, Xml("c")])))
    (first, second) = root.children
    assert (root.tag, first.tag, second.tag, first.text) == ("a", "b", "c", "text")
    assert first.attributes == {
        "plain": "프롬프트",
        "android:name": "n",
        "android:flag": "true",
        "android:number": "7",
    }
    assert [one.tag for one in root.walk()] == ["a", "b", "d", "c"] and root.all("c") == [Element("c", {})]


def test_references_are_what_the_table_says() -> None:
    """A string, a file, a text that is no reference, and a resource that does not exist."""
    with Compiled() as compiled:
        compiled.load(table({"app": "Chat", "id": "x.y"}, {"nsc": "res/a.xml"}))
        told = [
            compiled.value(text)
            for text in ("@7F010000", "@7F010001", "@7F020000", "plain", None, "@7F019999")
        ]
        assert told == ["Chat", "x.y", "res/a.xml", "plain", None, None]
        assert compiled.named(["id", "none"]) == {"id": "x.y"}


def test_strings_with_a_dot_are_handed_out() -> None:
    """What could hold an address; not the names of the package's own files."""
    with Compiled() as compiled:
        assert compiled.strings(table({"a": "https://x.test/", "b": "Hello"}, {"c": "res/xml/c.xml"})) == [
            "https://x.test/"
        ]


@pytest.mark.parametrize(
    "data", [b"", b"\x03\x00\x08\x00", b"<manifest/>", compiled_xml(Xml("a"))[:-50], b"\xff" * 999]
)
def test_what_is_no_compiled_xml_has_a_reason(data: bytes) -> None:
    """Plain XML too: nothing of it is ever parsed, so no entity of it is ever expanded."""
    with Compiled() as compiled:
        with pytest.raises(Unreadable, match="androguard could not read it"):
            compiled.xml(data)
        assert compiled.xml(compiled_xml(Xml("a"))).tag == "a"


@pytest.mark.parametrize("data", [b"", b"junk" * 99, table({"a": "b.c"})[:-60]])
def test_what_is_no_table_has_a_reason(data: bytes) -> None:
    """And asking for a value afterwards is answered in the same way."""
    with Compiled() as compiled:
        with pytest.raises(Unreadable):
            compiled.load(data)
        with pytest.raises(Unreadable):
            compiled.value("@7F010000")


def test_more_elements_than_an_app_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is handed to the process."""
    monkeypatch.setattr(module, "NODES", 20)
    with Compiled() as compiled, pytest.raises(Unreadable, match="more than 20 elements"):
        compiled.xml(compiled_xml(Xml("a", {}, [Xml("b")] * 30)))


def test_a_process_that_takes_too_long_is_ended() -> None:
    """What was asked of it, then and later, has that as its reason."""
    with Compiled(seconds=0.01) as compiled:
        for _ in range(2):
            with pytest.raises(Unreadable, match=r"took more than 0\.01 seconds for this app and was ended"):
                compiled.xml(compiled_xml(Xml("a")))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no address space")
def test_a_process_that_takes_too_much_memory_is_ended() -> None:
    """Here as little as Python itself does not start with."""
    with Compiled(memory=1 << 20) as compiled, pytest.raises(Unreadable, match="too much memory"):
        compiled.xml(compiled_xml(Xml("a")))


def test_without_androguard_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command, not an import error."""
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingTool, match=r"pip install 'promptrail\[apk\]'"), Compiled():
        pass

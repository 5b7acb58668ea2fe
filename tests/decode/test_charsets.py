"""Encodings other than UTF-8: declared, marked, recognised, wrong and unknown ones."""

# ruff: noqa: E501 (tables: one way a line)

import codecs
import json

import pytest

from decode.unwrapping import ASCII, CHINESE, KOREAN, TEXTS, below, found
from promptrail.decode import expand
from promptrail.decode.layer import Layer, Undecodable

JAPANESE = "明日の会議を記録してもいいですか kestrel-4417"
TRADITIONAL = "請問我可以記錄明天的會議嗎 kestrel-4417"
GERMAN = "Die Bären fraßen süßes Müsli über Nacht, kestrel-4417"
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
RECOGNISED = [
    ("euc-kr", KOREAN),
    ("gb18030", CHINESE),
    ("big5", TRADITIONAL),
    ("shift_jis", JAPANESE),
    ("euc-jp", JAPANESE),
    ("windows-1252", GERMAN),
]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", WIDE)
def test_wide_text_is_read_with_a_mark_and_without(name: str, text: str) -> None:
    """UTF-16 and UTF-32 in both orders, the mark taken off."""
    mark = "\ufeff".encode(name)
    assert found(text, text.encode(name)) == [((name,), "")]
    assert found(text, mark + text.encode(name)) == [((name,), "")]


@pytest.mark.parametrize("name", WIDE)
def test_wide_json_is_taken_apart(name: str) -> None:
    """What comes out is a layer like any other."""
    data = json.dumps({"q": KOREAN}, ensure_ascii=False).encode(name)
    assert found(KOREAN, data, "application/json") == [((name, "json"), "/q")]


@pytest.mark.parametrize(("name", "text"), RECOGNISED, ids=[r[0] for r in RECOGNISED])
def test_national_encodings_are_recognised(name: str, text: str) -> None:
    """Undeclared, as a body and in JSON whose bytes are in that encoding."""
    assert found(text, text.encode(name)) == [((name,), "")]
    data = json.dumps({"q": text}, ensure_ascii=False).encode(name)
    assert found(text, data) == [((name, "json"), "/q")]


@pytest.mark.parametrize(
    ("label", "text"),
    [*RECOGNISED, ("gbk", CHINESE), ("GB2312", CHINESE), ("iso-2022-jp", JAPANESE), ("iso-8859-1", GERMAN),
     ("cp949", KOREAN), ("windows-1251", "Привет, kestrel-4417"), ("koi8-r", "Привет, kestrel-4417"), ("utf-7", KOREAN)],
)  # fmt: skip
def test_a_declared_encoding_is_believed(label: str, text: str) -> None:
    """The content type names it; the chain gives the name as it was declared."""
    data = text.encode(label)
    assert found(text, data, f"text/plain; charset={label.lower()}") == [((label.lower(),), "")]


def test_markup_declares_its_encoding() -> None:
    """<meta charset> and the XML declaration."""
    page = f'<!doctype html><meta charset="euc-kr"><p>{KOREAN}</p>'.encode("euc-kr")
    assert found(KOREAN, page, "text/html") == [(("euc-kr", "markup"), "/p")]
    document = f'<?xml version="1.0" encoding="Shift_JIS"?><a>{JAPANESE}</a>'.encode("shift_jis")
    assert found(JAPANESE, document) == [(("Shift_JIS", "markup"), "/a")]


@pytest.mark.parametrize(
    "label", ["klingon-8", "zlib", "rot13", "idna", "unicode_escape", "undefined", "utf-8\0", "x" * 39]
)
def test_an_unknown_encoding_is_a_fault_by_name(label: str) -> None:
    """A charset that does not exist, or that is a codec of Python and no charset."""
    faults: list[Undecodable] = []
    layers = list(expand(Layer(KOREAN.encode(), media=f"text/plain; charset={label}"), faults))
    assert [f.reason for f in faults] == ["encoding"] and label[:5] in repr(faults[0].detail)
    assert all(layer.chain[0] in ("base64", "hex") for layer in layers)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_utf8_is_not_read_as_anything_else(text: str) -> None:
    """Whatever the header says: bytes that are valid UTF-8 are UTF-8."""
    for media in (
        "",
        "text/plain; charset=utf-8",
        "text/plain; charset=iso-8859-1",
        "text/plain; charset=euc-kr",
    ):
        words = {word for layer in below(Layer(text.encode(), media=media)) for word in layer.chain}
        assert words <= {"base64"}


def test_utf8_cut_inside_a_character_stays_utf8() -> None:
    """A body that was cut is not taken for Chinese."""
    assert [x for x in below(Layer((KOREAN * 3).encode()[:50])) if x.chain[0] not in ("base64",)] == []


def test_a_mark_before_noise_is_no_text() -> None:
    """FF FE is also how noise may begin."""
    noise = codecs.BOM_UTF16_LE + bytes(range(256)) + ASCII.encode()
    assert [x for x in below(Layer(noise)) if "utf-16-le" in x.chain] == []

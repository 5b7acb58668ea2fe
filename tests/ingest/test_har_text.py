"""The bytes behind a text: what a length proves, what a tool's habit tells, what the text shows, what is in doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptrail.ingest.har_text import Length, restore

KOREAN = "우리 팀의 3분기 구조조정 계획을 요약해 줘. dunlin-8850"
SENT = KOREAN.encode()
MOJIBAKE = SENT.decode("latin-1")


def windows(data: bytes) -> str:
    """Bytes as a browser reads Windows-1252: the five that it leaves open become C1 controls."""
    return "".join(
        bytes([b]).decode("latin-1" if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "cp1252") for b in data
    )


def proved(size: int) -> Length:
    return Length(size, True)


@pytest.mark.parametrize(
    ("name", "text", "told", "media", "data", "remark"),
    [
        ("as it was", KOREAN, proved(len(SENT)), "", SENT, None),
        ("Latin-1", MOJIBAKE, proved(len(SENT)), "", SENT, "repaired"),
        ("Windows-1252", windows(SENT), proved(len(SENT)), "", SENT, "repaired"),
        ("binary", bytes(range(256)).decode("latin-1"), proved(256), "", bytes(range(256)), "repaired"),
        ("sent as mojibake", MOJIBAKE, proved(len(MOJIBAKE.encode())), "", MOJIBAKE.encode(), None),
        ("EUC-KR", KOREAN, proved(len(KOREAN.encode("cp949"))), "text/plain; charset=cp949", None, None),
        ("a byte order mark", KOREAN, proved(len(SENT) + 3), "", b"\xef\xbb\xbf" + SENT, None),
        ("UTF-16", "\ufeff" + KOREAN, proved(2 + 2 * len(KOREAN)), "", None, None),
        ("surrogates", '{"q":"\udcff"}', proved(9), "", b'{"q":"\xff"}', "surrogates"),
        ("edited", "[redacted]", proved(400), "", b"[redacted]", "length"),
        ("plain", "hello", proved(5), "", b"hello", None),
        ("dropped bytes", "a\ufffdb", proved(3), "", "a\ufffdb".encode(), "replaced"),
    ],
)
def test_a_length_proves(
    name: str, text: str, told: Length, media: str, data: bytes | None, remark: str | None
) -> None:
    """A length that was counted on the wire says which bytes the text was, whatever the tool."""
    found = restore(text, told, "unknown", media)
    assert found.remark == remark, name
    assert len(found.data) == told.size or remark in ("length", "replaced")
    assert data is None or found.data == data


@pytest.mark.parametrize(
    ("name", "text", "told", "data", "remark"),
    [
        ("Korean read as Latin-1", MOJIBAKE, None, SENT, "repaired"),
        ("Korean read as Windows-1252", windows(SENT), None, SENT, "repaired"),
        ("two letters", "cafÃ© crÃ¨me", None, "café crème".encode(), "repaired"),
        ("one letter", "cafÃ©", None, "cafÃ©".encode(), "doubtful"),
        ("binary", "\x08\x96\x01 \xff", None, "\x08\x96\x01 \xff".encode(), "doubtful"),
        ("Korean", KOREAN, None, SENT, None),
        ("French", "déjà vu, café", None, "déjà vu, café".encode(), None),
        ("a count of characters", "café", Length(4, False), "café".encode(), None),
        ("an uncertain count that fits", MOJIBAKE, Length(len(SENT), False), SENT, "repaired"),
        ("an uncertain count that does not", "hello", Length(9, False), b"hello", None),
        ("dropped bytes", "a\ufffdb", None, "a\ufffdb".encode(), "replaced"),
    ],
)
def test_without_proof(name: str, text: str, told: Length | None, data: bytes, remark: str | None) -> None:
    """Of an unknown tool, only what no person writes is repaired; what might be either stands and is marked."""
    assert restore(text, told, "unknown", "") == (data, remark), name


@pytest.mark.parametrize(
    ("how", "media", "text", "data"),
    [
        ("utf-8", "text/plain; charset=euc-kr", "cafÃ© Ã©", "cafÃ© Ã©".encode()),
        ("charset", "text/plain; charset=euc-kr", KOREAN, KOREAN.encode("euc-kr")),
        ("charset", "text/plain; charset=iso-8859-1", KOREAN, SENT),
        ("inferred", "text/plain", MOJIBAKE, SENT),
        ("inferred", "application/json", MOJIBAKE, MOJIBAKE.encode()),
        ("inferred", "text/xml", '<?xml version="1" encoding="euc-kr"?>한', None),
        ("inferred", "text/plain", KOREAN, SENT),
    ],
)
def test_a_tools_habit(how: str, media: str, text: str, data: bytes | None) -> None:
    """Where nothing is counted, the way that the tool turns bytes into text is undone."""
    expected = data if data is not None else text.encode("euc-kr")
    assert restore(text, None, how, media).data == expected  # type: ignore[arg-type]


@given(data=st.binary(max_size=60), codec=st.sampled_from(["latin-1", "utf-8", "cp949", "utf-16-le"]))
def test_with_a_length_the_bytes_come_back(data: bytes, codec: str) -> None:
    """Whatever bytes, read as any of these: with the length told, they are restored or their length was not theirs."""
    try:
        text = data.decode(codec, "surrogateescape" if codec == "utf-8" else "strict")
    except UnicodeDecodeError:
        return
    media = f"text/plain; charset={codec}"
    found = restore(text, proved(len(data)), "unknown", media)
    assert len(found.data) == len(data)
    assert found.data == data or len(text.encode("utf-8", "replace")) == len(data) or codec == "utf-16-le"


@given(text=st.text())
def test_no_text_is_too_odd(text: str) -> None:
    """Any text, lone surrogates included, gives bytes."""
    for how in ("utf-8", "inferred", "charset", "unknown"):
        restore(text, None, how, "text/html; charset=\ud800")  # type: ignore[arg-type]
        restore(text, Length(3, False), how, "")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "charset", ["idna", "punycode", "base64", "zlib", "undefined", "rot13", "\0", "x" * 99]
)
def test_a_charset_that_is_none(charset: str) -> None:
    """Names that Python knows as something else than a text encoding, or not at all, are not followed."""
    assert restore("한", None, "charset", f"text/plain; charset={charset}").data == "한".encode()

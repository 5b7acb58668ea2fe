"""Text in another encoding than UTF-8 in, the same text as UTF-8 out: declared, by byte order mark, or recognised.

Names are those of the WHATWG Encoding standard. Recognition is for whole values that are not UTF-8, takes one
encoding only, and asks for characters that are frequent in a language: a wrong guess would invent text.
"""

import codecs
import re
from collections.abc import Iterator

from promptrail.decode.layer import Layer, Piece, Undecodable
from promptrail.decode.readable import NOT_PRINTED

DECLARED = re.compile(r"charset=[\"']?([^\"';,\s]{1,40})")
IN_MARKUP = re.compile(
    rb"<(?:meta\s[^>]*charset|\?xml\s[^>]*encoding)\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.I
)
KNOWN = re.compile(
    r"utf_8|ascii|utf_16(_[bl]e)?|utf_32(_[bl]e)?|utf_7|gbk|gb2312|gb18030|hz|big5(hkscs)?|euc_(jp|kr)|johab|cp(949|950|932|936|125\d|874|866)"
    r"|shift_jis\w*|iso2022_(jp|kr)\w*|iso8859_\d+|latin_1|koi8_[rut]|mac_\w+|tis_620"
)
SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
SEVEN_BIT = ("utf_7", "hz", "iso2022_jp", "iso2022_kr")
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
FREQUENT = {
    "euc-kr": frozenset(
        "이다는에의가을를은한고로하지도사리기인어아서자나시그있것수들대해일정장안부주전보면라여요만으게니습오무제었녕회"
    ),
    "gb18030": frozenset(
        "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天好请问记录"
    ),
    "big5": frozenset(
        "的一是不了在人有我他這中大來上個國到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可裡後小麼心多天好請問記錄"
    ),
    "shift_jis": frozenset(
        "のにはをたがでてとしれさあいうるなもかすらまこりくんッンスルトラリイク日本人年一"
    ),
    "euc-jp": frozenset("のにはをたがでてとしれさあいうるなもかすらまこりくんッンスルトラリイク日本人年一"),
}
CODECS = {
    "euc-kr": "cp949",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
}
WESTERN = re.compile(r"[A-Za-z][À-ÖØ-öø-ÿ’]|[À-ÖØ-öø-ÿ][A-Za-z]|[¿¡«]\w|\w»")
SAMPLE = 4096
EAST_ASIAN = ("gb2312", "cp949", "cp932", "big5")
"""What a UTF-16 text without a mark must be able to be written in: some 7,000 characters each, of 65,536."""


def declared(layer: Layer) -> Iterator[Piece]:
    """By byte order mark, by the content type, by a <meta> or an XML declaration."""
    data = layer.data
    for mark, name in MARKS:
        if data.startswith(mark):
            marked = data[len(mark) :].decode(name, "replace")
            narrow = sum(c < "\x80" for c in marked[:SAMPLE]) * 2 > len(marked[:SAMPLE])
            if (_printed(marked) or narrow) and marked.count("\ufffd") * 50 <= len(marked):
                yield _piece(layer, marked, name)
                return
    if not layer.media and data[:1] != b"<":
        return
    said = DECLARED.search(layer.media) if "charset" in layer.media else None
    inside = IN_MARKUP.search(data, 0, 1024) if said is None and data.lstrip()[:1] == b"<" else None
    label = said[1] if said else inside[1].decode() if inside else ""
    if not label:
        return
    known = _known(label)
    if known is None:
        raise Undecodable("encoding", f"the charset {label!r} is not known")
    if known in ("utf_8", "ascii") or (
        data.isascii() and known not in SEVEN_BIT and not known.startswith("utf_")
    ):
        return
    if not known.startswith(("utf_16", "utf_32")) and not data.isascii() and _is_utf8(data):
        return  # the header is wrong: what is valid UTF-8 is hardly ever anything else
    whole = data.decode(SUPERSETS.get(known, known), "replace")
    yield _piece(layer, whole, known.replace("_", "-") if known.startswith("utf") else label)


def wide(layer: Layer) -> Iterator[Piece]:
    """UTF-16 and UTF-32 without a mark."""
    data = layer.data
    if len(data) < 8:
        return
    if len(data) % 4 == 0:
        for name, zeros in (("utf-32-le", data[3::4]), ("utf-32-be", data[0::4])):
            if not zeros.strip(b"\0") and (whole := _strict(data, name)) and _printed(whole):
                yield _piece(layer, whole, name)
                return
    even = data[: len(data) & ~1]
    for name, high in (("utf-16-le", even[1:SAMPLE:2]), ("utf-16-be", even[0:SAMPLE:2])):
        if len(set(high)) * 4 > len(high) * 3 + 8:  # the high bytes of a text are few
            continue
        whole = even.decode(name, "ignore") if len(even) > SAMPLE else _strict(even, name)
        if whole and _printed(whole) and _likely(whole, high):
            yield _piece(layer, whole, name)
            return


def recognised(layer: Layer) -> Iterator[Piece]:
    """East Asian and western encodings, where the bytes are text and not UTF-8."""
    data = layer.data
    if len(data) < 8 or data.isascii() or _has_control(data) or _is_utf8(data):
        return
    sample = _whole_lines(data)
    best, most = "", 0.15
    for name, frequent in FREQUENT.items():
        if decoded := _strict(sample, CODECS[name]):
            wide_ones = [c for c in decoded if ord(c) > 0x2000]
            score = sum(c in frequent for c in wide_ones) / len(wide_ones) if len(wide_ones) >= 4 else 0
            if score > most:
                best, most = name, score
    if best:
        yield _piece(layer, data.decode(CODECS[best], "replace"), best)
        return
    high = sum(byte >= 0x80 for byte in sample)
    western = _strict(sample, "cp1252") if len(data) >= 12 else None
    if western and high * 4 <= len(sample) and len(WESTERN.findall(western)) * 2 >= high:
        yield _piece(layer, data.decode("cp1252", "replace"), "windows-1252")


def _piece(layer: Layer, text: str, name: str) -> Piece:
    media = DECLARED.sub("charset=utf-8", layer.media)
    return Piece(text.encode("utf-8", "replace"), 0, len(layer.data), media=media, step=name)


def _known(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name.replace("-", "_").lower()
    except (LookupError, ValueError):
        return None
    return name if KNOWN.fullmatch(name) else None


def _has_control(data: bytes) -> bool:
    sample = data[:SAMPLE]
    return len(sample.translate(None, NOT_PRINTED)) != len(sample)


def _is_utf8(data: bytes) -> bool:
    """Lone surrogates, and a character cut at the end, are forgiven."""
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as fault:
        return fault.start >= len(data) - 3 and fault.reason == "unexpected end of data"
    return True


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def _whole_lines(data: bytes) -> bytes:
    """A sample that does not end inside a character."""
    if len(data) <= SAMPLE:
        return data
    cut = max(data.rfind(mark, 0, SAMPLE) for mark in (b"\n", b" ", b'"', b","))
    return data[:cut] if cut > 0 else data


def _printed(text: str) -> bool:
    return not any((c < " " and c not in "\t\n\r") or "\x7f" <= c < "\xa0" for c in text[:SAMPLE])


def _likely(text: str, high: bytes) -> bool:
    """Latin text has zeros for high bytes; other text must exist in a national character set."""
    if len(high) >= 4 and high.count(0) * 2 >= len(high):
        return True
    sample = "".join(c for c in text[:400] if c < "\U00010000" and not "\u2010" <= c <= "\u203a")
    if len(sample) < 5:
        return False
    for name in EAST_ASIAN:
        try:
            sample.encode(name)
        except UnicodeEncodeError:
            continue
        return True
    return False

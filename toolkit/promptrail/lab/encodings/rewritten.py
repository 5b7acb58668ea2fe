"""Texts that a reader would take for the same, in other bytes: charsets, quoted-printable, case, Unicode forms; and
what shows that a text was known without holding it: hashes, a part of it, a simple cipher.
"""

import unicodedata

from promptrail.lab.encoders.digests import NAMES, digest, xor
from promptrail.lab.encoders.mail import quoted_printable
from promptrail.lab.encoders.text_codes import BASE16, base64, percent, rfc4648
from promptrail.lab.encodings.shape import ALL, Encoding, Message, body, document, valued

ZERO_WIDTH = ("\u200b", "\u200d", "\u2060")
KEY = 0x5A
CUT = 0.6
"""Of a prompt, when it is truncated."""


def _charset(
    name: str, codec: str, languages: tuple[str, ...], said: str | None = None, mark: bytes = b""
) -> Encoding:
    """A plain text in a charset, named by the Content-Type where `said` is given."""
    media = f"text/plain; charset={said}" if said else "text/plain"
    chain = (codec.replace("euc_", "euc-"),)
    return Encoding(name, chain, body(lambda x: mark + x.encode(codec), media), languages=languages)


def _ascii(name: str) -> Encoding:
    """A text of ASCII alone: the same bytes in every charset of East Asia, so that nothing needs to be undone."""
    media = f"text/plain; charset={name.lower()}"
    return Encoding(f"{name}, ASCII alone", (), body(str.encode, media), languages=("en",))


def _hidden(text: str) -> str:
    """A zero-width character behind every third one."""
    return "".join(c + (ZERO_WIDTH[n // 3 % 3] if n % 3 == 2 else "") for n, c in enumerate(text))


def _fullwidth(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _truncated(text: str) -> str:
    return text[: int(len(text) * CUT)] + "…"


def _cut_query(text: str) -> list[Message]:
    """A query that was cut by bytes: it ends with a percent sign where the last character is beyond ASCII."""
    written = percent(text.encode())
    cut = int(len(written) * CUT)
    while cut < len(written) and written[cut - 1] != "%":
        cut += 1
    return [Message(tail=f"?q={written[:cut]}")]


def _digests() -> list[Encoding]:
    out = []
    for name in NAMES:
        for way, written in (("hex", lambda d: rfc4648(d, BASE16)), ("base64", base64)):
            make = valued(lambda x, name=name, written=written: written(digest(name, x.encode())))  # type: ignore[misc]
            out.append(Encoding(f"{name} in {way}", ("json", way, name), make, "digest", pointer="/prompt"))
    return out


ENCODINGS = (
    _charset("UTF-16-LE, marked", "utf-16-le", (*ALL, "ja"), mark=b"\xff\xfe"),
    _charset("UTF-16-BE", "utf-16-be", (*ALL, "ja"), said="utf-16-be"),
    _charset("UTF-16-LE, not named", "utf-16-le", ALL),
    _charset("GB18030", "gb18030", ("ko", "zh", "ja"), said="gb18030"),
    _charset("GB18030, not named", "gb18030", ("zh",)),
    _charset("Shift_JIS", "shift_jis", ("ja",), said="shift_jis"),
    _charset("Shift_JIS, not named", "shift_jis", ("ja",)),
    _charset("EUC-JP", "euc_jp", ("ja",), said="euc-jp"),
    _charset("EUC-KR", "euc_kr", ("ko",), said="euc-kr"),
    _charset("EUC-KR, not named", "euc_kr", ("ko",)),
    *(_ascii(name) for name in ("GB18030", "Shift_JIS", "EUC-KR")),
    Encoding(
        "quoted-printable", ("quoted-printable",), body(lambda x: quoted_printable(x.encode()), "text/plain")
    ),
    Encoding(
        "zero-width characters inside",
        ("json", "zero-width"),
        valued(_hidden),
        "normalised",
        pointer="/prompt",
    ),
    Encoding("capitals", ("json",), valued(str.upper), "normalised", pointer="/prompt", languages=("en",)),
    Encoding("small letters", ("json",), valued(str.lower), "normalised", pointer="/prompt"),
    Encoding(
        "NFD",
        ("json",),
        valued(lambda x: unicodedata.normalize("NFD", x)),
        "normalised",
        pointer="/prompt",
        languages=("ko",),
    ),
    Encoding("full-width letters", ("json",), valued(_fullwidth), "normalised", pointer="/prompt"),
    Encoding(
        "other white space",
        ("json",),
        valued(lambda x: x.replace(" ", "\u00a0 \n")),
        "normalised",
        pointer="/prompt",
    ),
    *_digests(),
    Encoding("truncated", ("json",), valued(_truncated), "partial", pointer="/prompt"),
    Encoding(
        "truncated, as the body", (), body(lambda x: x[: int(len(x) * CUT)].encode(), "text/plain"), "partial"
    ),
    Encoding(
        "truncated inside a percent-escape, in a query", ("percent",), _cut_query, "partial", "url", "q"
    ),
    Encoding(
        "the end alone",
        ("json",),
        valued(lambda x: "…" + x[-int(len(x) * CUT) :]),
        "partial",
        pointer="/prompt",
    ),
    Encoding("XOR", (f"xor {KEY:#04x}",), body(lambda x: xor(x.encode(), KEY)), "obfuscated"),
    Encoding(
        "XOR in base64",
        ("json", "base64", f"xor {KEY:#04x}"),
        valued(lambda x: base64(xor(x.encode(), KEY))),
        "obfuscated",
        pointer="/prompt",
    ),
    Encoding("XOR of JSON", (f"xor {KEY:#04x}",), body(lambda x: xor(document(x), KEY)), "obfuscated"),
)

"""Captured text made fit to be shown: any string in, a string that is safe in one named place out.

Whoever wrote the traffic may have written it for our reader's eyes. So what hides, reverses or deletes its neighbours
is spelled out as `[U+202E]`, and what means something to HTML, to plotly's labels or to a style sheet loses that
meaning. Nothing is dropped: a reader sees that the character was there.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Self

from markupsafe import Markup
from markupsafe import escape as _escape

from promptrail.language import say

# Control characters, and Unicode's Default_Ignorable_Code_Point with the bidi controls (UAX #9, UTS #39): they change
# what their neighbours look like without being seen. Left alone is U+FE0F, which only asks for a coloured emoji.
ODD = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
LINE_END = re.compile("\r\n|\n")
BREAKS = re.compile(r"(?<=[./_\-=&?:,;›])(?=[^\s.])")


def visible(text: object) -> str:
    """The text with every odd character spelled out and line ends as ↵; escapes nothing."""
    return ODD.sub(lambda m: f"[U+{ord(m[0]):04X}]", LINE_END.sub("↵", str(text)))


class Html(Markup):
    """HTML that is safe to show. `Html("<b>{}</b>").format(x)` escapes x and spells out its odd characters."""

    @classmethod
    def escape(cls, s: Any, /) -> Self:
        """Any value as HTML; what is HTML already stays."""
        if hasattr(s, "__html__"):
            return cls(s.__html__())
        return cls(_escape(visible(s)))


def phrase(message: str, /, **values: Any) -> Html:
    """The message in the present language as HTML, its values filled in: what is HTML among them stays, all else is
    escaped, and so is the translation itself.
    """
    return Html.escape(say(message)).format(**values)


def join(parts: Any, between: str = "") -> Html:
    """Fragments one after another; what is not HTML yet is escaped."""
    return Html(between).join(Html.escape(p) for p in parts)


def wrap(text: object) -> Html:
    """A host, path, URL or digest: isolated from the direction of its neighbours, and free to break after its signs."""
    pieces = BREAKS.split(visible(text))
    return Html("<bdi>{}</bdi>").format(Html("<wbr>").join(Html.escape(p) for p in pieces))


def label(text: object, limit: int = 60) -> str:
    """Text for a plotly label or hover, which reads `<b>`, `<a href>`, entities and, where MathJax is, `$...$`."""
    shown = visible(text)
    if len(shown) > limit:
        shown = shown[: limit - 1] + "…"
    return str(_escape(shown)).replace("$", "&#36;").replace("%{", "%&#123;")


def css_string(text: object) -> str:
    """A CSS string with its quotes; every character that is not plain is a CSS escape (CSS Syntax 3, 4.3.7)."""
    plain = re.compile(r"[^A-Za-z0-9 .,_()·-]")
    return '"' + plain.sub(lambda m: f"\\{ord(m[0]):06x} ", visible(text)) + '"'


def json_block(value: Any) -> str:
    """JSON that may stand in a `<script type="application/json">`: ASCII, and no `<`, `>` or `&` in it."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def marked(sentence: str, bold: Iterable[str] = ()) -> Html:
    """A sentence of ours with its commands, which stand between backticks, as code, and some words set apart."""
    words = sorted((word for word in bold if word in sentence), key=len, reverse=True)
    pieces = re.split("(" + "|".join(["`[^`]+`", *map(re.escape, words)]) + ")", sentence)
    apart = [
        Html("<code>{}</code>").format(piece[1:-1]) if piece[:1] == "`" else Html("<b>{}</b>").format(piece)
        for piece in pieces
    ]
    return join(apart[n] if n % 2 else Html.escape(piece) for n, piece in enumerate(pieces))

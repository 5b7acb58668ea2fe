"""Captured text in each place where it may stand: HTML, plotly's labels, style sheets, data blocks."""

import json
import re
from html import unescape

import pytest

from hostile import hostile
from promptrail.report.text import Html, css_string, join, json_block, label, visible, wrap

ODD = [
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\x00",
    "\x1b",
    "\x85",
    "\u2028",
    "\xad",
    "\u3164",
    "\U000e0041",
    "\ud800",
]


@pytest.mark.parametrize("odd", ODD, ids=lambda c: f"U+{ord(c):04X}")
def test_what_hides_or_reverses_text_is_spelled_out(odd: str) -> None:
    """A reader sees that the character is there, and it does nothing."""
    shown = visible(f"a{odd}b")
    assert shown == f"a[U+{ord(odd):04X}]b"


@pytest.mark.parametrize("plain", ["Grüße, 회의 3분기", "日本語", "مرحبا", "😀\ufe0f", "a\u0301"])
def test_text_of_any_language_stays_as_it_is(plain: str) -> None:
    """Only what is invisible is spelled out."""
    assert visible(plain) == plain


@pytest.mark.parametrize("text", hostile(1))
def test_a_format_leaves_no_markup_of_its_values(text: str) -> None:
    """What is put into a fragment is text: unescaping it gives the text back, odd characters spelled out."""
    made = Html("<td title='{0}'>{0}</td>").format(text)
    inner = made[made.index(">") + 1 : made.rindex("<")]
    assert not re.search(r"[<>\"']", inner)
    assert unescape(inner) == visible(text)


def test_fragments_are_not_escaped_twice() -> None:
    """What is HTML of ours already stays HTML."""
    assert join([Html("<b>{}</b>").format("<"), "<"]) == "<b>&lt;</b>&lt;"


@pytest.mark.parametrize("text", hostile(1))
def test_a_label_means_nothing_to_plotly(text: str) -> None:
    """No tag, no bare entity, no formula and no template is left for plotly to read."""
    made = label(text, 500)
    assert not re.search(r"[<>$]|%\{", made)
    assert not re.search(r"&(?!(amp|lt|gt|#34|#39|#36|#123);)", made)


def test_a_label_is_cut_before_it_is_escaped() -> None:
    """A cut can not leave half an entity, which plotly would show as text."""
    assert label("<" * 10, 4) == "&lt;&lt;&lt;…"


@pytest.mark.parametrize("text", [*hostile(1), 'a" ;} body{display:none', "a\\", "a\nb", "1f: 2"])
def test_a_style_sheet_string_cannot_be_left(text: str) -> None:
    """Between its quotes stands nothing but plain characters and CSS escapes, and those give the text back."""
    made = css_string(text)
    inner = made[1:-1]
    assert re.fullmatch(r"(?:[A-Za-z0-9 .,_()·-]|\\[0-9a-f]{6} )*", inner)
    assert re.sub(r"\\([0-9a-f]{6}) ", lambda m: chr(int(m[1], 16)), inner) == visible(text)


@pytest.mark.parametrize("text", hostile(1))
def test_a_data_block_cannot_end_its_script(text: str) -> None:
    """No angle bracket in it, and it reads back as what was put in."""
    made = json_block({text: [text]})
    assert not re.search("[<>&]", made)
    assert json.loads(made) == {text: [text]}


def test_hosts_break_where_a_reader_expects_it() -> None:
    """After dots and slashes, so that long hosts fit a phone."""
    assert wrap("a.test/b") == "<bdi>a.<wbr>test/<wbr>b</bdi>"

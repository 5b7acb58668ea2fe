"""Texts that a capture may hold because somebody wants to run, load or draw something in our reader's browser."""

import re
from html.parser import HTMLParser
from typing import Any


def hostile(port: int) -> list[str]:
    """Texts that would run, load or draw something if any page took them for its own; `port` is a listener's."""
    there = f"http://127.0.0.1:{port}"
    own = "document.documentElement.dataset.owned=1;document.title=1"
    return [
        f"<script>{own}</script>",
        f'"><img src="{there}/img" onerror="{own}">',
        f"</script><script src='{there}/script'></script>",
        f"</style><link rel=stylesheet href='{there}/style'>",
        f"<svg onload='{own}'><image href='{there}/svg'/></svg>",
        f"<iframe src='{there}/frame'></iframe><meta http-equiv=refresh content='0;url={there}/meta'>",
        f"![picture]({there}/markdown) [link](javascript:{own}) <{there}/auto>",
        f"<a href='{there}/a'>link</a><b>bold</b><i>%{{x}}</i> $\\frac{{1}}{{2}}$",
        "{{7*7}} {% raw %} ${7*7} #{7*7}",
        f"=cmd|'/c calc'!A0;@import url({there}/import);",
        "\u202egnp.exe\u2066\u200b\ufeff\x00\x1b[31m\u2028\u2029",
        "&lt;script&gt;&amp;#60;script&#x3e;",
    ]


class Tags(HTMLParser):
    """The names of all elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


OURS = {
    *("div", "table", "caption", "span", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    *("p", "bdi", "wbr", "b", "i", "q", "small", "br"),
}
"""Elements that our blocks are made of."""
ATTRIBUTES = {"class", "style", "scope", "tabindex", "role", "aria-label", "aria-hidden"}
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\u202e]")


def assert_text(html: str) -> None:
    """Blocks with hostile texts in them: no element, no attribute and no control character that is not ours."""
    seen = Tags()
    seen.feed(html)
    assert seen.tags <= OURS, seen.tags - OURS
    assert seen.attributes <= ATTRIBUTES, seen.attributes - ATTRIBUTES
    assert not CONTROLS.search(html)


def assert_labels(made: dict[str, Any]) -> None:
    """A figure with hostile texts in it: nothing that plotly takes for markup or TeX, but our own bold and breaks."""
    layout = made["layout"]
    labels = [text for trace in made["data"] for text in trace.get("text") or []]
    labels += [text for axis in ("xaxis", "yaxis") for text in layout[axis].get("ticktext", [])]
    assert labels
    for text in labels:
        assert "<" not in re.sub(r"</?b>|<br>", "", text) and "$" not in text

"""What every page stands in: its policy, style sheet, packed library and template. Words in, HTML text out.

The policy lets nothing load, nothing leave and no script run but those named by their SHA-256.
"""

import base64
import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from promptrail.language import current, mark, say
from promptrail.report.text import css_string, visible

TEMPLATE = Path(__file__).parent / "template" / "report"
SHEET_WORDS = {
    "wider": mark("Wider than this screen: scroll sideways."),
    "grade": mark("Grade: "),
    "evidence": mark("Evidence: "),
    "unseen": mark("Unseen: "),
    "write": mark("You may write: "),
    "because": mark("Because: "),
}
"""What the style sheet writes on a narrow screen: its variables."""


class Library(NamedTuple):
    """plotly.js as a page carries it."""

    gz: str
    """gzip, base64."""
    policy: str
    """Its hash, as the policy lists it."""


def policy(scripts: str = "'none'") -> str:
    """The page's Content-Security-Policy: nothing is loaded, nothing is sent, only the named scripts run."""
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def style(header: str) -> Markup:
    """The style sheet with the running header of printed pages: margin boxes know no variables, so it stands there."""
    sheet = (TEMPLATE / "report.css").read_text(encoding="utf-8")
    words = "".join(f"--{name}:{css_string(say(text))};" for name, text in SHEET_WORDS.items())
    numbers = '@bottom-right{content:counter(page) " / " counter(pages)}'
    page = f"@page{{@top-left{{content:{css_string(header)}}} {numbers}}}"
    return Markup(f"{sheet}\n:root{{{words}}}\n{page}\n")


@cache
def library() -> Library:
    """plotly.js packed, and the hash that the policy lists. Five megabytes: once for all pages."""
    from plotly.offline import get_plotlyjs

    text = get_plotlyjs()
    return Library(base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode(), sha256(text))


def sha256(text: str) -> str:
    """A script as the policy names it."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def render(name: str, **values: Any) -> str:
    """A template of this folder, filled; it escapes all that it is given, unless that is HTML of ours."""
    text: str = _environment().get_template(name).render(language=current(), **values)
    return text


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda v: v if hasattr(v, "__html__") or not isinstance(v, str) else visible(v),
    )
    environment.globals["say"] = say
    return environment

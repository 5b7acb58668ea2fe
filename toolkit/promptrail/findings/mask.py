"""What must not stand in a page, and its place-holder: credentials always, personal probe values unless asked for.

Frames, `trace --json` and `show` are working data and are not masked.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from promptrail.language import say
from promptrail.model import PERSONAL_KINDS, Headers, Probe
from promptrail.trace.needles import needles

SECRET_NAME = (
    r"(?:proxy-)?authorization|(?:set-)?cookie|(?:[a-z0-9]+[-_])*(?:access|auth|csrf|xsrf|refresh|id|session|bearer)?[-_]?token"
    r"|(?:[a-z0-9]+[-_])*(?:api|app|client|access|private|secret)[-_]?(?:key|secret)|passw(?:or)?d|passphrase|secret|jwt|sid|session(?:[-_]?id)?"
    r"|sig(?:nature)?|credentials?"
)
HEADER = re.compile(rf"(?:x-)?(?:{SECRET_NAME})\Z", re.I)
CREDENTIAL = [
    re.compile(rf'"(?:{SECRET_NAME})"\s*:\s*"((?:[^"\\]|\\.)*)'.encode(), re.I),
    re.compile(rf'\\"(?:{SECRET_NAME})\\"\s*:\s*\\"([^"\\]*)'.encode(), re.I),
    re.compile(rf"(?:^|[?&;\s])(?:{SECRET_NAME})=([^&;\s\"']+)".encode(), re.I),
    re.compile(rf"^(?:{SECRET_NAME}):[ \t]*([^\r\n]+)".encode(), re.I | re.M),
    re.compile(rb"\b(?:Bearer|Basic|Digest)[ +]([A-Za-z0-9+/._~=-]{8,})"),
    re.compile(rb"\b(eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?)"),
]


class Withheld(NamedTuple):
    start: int
    end: int
    label: str


def withheld(length: int) -> str:
    """What stands in the place of a credential."""
    return say("[withheld: {n} characters]", n=length)


class Mask:
    """Masks text and bytes for publication. `spans` says what is withheld where; `text` puts the labels in."""

    def __init__(self, probes: Iterable[Probe], show_values: bool = False) -> None:
        personal = [] if show_values else [p for p in probes if p.kind in PERSONAL_KINDS and not p.decoy]
        self._labels = [f"[{say(p.kind)} {p.probe}]" for p in personal]
        self._personal = sorted(needles(personal), key=lambda n: -len(n.data))
        # What was masked before stays as it is: a label is no credential.
        self._label = re.compile(re.escape(withheld(0)).replace("0", r"\d+").encode())

    def spans(self, data: bytes) -> list[Withheld]:
        """Stretches of these bytes that a page must not show, in order, without overlap."""
        found = []
        for pattern in CREDENTIAL:
            for hit in pattern.finditer(data):
                start, end = hit.span(1)
                if end > start and not self._label.match(data, start):
                    found.append(Withheld(start, end, withheld(end - start)))
        lower = data.lower()
        for needle in self._personal:
            wanted = needle.data.lower()
            at = lower.find(wanted)
            while at >= 0:
                found.append(Withheld(at, at + len(wanted), self._labels[needle.probe]))
                at = lower.find(wanted, at + 1)
        out: list[Withheld] = []
        for span in sorted(found, key=lambda s: (s.start, -s.end)):
            if out and span.start < out[-1].end:
                if span.end > out[-1].end:
                    out[-1] = out[-1]._replace(end=span.end)
                continue
            out.append(span)
        return out

    def text(self, value: str) -> str:
        """The text with labels in place of what is withheld."""
        data = value.encode("utf-8", "surrogatepass")
        out, at = b"", 0
        for span in self.spans(data):
            out += data[at : span.start] + span.label.encode()
            at = span.end
        return (out + data[at:]).decode("utf-8", "replace")

    def every(self, value: Any) -> Any:
        """Every text in lists, tuples and dicts, keys too, with labels in place of what is withheld."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.every(key): self.every(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.every(inner) for inner in value]
        return value

    def url(self, value: str) -> str:
        """A URL, its credentials and personal values withheld, user name and password before the host too."""
        bare = re.sub(r"(?<=://)[^/@?#]+@", lambda _: say("[withheld]") + "@", value)
        return self.text(bare)

    def headers(self, headers: Headers) -> list[tuple[str, str]]:
        """Header fields; the values of credentials and cookies withheld whole."""
        out = []
        for name, value in headers:
            label = name.decode("latin-1")
            shown = value.decode("utf-8", "replace")
            masked = withheld(len(value)) if HEADER.match(label) else self.text(shown)
            out.append((label, masked))
        return out

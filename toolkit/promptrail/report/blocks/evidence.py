"""Evidence that can be cited and checked again: where a value stands in its message, and how it was unwrapped.

The bytes about a hit are shown only after everything that must stay withheld was replaced: an excerpt that was cut
first could show half of a token. In an outer layer only the two ends of the wrapped hit are shown, and not even those
where something personal is wrapped with it: base64 of a secret is the secret.
"""

import re
from typing import Any

from promptrail import frames
from promptrail.errors import CaseError
from promptrail.findings.mask import withheld
from promptrail.findings.origin import Origins
from promptrail.language import say
from promptrail.model import PERSONAL_KINDS
from promptrail.report.html import Part, folded, paragraph, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import MAKER, View, known
from promptrail.trace.show import Shown, layers

ROWS = 8
SHOWN = 12
"""Rows of a table before the rest is folded."""
REACH = 46
"""Bytes shown before a hit; half as many after it."""
WINDOW = 4096
"""Bytes about the hit that pass the mask: longer than any token, shorter than a body."""
ENDS = (28, 16)
"""Of a hit that is wrapped or very long, so many characters of its start and its end."""
PACKED = {b"\x1f\x8b": 10, b"\x28\xb5\x2f\xfd": 4, b"\x78\x01": 2, b"\x78\x9c": 2, b"\x78\xda": 2}
"""First bytes of gzip, zstd and zlib, and how long the head is that says nothing about the content. What follows it
stays out: of a short deflate stream even the first bytes can be inflated."""
OPAQUE = re.compile(rb"[A-Za-z0-9+_=%-]{24,}(?:/[A-Za-z0-9+_=%-]+)*")
"""A stretch beside a hit that may be an encoding of something to withhold, as another base64 value of one batch."""


def evidence(view: View, rows: int = ROWS) -> Part:
    """One sighting for each host, kind and way of wrapping: other companies first, then the maker; then what is cited
    besides, all of it.
    """
    chosen = choose(view, rows)
    cited: Any = [row for row in view.finding.evidence if "what" in row]
    if not chosen and not cited:
        return Part(paragraph(say("No sighting, so there is nothing to cite."), "none"))
    parts = [_article(view, row) for row in chosen]
    return Part(join([*parts, _cited(cited)] if cited else parts))


def _cited(rows: list[dict[str, Any]]) -> Html:
    """Evidence that is no sighting: where each row stands, and the capture that holds it."""
    first = _cited_table(rows[:SHOWN], say("What the answer rests on, and where it stands in the captures."))
    if len(rows) <= SHOWN:
        return first
    rest = _cited_table(rows[SHOWN:], say("The rest of what the answer rests on."))
    return join([first, folded(say("{n:,} more rows", n=len(rows) - SHOWN), rest)])


def _cited_table(rows: list[dict[str, Any]], caption: str) -> Html:
    return table(
        rows,
        [
            (say("What it shows"), "r", lambda r: wrap(r["what"])),
            (say("Host"), "h", lambda r: wrap(r["host"] or say("not known"))),
            (say("Where"), "h", lambda r: wrap(r["reference"])),
            (say("Run"), "", lambda r: wrap(r["run"])),
            (say("Capture, sha256"), "h", lambda r: r["capture_sha256"][:16]),
        ],
        caption,
    )


def choose(view: View, rows: int) -> list[Any]:
    """Rows of the frame: the first sighting of each host, kind, tier and chain, other companies before the maker."""
    frame = view.sightings
    order = {h: n for n, h in enumerate(sorted(view.hosts, key=lambda h: view.holder(h) == MAKER))}
    frame = frame.assign(
        rank=[order.get(h, 9999) for h in frame["host"]], how=[" ".join(c) for c in frame["chain"]]
    )
    frame = frame.sort_values(["rank", "tier", "at", "id"], kind="stable")
    return list(frames.rows(frame.drop_duplicates(["host", "kind", "tier", "how"]).head(rows)))


def _article(view: View, row: Any) -> Html:
    text = view.mask.text
    digests = view.case.runs.set_index("run")["sha256"].to_dict()
    zero = view.starts.get(row.run)
    when = say("not known")
    if known(row.at) and zero is not None:
        when = say("{seconds:.2f} s after the run began", seconds=row.at - zero)
    method = f"{row.method} " if known(row.method) else ""
    url = view.mask.url(row.url) if known(row.url) else ""
    facts: list[tuple[str, object]] = [
        (say("Capture"), wrap(f"{row.run}, sha256 {str(digests.get(row.run, ''))[:16]}…")),
        (say("Flow"), wrap(f"{row.flow}, {method}{_short(url)}")),
        (say("Path"), wrap(f"{say(row.part)} {text(row.path)}")),
        (say("Chain"), text(" › ".join(row.chain)) or say("none: as typed")),
        (
            say("Offset"),
            say("byte {offset} of the last layer, length {length}", offset=row.offset, length=row.length),
        ),
        (say("Tier"), say(row.tier)),
        (say("Time"), when),
        *_sender(view, row),
        (say("Check again"), Html("<code>promptrail show CASE {}</code>").format(row.id)),
    ]
    pairs = join(Html("<div><dt>{}</dt><dd class='h'>{}</dd></div>").format(k, v) for k, v in facts)
    try:
        steps = _steps(view, row, layers(view.case, row))
    except CaseError as fault:  # told in place of the layers: the other rows are no worse for it
        steps = Html('<li><span class="step">{}</span></li>').format(view.mask.text(str(fault)))
    named = {"kind": say(row.kind), "probe": row.probe, "host": row.host}
    title = say("{kind} {probe}, to {host}", **named)
    if row.direction == "response":
        title = say("{kind} {probe}, in the answer of {host}", **named)
    return Html(
        '<article class="evidence" id="{0}"><h3><a href="#{0}">{0}</a> {1}</h3><dl>{2}</dl>'
        '<ol class="layers">{3}</ol></article>'
    ).format(row.id, title, pairs, steps)


def _sender(view: View, row: Any) -> list[tuple[str, object]]:
    """Which code sent it, where a hook saw that."""
    flow = next((f for f in frames.rows(view.case.flows[view.case.flows["flow"] == row.flow])), None)
    if flow is None or row.direction != "request":
        return []
    found = Origins(view.case).of(flow.run, flow.url, flow.started, flow.connection)
    if not found:
        return []
    told = say("{code}, by {how} ({record})", code=found.code, how=say(found.how), record=found.record)
    return [(say("Sent by"), wrap(told))]


def _short(url: str, limit: int = 90) -> str:
    """A URL without its query, whose values may wrap what is withheld; a sighting in it is shown by its layers."""
    bare, mark, query = url.partition("?")
    bare = bare if len(bare) <= limit else bare[: limit - 1] + "…"
    return say("{url}?… ({n} characters)", url=bare, n=len(query)) if mark else bare


def _steps(view: View, row: Any, found: list[Shown]) -> Html:
    """A list of the layers; one that only took a value out of the layer before it is told in the next one's name."""
    out = []
    names: list[str] = []
    for n, layer in enumerate(found):
        own = layer.path not in ("", layer.step)
        names.append(f"{layer.step} {layer.path}" if own else layer.step)
        inner = found[n + 1 :]
        if n and inner and not layer.binary and layer.length == len(layer.data):
            continue
        span = say("{n:,} bytes", n=len(layer.data))
        if not layer.binary:
            span = say("from byte {offset:,} of {n:,} bytes", offset=layer.offset, n=len(layer.data))
        title = say("after {steps}", steps=", ".join(names)) if n else say("{step} as sent", step=names[0])
        out.append(
            Html('<li><span class="step">{}</span><span class="span">{}</span>{}</li>').format(
                view.mask.text(title), span, excerpt(view, row, layer, inner)
            )
        )
        names = []
    return join(out)


def excerpt(view: View, row: Any, layer: Shown, inner: list[Shown]) -> Html:
    """The bytes about the hit: withheld first, then cut, all of it escaped, the hit marked. `inner`: what it wraps."""
    if layer.binary:
        head = next((n for magic, n in PACKED.items() if layer.data.startswith(magic)), 0)
        shown = f"{layer.data[:head].hex(' ')} …" if head else say("bytes that are no text")
        return Html('<code class="bytes">{}</code>').format(shown)
    start, end = layer.offset, layer.offset + layer.length
    hit = _hit(view, row, layer.data[start:end], inner)
    if row.part in ("header", "cookie"):
        rest = len(layer.data) - layer.length
        told = say("{n} bytes about it withheld", n=rest)
        more = Html(' <span class="withheld">{}</span>').format(told) if rest else ""
        return Html("<code>{}{}</code>").format(hit, more)
    first, last = max(0, start - WINDOW), min(len(layer.data), end + WINDOW)
    window = layer.data[first:last]
    spans = [(s.start + first, s.end + first, s.label) for s in view.mask.spans(window)]
    if row.kind not in PERSONAL_KINDS and any(a <= start and end <= b for a, b, _ in spans):
        inside = say("inside a value that is withheld")
        return Html('<code><span class="withheld">{}</span></code>').format(inside)
    left = _pieces(layer.data, first, start, [s for s in spans if s[0] < start])
    right = _pieces(layer.data, end, last, [s for s in spans if s[1] > end])
    before, cut_left = _near(left[::-1], REACH, ends=True)
    after, cut_right = _near(right, REACH // 2, ends=False)
    return Html("<code>{}{}{}{}{}</code>").format(
        "…" if first or cut_left else "",
        join(before[::-1]),
        hit,
        join(after),
        "…" if cut_right or last < len(layer.data) else "",
    )


def _hit(view: View, row: Any, data: bytes, inner: list[Shown]) -> Html:
    """The hit itself; where it wraps something that is withheld, nothing of it."""
    if row.kind in PERSONAL_KINDS and not view.show_values:
        name = f"[{say(row.kind)} {row.probe}]"
        if inner:
            name = say(
                "[wraps {kind} {probe}, {n:,} bytes]", kind=say(row.kind), probe=row.probe, n=len(data)
            )
        return Html('<mark class="withheld">{}</mark>').format(name)
    if any(view.mask.spans(layer.data) for layer in inner):
        return Html('<mark class="withheld">{}</mark>').format(say("[{n:,} bytes, see below]", n=len(data)))
    text = view.mask.text(data.decode("utf-8", "replace"))
    if (not inner and len(text) <= 2000) or len(text) <= sum(ENDS) + 16:
        return Html("<mark>{}</mark>").format(text)
    return Html("<mark>{}</mark><i> {} </i><mark>{}</mark>").format(
        text[: ENDS[0]], say("{n:,} more", n=len(text) - sum(ENDS)), text[-ENDS[1] :]
    )


def _pieces(data: bytes, first: int, last: int, spans: list[tuple[int, int, str]]) -> list[tuple[str, bool]]:
    """Text and the labels of what is withheld in it, in order."""
    out: list[tuple[str, bool]] = []
    at = first
    for a, b, name in sorted([*spans, *_opaque(data, first, last, spans)]):
        a, b = max(a, first), min(b, last)
        if a < b and a >= at:
            out += [(data[at:a].decode("utf-8", "replace"), False), (name.strip("[]"), True)]
            at = b
    return [*out, (data[at:last].decode("utf-8", "replace"), False)]


def _opaque(
    data: bytes, first: int, last: int, spans: list[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """Stretches that read as an encoding, apart from what the mask names already."""
    found = [(m.start(), m.end()) for m in OPAQUE.finditer(data, first, last)]
    free = [(a, b) for a, b in found if not any(a < y and x < b for x, y, _ in spans)]
    return [(a, b, withheld(b - a)) for a, b in free]


def _near(pieces: list[tuple[str, bool]], reach: int, ends: bool) -> tuple[list[Html], bool]:
    """Pieces from the hit outwards until `reach` characters are shown; a label is shown whole or not at all."""
    out: list[Html] = []
    room = reach
    for text, hidden in pieces:
        if room <= 0:
            return out, True
        if hidden:
            out.append(Html('<span class="withheld">{}</span>').format(text))
            room -= min(room, 12)
            continue
        out.append(Html.escape(text[-room:] if ends else text[:room]))
        if len(text) > room:
            return out, True
        room -= len(text)
    return out, False

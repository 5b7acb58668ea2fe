"""The tools that write HAR, as a table: how each is known, how its bytes became text, what its sizes count.

In: a log's `creator`. Out: the row that applies, or the one for tools that nobody here knows. A row says where its
facts are from and what was tried: the tool's own file, one generated after its source, or its documentation alone.
"""

from typing import Any, Literal, NamedTuple

Text = Literal["utf-8", "inferred", "charset", "unknown"]
"""How bytes became text: as UTF-8; by mitmproxy's inference; by the stated charset, else UTF-8; nobody knows."""
Size = Literal["sent", "decoded", "unknown", "none"]
"""What a size counts: bytes as sent; bytes without Content-Encoding; nobody knows; the text, which proves nothing."""


class Dialect(NamedTuple):
    name: str
    creators: tuple[str, ...]
    """How log.creator.name begins, in small letters."""
    request: Text
    request_size: Size
    """Of request.bodySize."""
    response: Text
    content_size: Size
    """Of response.content.size; with `sent`, content.compression added gives the decoded length."""
    tried: Literal["own file", "generated", "documentation"]
    source: str
    note: str


DIALECTS = (
    Dialect(
        "promptrail",
        ("promptrail",),
        *("utf-8", "sent", "utf-8", "decoded"),
        "own file",
        "ingest/har_export.py",
        "what is not UTF-8 is base64, in requests too; `_simulated` keeps the mark",
    ),
    Dialect(
        "mitmproxy",
        ("mitmproxy",),
        *("inferred", "sent", "inferred", "sent"),
        "own file",
        "mitmproxy 12.2 addons/savehar.py, and contrib/har_dump of version 9",
        "bytes that the type calls neither UTF-8 nor a charset stand as Latin-1, others as lone surrogates; "
        "no request body but of POST, PUT, PATCH",
    ),
    Dialect(
        "Chrome",
        ("webinspector",),
        *("utf-8", "none", "charset", "decoded"),
        "own file",
        "devtools-frontend models/har/Log.ts, 038d808e",
        "bodySize is counted from the text; bodies that Chrome let go of are missing",
    ),
    Dialect(
        "Firefox",
        ("firefox",),
        *("unknown", "none", "charset", "decoded"),
        "generated",
        "gecko devtools/client/netmonitor/src/har/har-builder.js",
        "bodySize counts UTF-16 units; `connection` is the server's port; times carry the local offset",
    ),
    Dialect(
        "Safari",
        ("webkit web inspector",),
        *("unknown", "sent", "charset", "decoded"),
        "generated",
        "WebKit WebInspectorUI HARBuilder.js, 62ddfba7",
        "repeated headers are joined",
    ),
    Dialect(
        "Charles",
        ("charles proxy",),
        *("unknown", "unknown", "unknown", "unknown"),
        "documentation",
        "closed source: HAR 1.2 as its manual names it",
        "times carry the local offset",
    ),
    Dialect(
        "Insomnia",
        ("insomnia",),
        *("utf-8", "none", "utf-8", "decoded"),
        "generated",
        "Kong/insomnia src/common/har.ts, 00c474ee",
        "all entries bear the time of the export; binary answers are damaged; a file sent as body is base64 unsaid",
    ),
    Dialect(
        "Playwright",
        ("playwright",),
        *("utf-8", "sent", "utf-8", "decoded"),
        "generated",
        "microsoft/playwright server/har/harTracer.ts, 00131c1e",
        "bodies may lie in files beside (_file, _sha1): missing here; binary request bodies are damaged or left out",
    ),
    Dialect(
        "WebPagetest",
        ("webpagetest",),
        *("unknown", "none", "utf-8", "none"),
        "generated",
        "WebPageTest www/har/HttpArchiveGenerator.php, 0b492f57",
        "HAR 1.1; the text of every request body is left empty",
    ),
    Dialect(
        "PCAPdroid",
        ("pcapdroid",),
        *("utf-8", "sent", "utf-8", "decoded"),
        "generated",
        "emanuele-f/PCAPdroid HarWriter.java, 3a857d85",
        "what is not UTF-8 is base64, in requests and WebSocket messages too",
    ),
    Dialect(
        "HTTP Toolkit",
        ("http toolkit",),
        *("utf-8", "sent", "utf-8", "decoded"),
        "generated",
        "httptoolkit-ui src/model/http/har.ts, 003eb6c3",
        "bodies over 40 KB are left out, binary request bodies damaged, repeated headers joined",
    ),
)
OTHER = Dialect(
    "other",
    (),
    *("unknown", "unknown", "unknown", "unknown"),
    "documentation",
    "HAR 1.2, https://w3c.github.io/web-performance/specs/HAR/Overview.html",
    "",
)
EMPTY_TEXT_IS_MISSING = frozenset({"WebPagetest"})
"""Tools that write an empty text where they do not hold the request body."""


def dialect_of(creator: Any) -> Dialect:
    """The row for log.creator; OTHER for what is not known, not there or no creator at all."""
    name = str(creator.get("name") or "").strip().lower() if isinstance(creator, dict) else ""
    return next((d for d in DIALECTS if name.startswith(d.creators)), OTHER)

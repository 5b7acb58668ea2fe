"""mitmproxy's flow format, versions 20 and 21, as tables: which fields are read, and of which types they may be.

In: the bytes of one flow, of any version. Out: a dictionary of the fields that promptrail uses. Older versions go
through mitmproxy's own migration where it is installed; newer ones are refused. The two versions differ in one word
only (QUIC became QUICv1: mitmproxy/io/compat.py, 12.2).
"""

from typing import Any

from promptrail.ingest.header_block import pairs
from promptrail.ingest.tnetstring import (
    Damage,
    Data,
    Field,
    Reader,
    Shape,
    items,
    pick,
    shape,
    short,
    span,
)

DIRECT = (20, 21)
TIME, MAYBE_TIME, BINARY, WORD, MAYBE_WORD = b"^#", b"^#~", b",", b";", b";~"


def place(data: Data, start: int, stop: int) -> tuple[int, int]:
    """Where a part lies whose shape depends on a field that comes later."""
    return start, stop


def reader(fields: Shape) -> Reader:
    """What reads a dictionary of this shape."""
    return lambda data, start, stop: pick(data, start, stop, fields)


ERROR = shape(Field("msg", WORD), passed="timestamp")
WEBSOCKET = shape(
    Field("messages", b"]", items), passed="closed_by_client close_code close_reason timestamp_end"
)
FLOW = shape(
    Field("version", b"#]"),
    Field("type", WORD),
    Field("id", WORD),
    Field("timestamp_created", TIME),
    Field("error", b"}~", reader(ERROR)),
    Field("client_conn", b"}"),
    Field("server_conn", b"}"),
    Field("request", b"}", place),
    Field("response", b"}~", place),
    Field("websocket", b"}~", reader(WEBSOCKET)),
    Field("messages", b"]", items),
    passed="intercepted is_replay marked metadata comment backup",
)
MESSAGE = (
    Field("http_version", BINARY),
    Field("headers", b"]", pairs),
    Field("content", b",~"),
    Field("trailers", b"]~", pairs),
    Field("timestamp_start", TIME),
    Field("timestamp_end", MAYBE_TIME),
)
REQUEST = shape(
    *MESSAGE,
    Field("host", b";,"),
    Field("port", b"#"),
    Field("method", BINARY),
    Field("scheme", BINARY),
    Field("authority", BINARY),
    Field("path", BINARY),
)
RESPONSE = shape(*MESSAGE, Field("status_code", b"#"), passed="reason")
DNS_MESSAGE = shape(
    Field("questions", b"]", items),
    Field("answers", b"]", items),
    Field("timestamp", MAYBE_TIME),
    passed="id query op_code authoritative_answer truncation recursion_desired recursion_available reserved "
    "response_code authorities additionals",
)
CLIENT = shape(
    Field("id", WORD),
    Field("sni", MAYBE_WORD),
    Field("alpn", b",~"),
    Field("tls_version", MAYBE_WORD),
    Field("timestamp_start", MAYBE_TIME),
    Field("timestamp_end", MAYBE_TIME),
    Field("peername", b"]~", short),
    Field("transport_protocol", WORD),
    passed="sockname error tls certificate_list alpn_offers cipher cipher_list mitmcert "
    "proxy_mode timestamp_tls_setup",
)
SERVER = shape(
    Field("address", b"]~", short),
    Field("peername", b"]~", short),
    Field("certificate_list", b"]", items),
    passed="id sni alpn tls_version timestamp_start timestamp_end sockname transport_protocol error tls alpn_offers "
    "cipher cipher_list via timestamp_tls_setup timestamp_tcp_setup",
)
VERSION = shape(Field("version", b"#]"))


class OtherVersion(Exception):
    """A flow of a format that cannot be read here, and what to do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


def read_flow(data: Data, start: int, stop: int) -> tuple[Data, dict[str, Any]]:
    """The fields of the flow between two offsets, and the data in which its parts lie. Damage or OtherVersion."""
    try:
        found = pick(data, start, stop, FLOW)
        if found.get("version") in DIRECT:
            return data, found
        fault = Damage("it says no version", start)
    except Damage as met:
        fault = met
    try:
        version = pick(data, start, stop, VERSION).get("version")
    except Damage:
        version = None
    if version is None or version in DIRECT:
        raise fault
    if isinstance(version, int) and version > DIRECT[-1]:
        raise OtherVersion(
            f"is of mitmproxy's flow format {version}; this promptrail reads up to {DIRECT[-1]}",
            "update promptrail, or export the traffic as HAR with the mitmproxy that saved it",
        )
    fresh = migrated(data, start, stop)
    return fresh, pick(fresh, 0, len(fresh), FLOW)


def is_direct(data: Data, start: int, stop: int) -> bool:
    """Whether the flow between two offsets is of a format that is read without migration."""
    try:
        return pick(data, start, stop, VERSION).get("version") in DIRECT
    except Damage:
        return False


def migrated(data: Data, start: int, stop: int) -> bytes:
    """The content of a flow of an older format, turned into one that is read here by mitmproxy's own migration."""
    try:
        from mitmproxy.io import compat, tnetstring
    except ImportError as fault:
        raise OtherVersion(
            f"is of a flow format before {DIRECT[0]}, which mitmproxy migrates, and it is not installed",
            "`pip install 'promptrail[capture]'`, or save the file anew: `mitmdump -nr OLD -w NEW`",
        ) from fault
    flat = items(data, start, stop)
    flow: Any = dict(zip(flat[::2], flat[1::2], strict=False))
    converters: dict[Any, Any] = compat.converters
    named = "id" in (flow.get("client_conn") or {})
    try:
        while (version := flow.get("version", flow.get(b"version"))) not in DIRECT:
            flow = converters[version if isinstance(version, int) else tuple(version)[:2]](flow)
        if not named:  # mitmproxy makes one up by chance, and the same file must give the same frames
            client = flow["client_conn"]
            client["id"] = f"{client['timestamp_start']} {client['peername']}"
        whole: bytes = tnetstring.dumps(flow)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
        what = f"its older format cannot be migrated: {type(fault).__name__}: {fault}"
        raise Damage(what[:200], start) from fault
    inside, end = span(whole, 0, len(whole))
    return whole[inside:end]

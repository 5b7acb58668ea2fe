"""Every table: its columns, their Arrow type, unit and meaning. Records of `model` in, Parquet files out.

A column is nullable unless its meaning says otherwise; null is "the capture does not hold it", never zero or empty.
Times are float seconds since the epoch, UTC, by the clock of the machine that recorded; `at_utc` gives timestamps.
Each file states its frame, `VERSION`, and every column's meaning and unit in its metadata. Frames are never migrated:
where a case holds another version, they are made again from its captures (`pipeline`), which stay as they are.
"""

import dataclasses
from collections import namedtuple
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

VERSION = 4
"""Of these tables; a column that is added, renamed or means something else raises it."""

S, N, F, B, RAW = pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.large_binary()
LIST = pa.list_(pa.string())
HEADERS = pa.list_(pa.struct([("name", pa.binary()), ("value", pa.binary())]))

PIECES = pa.list_(pa.struct([("flow", S), ("seq", N), ("path", S), ("raw_offset", N), ("raw_length", N)]))


class Column(NamedTuple):
    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""


RUN = Column("run", S, "the run, as its folder below captures/ is named; never null")
FLOW = Column("flow", S, "id of the flow, derived from run and source_ref; never null")
SIMULATED = Column("simulated", B, "made by the lab: fictional app, companies and hosts; never null")

FRAMES: dict[str, list[Column]] = {
    "runs": [
        RUN,
        Column("source", S, "the reader that read its flows: evidence, mitm, har, pcap or hook"),
        Column("file", S, "the file it was read from, relative to the case"),
        Column("sha256", S, "of that file"),
        Column("scenario", S, "name of the scenario"),
        Column("app", S, "name of the app under test"),
        Column("app_version", S, "its version"),
        Column("control", S, "C0 no prompt, C1 prompt A, C2 prompt B, C3 another app; null: nobody said"),
        Column("started", F, "start of the recording, or of its first flow", "s"),
        Column("ended", F, "end of the recording, or of its last flow", "s"),
        Column("complete", B, "false: the recording broke off, or the file is cut short"),
        SIMULATED,
        Column("tool", S, "what recorded it, with version"),
        Column("witnesses", LIST, "what recorded it: proxy, packets, hook"),
        Column("route", S, "how traffic was led to the proxy: settings, wireguard, transparent, tun, manual"),
    ],
    "flows": [
        FLOW,
        RUN,
        Column("source_ref", S, "mitmproxy's flow id, HAR entry, pcap stream and frame, or hook stream"),
        Column("kind", S, "http, websocket, tcp, udp or dns"),
        Column("host", S, "the host the client asked for (Host or :authority); compare sni, cert_names"),
        Column("port", N, "the port the client asked for"),
        Column("method", S, "HTTP method"),
        Column("scheme", S, "http or https"),
        Column("url", S, "request URL as the client gave it"),
        Column("http_version", S, "HTTP/1.1, HTTP/2.0, HTTP/3"),
        Column("status", N, "HTTP status; null: no response"),
        Column("started", F, "first byte of the request", "s"),
        Column("request_ended", F, "last byte of the request", "s"),
        Column("response_started", F, "headers of the response", "s"),
        Column("ended", F, "last byte of the response, or end of the stream", "s"),
        Column("sni", S, "server name in the client's TLS hello (RFC 6066)"),
        Column("dest_ip", S, "address that the proxy connected to"),
        Column("dest_port", N, "port that the proxy connected to"),
        Column("cert_names", LIST, "names in the server's certificate (RFC 5280 subjectAltName)"),
        Column("cert_issuer", S, "issuer of the server's certificate"),
        Column("connection", S, "the connection that carried it"),
        Column("request_headers", HEADERS, "as sent: order, case and repeats kept"),
        Column("response_headers", HEADERS, "as sent"),
        Column("request_body", S, "SHA-256 of the body as sent; null: missing; see bodies"),
        Column("request_length", N, "length of the body as sent", "bytes"),
        Column("response_body", S, "SHA-256 of the body as sent; null: missing"),
        Column("response_length", N, "length of the body as sent", "bytes"),
        Column("response_complete", B, "false: the stream broke or was still open"),
        Column("bodies_decoded", B, "true: bodies have their Content-Encoding undone already, as in HAR"),
        Column("error", S, "what the recorder said went wrong"),
        SIMULATED,
    ],
    "connections": [
        Column("connection", S, "id of the connection; never null"),
        RUN,
        Column("host", S, "SNI, else the host that was asked for"),
        Column("sni", S, "server name in the client's TLS hello"),
        Column("dest_ip", S, "address that the proxy connected to"),
        Column("dest_port", N, "port"),
        Column("opened", F, "when it was opened", "s"),
        Column("closed", F, "when it was closed", "s"),
        Column("alpn", S, "application protocol that was agreed (RFC 7301)"),
        Column("tls_version", S, "TLS version with the client"),
        Column("cert_names", LIST, "names in the server's certificate"),
        Column("cert_issuer", S, "issuer of the server's certificate"),
        Column("outcome", S, "read, or why not; `findings.ledger.WORDS` has every word"),
        Column("reason", S, "in the recorder's words"),
        Column("bytes_out", N, "what the app sent; null: not known, which is not 0", "bytes"),
        Column("bytes_in", N, "what the app received; null: not known", "bytes"),
        SIMULATED,
        Column("transport", S, "tcp or udp"),
        Column("client_ip", S, "address that the app's side had"),
        Column("client_port", N, "port that the app's side had"),
        Column("ja3", S, "MD5 of the client's TLS hello (JA3, Salesforce 2017)"),
        Column("ja4", S, "the client's TLS hello, readable (JA4, FoxIO 2023)"),
        Column("witnesses", LIST, "which recorded it: proxy, packets, hook"),
        Column("read_by", S, "the witness whose flows stand for it: proxy, packets, hook; null: not read"),
        Column("cipher", S, "TLS suite that was agreed: OpenSSL's name, or 0x and IANA's number in hex"),
    ],
    "bursts": [
        RUN,
        Column("host", S, "SNI, else the host that was asked of a proxy; null: not known"),
        Column("connection", S, "the connection that carried it"),
        Column("at", F, "its first record, by the clock of the run", "s"),
        Column("direction", S, "request or response"),
        Column("size", N, "TLS application-data record lengths, or QUIC datagrams; no handshake", "bytes"),
        Column("records", N, "how many records or datagrams; 0: bytes behind a hole, records not known"),
    ],
    "clocks": [
        RUN,
        Column("witness", S, "whose clock: proxy, packets, hook, events"),
        Column("offset", F, "subtracted from its times, so that all stand on one clock", "s"),
        Column("uncertainty", F, "how far off they may still be; null: not known", "s"),
        Column("pairs", N, "moments that both clocks saw"),
        Column("how", S, "in words"),
    ],
    "messages": [
        FLOW,
        RUN,
        Column("seq", N, "order within the flow, from 0"),
        Column("direction", S, "request or response"),
        Column("part", S, "body, ws, raw, dns or trailer"),
        Column("body", S, "SHA-256 of the bytes as sent; null: missing"),
        Column("length", N, "length as sent", "bytes"),
        Column("at", F, "when it was complete, or seen", "s"),
        Column("complete", B, "false: part of it is missing"),
        Column("text", B, "WebSocket: text or binary frame"),
        Column("media", S, "Content-Type as the message states it"),
        Column("coding", S, "Content-Encoding that is still to be undone (RFC 9110)"),
    ],
    "events": [
        RUN,
        Column("at", F, "when", "s"),
        Column("event", S, "launch, consent, typing, typed, sent, deleted, attached, end"),
        Column("probe", S, "id of the probe it is about"),
        Column("label", S, "in words"),
    ],
    "hooks": [
        RUN,
        Column("seq", N, "number of the record within its agent; null: the host's own"),
        Column("at", F, "when, by the host's clock", "s"),
        Column("agent", S, "name of the agent"),
        Column("pid", N, "the process it ran in"),
        Column("process", S, "name of that process"),
        Column("type", S, "kind of record, as addons/README.md lists them; plaintext stands in flows"),
        Column("connection", S, "the connection it is about"),
        Column("direction", S, "request or response"),
        Column("algorithm", S, "of a crypto operation, as the app named it"),
        Column("detail", S, "its other fields as JSON, bytes in hex; of a key line its label alone"),
        Column("body", S, "SHA-256 of the bytes it holds; of a crypto operation the input; see bodies"),
        Column("length", N, "of these bytes", "bytes"),
        Column("output", S, "SHA-256 of a crypto operation's output; see bodies"),
        Column("stack", LIST, "frames of the call, innermost first"),
    ],
    "bodies": [
        Column("sha256", S, "of the bytes as sent; never null"),
        Column("length", N, "length of the whole body", "bytes"),
        Column("at", N, "where in the body this row begins: over 16 MB it has several, in order", "bytes"),
        Column("data", RAW, "the bytes as sent (content-encoded where the sender did so)"),
    ],
    "problems": [
        RUN,
        Column("severity", S, "lost: the file held more; warning: read whole, with a remark"),
        Column("file", S, "which file"),
        Column("place", S, "byte offset, line or entry"),
        Column("what", S, "what was met"),
        Column("remedy", S, "what to do about it"),
    ],
    "sightings": [
        Column("id", S, "S- and 12 hex digits, derived from the other columns; never null, unique"),
        Column("probe", S, "id of the probe"),
        Column("text", S, "the probe as given"),
        Column("kind", S, "prompt, draft, identifier, email, phone, file-name"),
        Column("decoy", B, "true: never typed, so a false discovery"),
        RUN,
        FLOW,
        Column("source_ref", S, "the flow's name in its source"),
        Column("host", S, "the host the client asked for"),
        Column("method", S, "HTTP method"),
        Column("url", S, "request URL"),
        Column("direction", S, "request or response"),
        Column("part", S, "url, header, cookie, body, ws, sse, trailer, raw"),
        Column("path", S, "JSON Pointer (RFC 6901), field or header name; layers joined by ' > '"),
        Column("chain", LIST, "what was undone, from the outside in"),
        Column("offset", N, "of the hit in the innermost layer", "bytes"),
        Column("length", N, "of the hit in the innermost layer", "bytes"),
        Column("raw_offset", N, "of what holds the hit in the message as sent", "bytes"),
        Column("raw_length", N, "of what holds the hit in the message as sent", "bytes"),
        Column("tier", S, "exact, normalised, reassembled, partial, digest, obfuscated; never added up"),
        Column("at", F, "when the message was sent or seen", "s"),
        Column("body", S, "SHA-256 of the message as sent; null for url, header, cookie"),
        Column("seq", N, "order of the message within the flow"),
        Column(
            "pieces", PIECES, "reassembled: each piece's flow, message, path and place as sent; else null"
        ),
        Column("share", F, "partial: the share of the probe that was found, 0 to 1; else null"),
        SIMULATED,
    ],
    "undecoded": [
        FLOW,
        RUN,
        Column("host", S, "the host the client asked for"),
        Column("direction", S, "request or response"),
        Column("part", S, "url, header, cookie, body, ws, sse, trailer, raw"),
        Column("seq", N, "order of the message within the flow"),
        Column("reason", S, "missing, incomplete, encoding, binary, limit"),
        Column("detail", S, "what was tried, in words"),
        Column("length", N, "bytes that could not be read; null: not known", "bytes"),
    ],
    "probes": [
        Column("probe", S, "id of the probe; never null, unique"),
        Column("kind", S, "prompt, draft, identifier, email, phone, file-name"),
        Column("text", S, "the value"),
        Column("decoy", B, "true: same shape, never typed"),
        Column("of", S, "a decoy's probe"),
    ],
    "recipients": [
        Column("host", S, "the host; never null"),
        Column("registrable_domain", S, "by the public suffix list, private rules included"),
        Column("suffix", S, "its public suffix, and the section of the list that holds the rule"),
        Column(
            "question",
            S,
            "domain_owner, service_operator, network_operator, address_country, corporate_group: never merged; "
            "legal_entity, established_in, role, tracker_list: where known; disagreement: the capture differs",
        ),
        Column("answer", S, "null: not known, or not to be told from an address; see status"),
        Column("status", S, "known, not known, not determinable, disputed (sources give other answers)"),
        Column("address", S, "the address that the answer is about; null: about the name"),
        Column("country", S, "where that organisation is established, ISO 3166-1 alpha-2"),
        Column("group", S, "corporate group as of the date"),
        Column("role", S, "what it does for the app, as its source says"),
        Column("own", B, "true: the app's maker; null: not known"),
        Column("source", S, "who says so"),
        Column("url", S, "where it stands"),
        Column("as_of", S, "date of the source"),
        Column("licence", S, "of the source; fact cited: a fact with its place, no text taken over"),
        Column("origin", S, "case (the investigator's own table), imported, shipped, or capture"),
        Column("note", S, "what the source shows, or why there is no answer"),
    ],
}


def schema(name: str) -> pa.Schema:
    """The Arrow schema of a frame; each field carries its meaning and unit as metadata."""
    return pa.schema(
        [pa.field(c.name, c.type, metadata={"meaning": c.meaning, "unit": c.unit}) for c in FRAMES[name]],
        metadata={"promptrail.frame": name, "promptrail.schema": str(VERSION)},
    )


def to_arrow(name: str, rows: Iterable[Any]) -> pa.Table:
    """Rows (records of `model`, or dicts) as an Arrow table in the declared order and types."""
    declared = schema(name)
    columns: dict[str, list[Any]] = {c.name: [] for c in FRAMES[name]}
    for row in rows:
        values = (
            row if isinstance(row, dict) else {f.name: getattr(row, f.name) for f in dataclasses.fields(row)}
        )
        for column, out in columns.items():
            out.append(values.get(column))
    return pa.table({k: pa.array(v, declared.field(k).type) for k, v in columns.items()}, schema=declared)


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame as named tuples, in order; what is missing is None in every column."""
    columns = [str(name) for name in frame]
    plain = [
        [None if hole else v for v, hole in zip(frame[c], frame[c].isna(), strict=True)] for c in columns
    ]
    kind: Any = namedtuple("Row", columns, rename=True)  # type: ignore[misc]
    return map(kind, *plain)


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a DataFrame whose whole numbers and flags stay what they are beside nulls."""
    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=nullable.get)
    return frame


def at_utc(seconds: pd.Series) -> pd.Series:
    """Float seconds since the epoch as UTC timestamps."""
    return pd.to_datetime(seconds, unit="s", utc=True)

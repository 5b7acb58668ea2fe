"""The nouns of promptrail as frozen records: what readers yield, what the trace finds, what a finding states.

Times are seconds since the epoch, UTC, by the clock of the machine that recorded. Bodies are named by the SHA-256 of
the bytes as sent. `None` means "the capture does not hold it"; an empty body is `EMPTY`, which is not the same.
"""

from dataclasses import dataclass, field
from typing import Literal

from promptrail.language import say

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

SIMULATED_HEADER = b"x-promptrail-simulated"
SIMULATED_WORD = "SIMULATED"
"""The lab's marks: a response header, and a word in the subject of its CA."""
SIMULATED_SENTENCE = "Simulated, not evidence: "
"""How every sentence about a simulated case begins."""

Direction = Literal["request", "response"]
Headers = list[tuple[bytes, bytes]]
ProbeKind = Literal["prompt", "draft", "identifier", "email", "phone", "file-name"]
PROBE_KINDS: tuple[str, ...] = ("prompt", "draft", "identifier", "email", "phone", "file-name")
PERSONAL_KINDS = frozenset({"identifier", "email", "phone"})
"""Kinds whose values stand as labels in every page and finding unless --show-values is given."""


@dataclass(frozen=True, slots=True)
class Run:
    """One recorded session of an app under one scenario."""

    run: str
    source: str
    """evidence, mitm, har, pcap or hook: which reader read its flows."""
    file: str
    """The file it was read from, relative to the case."""
    sha256: str
    scenario: str | None = None
    app: str | None = None
    app_version: str | None = None
    control: str | None = None
    """C0 no prompt, C1 prompt A, C2 prompt B, C3 another app; None where nobody said."""
    started: float | None = None
    ended: float | None = None
    complete: bool = True
    """False: the recording broke off, or the file is cut short."""
    simulated: bool = False
    tool: str | None = None
    witnesses: list[str] = field(default_factory=list)
    """proxy, packets, hook."""
    route: str | None = None
    """How a device's traffic was led to the proxy: settings, wireguard, transparent, tun, manual; None: nobody said."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One exchange: request and response, or a WebSocket, TCP, UDP or DNS stream."""

    flow: str
    """`source_ref` hashed with the run's content: the same capture gives the same id."""
    run: str
    source_ref: str
    """mitmproxy's flow id, or the HAR's entry index from 0."""
    kind: str
    """http, websocket, tcp, udp or dns."""
    host: str | None
    """The host that the client asked for (Host or :authority for HTTP); `sni`, `dest_ip`, `cert_names` stay apart."""
    port: int | None = None
    method: str | None = None
    scheme: str | None = None
    url: str | None = None
    http_version: str | None = None
    status: int | None = None
    started: float | None = None
    request_ended: float | None = None
    response_started: float | None = None
    ended: float | None = None
    sni: str | None = None
    dest_ip: str | None = None
    dest_port: int | None = None
    cert_names: list[str] = field(default_factory=list)
    cert_issuer: str | None = None
    connection: str | None = None
    request_headers: Headers = field(default_factory=list)
    response_headers: Headers = field(default_factory=list)
    request_body: str | None = None
    request_length: int | None = None
    response_body: str | None = None
    response_length: int | None = None
    response_complete: bool = True
    bodies_decoded: bool = False
    """True: the capture holds bodies with Content-Encoding undone already, as HAR does."""
    error: str | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """Anything seen on the wire, read or not."""

    connection: str
    run: str
    host: str | None
    sni: str | None = None
    dest_ip: str | None = None
    dest_port: int | None = None
    opened: float | None = None
    closed: float | None = None
    alpn: str | None = None
    tls_version: str | None = None
    cert_names: list[str] = field(default_factory=list)
    cert_issuer: str | None = None
    outcome: str = "read"
    """read, pinned, tls-failed, passed-through, not-reached, broken-off, no-keys, quic, ech, not-http."""
    reason: str | None = None
    bytes_out: int | None = None
    """What the app sent, in bytes, where the capture knows; None: not known, which is not 0."""
    bytes_in: int | None = None
    simulated: bool = False
    transport: str | None = None
    client_ip: str | None = None
    client_port: int | None = None
    ja3: str | None = None
    ja4: str | None = None
    witnesses: list[str] = field(default_factory=list)
    """proxy, packets, hook: filled where the witnesses of a run are joined."""
    read_by: str | None = None
    cipher: str | None = None
    """The TLS suite that was agreed, as its witness names it."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of one witness were brought to the clock of its run."""

    run: str
    witness: str
    """proxy, packets, hook."""
    offset: float
    """Seconds that were subtracted from its times."""
    uncertainty: float | None
    """Seconds by which they may still be off; None: not known."""
    pairs: int
    """Moments that both clocks saw."""
    how: str


@dataclass(frozen=True, slots=True)
class Message:
    """One piece of content in one direction that is not a header block: a body, a WebSocket or raw message."""

    flow: str
    run: str
    seq: int
    direction: Direction
    part: str
    """body, ws, raw, dns or trailer."""
    body: str | None
    """SHA-256 of the bytes as sent; None: missing from the capture."""
    length: int | None
    at: float | None = None
    complete: bool = True
    text: bool | None = None
    """WebSocket: text (True) or binary (False) frame."""
    media: str | None = None
    """Content-Type as the message states it."""
    coding: str | None = None
    """Content-Encoding that is still to be undone."""


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a scenario on the clock of its run."""

    run: str
    at: float
    event: str
    """launch, consent, typing, typed, sent, deleted, attached, end, ..."""
    probe: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a reader met: `lost` (the file held more) or `warning` (read whole, with a remark)."""

    run: str
    severity: Literal["lost", "warning"]
    file: str
    place: str
    """Where in the file: a byte offset, a line, an entry."""
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A value whose travel we follow."""

    probe: str
    kind: str
    text: str
    decoy: bool = False
    of: str | None = None
    """A decoy's probe."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A probe found in a message; see the frame `sightings` for each column's meaning."""

    id: str
    probe: str
    text: str
    kind: str
    decoy: bool
    run: str
    flow: str
    source_ref: str
    host: str | None
    method: str | None
    url: str | None
    direction: Direction
    part: str
    path: str
    chain: list[str]
    offset: int
    length: int
    raw_offset: int
    raw_length: int
    tier: str
    at: float | None = None
    body: str | None = None
    seq: int | None = None
    pieces: list[dict[str, object]] | None = None
    """Of a reassembled one: where each piece stands."""
    share: float | None = None
    """Of a partial one: how much of the probe was found."""
    simulated: bool = False


VERDICTS = ("supported", "contradicted", "not observed", "cannot tell")
GRADES = {
    "E0": "static only",
    "E1": "contact",
    "E2": "decrypted",
    "E3": "decoded field",
    "E4": "controls hold",
    "E5": "replicated",
}


@dataclass(frozen=True, slots=True)
class Control:
    """A check that could prove the finding wrong."""

    control: str
    why: str
    expected: str
    observed: str
    result: Literal["pass", "fail", "not run"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a notebook states. Everything in it is masked already (see `findings.mask`), so it may be published."""

    id: str
    version: str
    notebook: str
    question: str
    sentence: str
    """The answer in one sentence."""
    verdict: str
    grade: str | None
    """E0 to E5; None where there is nothing to grade."""
    simulated: bool
    licensed: str
    """The sentence that may be written."""
    not_licensed: str
    """The sentence that may not."""
    evidence: list[dict[str, object]]
    controls: list[Control]
    unseen: list[dict[str, object]]
    objections: list[dict[str, str]]
    parameters: dict[str, object]
    facts: dict[str, object] = field(default_factory=dict)
    """Counts that the page shows, by name; never added up over tiers."""

    def __post_init__(self) -> None:
        """A sentence may be copied out of its page: of a simulated case each carries the mark itself."""
        for name in ("sentence", "licensed"):
            said = getattr(self, name)
            lead = say(SIMULATED_SENTENCE)
            if self.simulated and not said.startswith(lead):
                object.__setattr__(self, name, lead + said)

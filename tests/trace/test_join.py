"""Text that was cut: events, frames, elements, fields, successive requests; and text that was not, told once."""

import base64
import json
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from urllib.parse import quote_plus

import cbor2
import msgpack
import pytest

from captures import entry, write_har
from promptrail import ingest, pipeline
from promptrail.case import Case
from promptrail.cli import main

PROMPT = "May I record the 회의 with Min-jun tomorrow? plover-6612"


def traced(folder: Path, *entries: dict[str, object]) -> Case:
    case = Case.create(folder / "case")
    ingest.place(case, write_har(folder, *entries))
    case.add_probe("prompt", PROMPT)
    pipeline.ensure(case)
    return case


def cut(size: int) -> list[str]:
    return [PROMPT[n : n + size] for n in range(0, len(PROMPT), size)]


def events(values: list[object]) -> dict[str, object]:
    """An answer that streams these values as server-sent events."""
    body = "".join(f"data: {json.dumps(v)}\n\n" for v in values) + "data: [DONE]\n\n"
    one = entry(body='{"q":"x"}', answer=body)
    one["response"]["headers"] = [{"name": "Content-Type", "value": "text/event-stream"}]
    return one


STREAMS = {
    "OpenAI choices": [{"id": "c1", "choices": [{"index": 0, "delta": {"content": t}}]} for t in cut(3)],
    "JSON patch": [{"p": "response/content", "o": "APPEND", "v": t} for t in cut(2)],
    "plain": [{"n": n, "token": t} for n, t in enumerate(cut(5))],
}


@pytest.mark.parametrize("values", STREAMS.values(), ids=STREAMS.keys())
def test_token_deltas_of_a_stream(tmp_path: Path, values: list[object]) -> None:
    """A prompt that is echoed token by token: one sighting, in the response, with every piece's place."""
    case = traced(tmp_path, events(values))
    (s,) = case.sightings.itertuples()
    assert (s.tier, s.direction, s.part) == ("reassembled", "response", "sse")
    assert len(s.pieces) == len(values) and "join" in s.chain
    data = case.bytes_of(s.body)
    first = s.pieces[0]
    assert data[first["raw_offset"] :][: first["raw_length"]].decode("unicode_escape").startswith(PROMPT[0])


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"keys": cut(1)}),
        json.dumps({"batch": [{"t": n, "key": c} for n, c in enumerate(cut(1))]}),
        "\n".join(json.dumps({"d": t}) for t in cut(4)),
        "&".join(f"q{n}={quote_plus(t)}" for n, t in enumerate(cut(20))),
    ],
    ids=["array", "keystroke log", "lines", "form fields"],
)
def test_values_of_one_request(tmp_path: Path, body: str) -> None:
    """Elements of an array or a telemetry batch, lines, numbered fields."""
    case = traced(tmp_path, entry(body=body, media="text/plain"))
    tiers = case.sightings.tier.tolist()
    assert "reassembled" in tiers and case.sightings.direction.unique().tolist() == ["request"]


def test_successive_requests(tmp_path: Path) -> None:
    """One text in three requests to one endpoint: told of the first, with the place in each."""
    parts = [entry(f"https://a.test/up?part={n}", json.dumps({"chunk": t})) for n, t in enumerate(cut(20))]
    case = traced(tmp_path, *parts)
    found = case.sightings[case.sightings.tier == "reassembled"]
    assert len(found) == 1 and len({p["flow"] for p in found.iloc[0].pieces}) == len(parts)


def test_websocket_messages(tmp_path: Path) -> None:
    """A message typed letter by letter into a socket."""
    frames = [
        {"type": "send", "time": n, "opcode": 1, "data": json.dumps({"seq": n, "d": c})}
        for n, c in enumerate(cut(1))
    ]
    case = traced(tmp_path, entry("wss://a.test/ws", _webSocketMessages=frames))
    (s,) = case.sightings.itertuples()
    assert (s.tier, s.part, len(s.pieces)) == ("reassembled", "ws", len(PROMPT))


def field(number: int, value: bytes | int) -> bytes:
    """A field of protobuf, of short values."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


BINARY = {
    "protobuf": lambda n, t: field(1, n) + field(2, t.encode()),
    "protobuf in protobuf": lambda n, t: field(1, n) + field(3, field(1, t.encode()) + field(2, n)),
    "MessagePack": lambda n, t: msgpack.packb({"n": n, "d": t}),
    "CBOR": lambda n, t: cbor2.dumps({"n": n, "d": t}),
}


BESIDE = {
    "a language before": lambda n, t: field(1, b"en") + field(2, t.encode()),
    "a number and a language": lambda n, t: field(3, n) + field(1, b"en") + field(2, t.encode()),
    "an array": lambda n, t: msgpack.packb(["en", t]),
    "a long name in an array": lambda n, t: cbor2.dumps(["user-8841", t]),
}


@pytest.mark.parametrize("write", BESIDE.values(), ids=BESIDE.keys())
@pytest.mark.parametrize(
    "between", [b"", field(1, 1) + field(2, b"ok"), field(1, b"hb")], ids=["", "ok", "ping"]
)
def test_tokens_beside_other_values(
    tmp_path: Path, write: Callable[[int, str], bytes], between: bytes
) -> None:
    """What stands in another field, or in short messages of the same socket, is no part of the text."""
    tokens = cut(6)
    messages = [m for n, t in enumerate(tokens) for m in (write(n, t), between) if m]
    frames = [
        {"type": "send", "time": n, "opcode": 2, "data": base64.b64encode(m).decode()}
        for n, m in enumerate(messages)
    ]
    case = traced(tmp_path, entry("wss://a.test/ws", _webSocketMessages=frames))
    assert "reassembled" in set(case.sightings.tier)
    found = case.sightings[case.sightings.tier == "reassembled"].iloc[0]
    assert len(found.pieces) == len(tokens)


@pytest.mark.parametrize("write", BINARY.values(), ids=BINARY.keys())
@pytest.mark.parametrize(
    "sizes", [(4,), (5, 1, 2, 3), (6, 6, 6, 6, 6, 6, 6, 1)], ids=["four", "any", "mostly six"]
)
def test_tokens_in_binary_messages(
    tmp_path: Path,
    write: Callable[[int, str], bytes],
    sizes: tuple[int, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Tokens are short, and so is the last one: a message of two letters is read as the others of its socket are."""
    tokens, rest = [], PROMPT
    for size in cycle(sizes):
        if not rest:
            break
        tokens, rest = [*tokens, rest[:size]], rest[size:]
    frames = [
        {"type": "send", "time": n, "opcode": 2, "data": base64.b64encode(write(n, t)).decode()}
        for n, t in enumerate(tokens)
    ]
    case = traced(tmp_path, entry("wss://a.test/ws", _webSocketMessages=frames))
    (s,) = case.sightings.itertuples()
    assert (s.tier, s.part, len(s.pieces)) == ("reassembled", "ws", len(tokens))
    assert main(["show", str(case.path), s.id]) == 0 and "piece 2" in capsys.readouterr().out


def said(case: Case) -> set[str]:
    """Of which kinds of probe a sighting was put together."""
    return set(case.sightings[case.sightings.tier == "reassembled"].kind)


def test_a_message_that_holds_another_probe_stands_where_it_stands(tmp_path: Path) -> None:
    """Between tokens of one field it breaks the text, whatever it holds; in another field it does not."""

    def case(name: str, *between: bytes) -> Case:
        tokens = [field(1, n) + field(2, t.encode()) for n, t in enumerate(cut(6))]
        messages = [*tokens[:4], *between, *tokens[4:]]
        frames = [
            {"type": "send", "time": n, "opcode": 2, "data": base64.b64encode(m).decode()}
            for n, m in enumerate(messages)
        ]
        (folder := tmp_path / name).mkdir()
        made = Case.create(folder / "case")
        made.add_probe("email", "min@mail.example")
        ingest.place(made, write_har(folder, entry("wss://a.test/ws", _webSocketMessages=frames)))
        made.add_probe("prompt", PROMPT)
        pipeline.ensure(made)
        return made

    assert said(case("none")) == {"prompt"}
    assert said(case("same", field(1, 1) + field(2, b"write to min@mail.example"))) == set()
    assert said(case("other", field(1, 1) + field(4, b"write to min@mail.example"))) == {"prompt"}


def test_a_piece_that_is_another_probe(tmp_path: Path) -> None:
    """A prompt in three messages, of which the middle one is a declared address."""
    address = "min@mail.example"
    text = f"Ask the clinic to write to {address} before the court hearing, plover-77"
    first, rest = text.split(address)
    pieces = [first, address, rest]
    frames = [
        {
            "type": "send",
            "time": n,
            "opcode": 2,
            "data": base64.b64encode(field(1, n) + field(2, p.encode())).decode(),
        }
        for n, p in enumerate(pieces)
    ]
    case = Case.create(tmp_path / "case")
    ingest.place(case, write_har(tmp_path, entry("wss://a.test/ws", _webSocketMessages=frames)))
    case.add_probe("email", address)
    case.add_probe("prompt", text)
    pipeline.ensure(case)
    assert set(zip(case.sightings.kind, case.sightings.tier, strict=True)) == {
        ("email", "exact"),
        ("prompt", "reassembled"),
        ("prompt", "partial"),  # its first piece, by itself
    }


def test_tokens_in_binary_messages_that_are_others(tmp_path: Path) -> None:
    """The same with two letters exchanged is nothing."""
    tokens = [*cut(5)[:4], "xy", *cut(5)[5:]]
    frames = [
        {"type": "send", "time": n, "opcode": 2, "data": base64.b64encode(write(n, t)).decode()}
        for write in BINARY.values()
        for n, t in enumerate(tokens)
    ]
    case = traced(tmp_path, entry("wss://a.test/ws", _webSocketMessages=frames))
    assert not set(case.sightings.tier) & {"exact", "normalised", "reassembled"}


def test_a_whole_text_among_others_is_not_reassembled(tmp_path: Path) -> None:
    """The same text whole in two requests: two exact sightings, nothing joined."""
    case = traced(tmp_path, *(entry("https://a.test/x", json.dumps({"q": PROMPT, "n": n})) for n in range(2)))
    assert case.sightings.tier.tolist() == ["exact", "exact"]


def test_pieces_of_another_text_are_nothing(tmp_path: Path) -> None:
    """The same stream with its last piece changed holds no sighting but, at most, a part."""
    values = [*STREAMS["plain"][:-1], {"n": 99, "token": "zzz"}]
    case = traced(tmp_path, events(values))
    assert set(case.sightings.tier) <= {"partial"}


def test_a_reassembled_sighting_can_be_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`show` prints each piece as it stands in its message."""
    case = traced(tmp_path, events(STREAMS["plain"]))
    assert main(["show", str(case.path), case.sightings.id.iloc[0]]) == 0
    out = capsys.readouterr().out
    assert out.count("piece ") == len(STREAMS["plain"]) and "event 0 > /token" in out

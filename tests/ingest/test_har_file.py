"""A HAR in every shape: whole, cut at any byte, with any byte changed, several in one file, entries alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captures import entry, har
from promptrail import ingest
from promptrail.case import Case
from promptrail.cli import main
from promptrail.errors import InputError
from promptrail.ingest.har import recognises
from promptrail.ingest.har_file import document

ENTRIES = [
    entry(f"https://a.test/{n}", body=json.dumps({"q": f'한국 {n} "quoted" {{"startedDateTime": 1'}))
    for n in range(6)
]
WHOLE = har(*ENTRIES).encode()
PRETTY = json.dumps(json.loads(WHOLE), indent=2, ensure_ascii=False).encode()


def spans(data: bytes) -> list[tuple[int, int]]:
    """Where each entry begins and ends in the bytes."""
    text, found, at = data.decode(), [], 0
    for one in ENTRIES:
        at = text.index(f'"startedDateTime": "{one["startedDateTime"]}"', at)
        begin = text.rindex("{", 0, at)
        _, at = json.JSONDecoder().raw_decode(text, begin)
        found.append((len(text[:begin].encode()), len(text[:at].encode())))
    return found


def urls(data: bytes) -> list[str]:
    return [e["request"]["url"] for _, e in document(data, "x").entries]


@pytest.mark.parametrize("data", [WHOLE, PRETTY], ids=["one line", "indented"])
def test_a_file_cut_anywhere_gives_every_entry_before_the_cut(data: bytes) -> None:
    """At each byte from the first entry on: the entries that are whole, and the offset where the first other begins."""
    places = spans(data)
    for cut in range(places[0][0] + 1, len(data.rstrip()), 7):
        found = document(data[:cut], "x")
        whole = [end for _, end in places if end <= cut]
        assert len(found.entries) == len(whole), cut
        assert len(found.lost) == 1 and (whole or [0])[-1] <= found.lost[0][0] <= cut


@settings(deadline=None, max_examples=300)
@given(
    data=st.sampled_from([WHOLE, PRETTY]),
    place=st.floats(0, 1, exclude_max=True),
    change=st.integers(1, 255),
)
def test_a_changed_byte_costs_no_other_entry(data: bytes, place: float, change: int) -> None:
    """Whatever byte becomes whatever: no exception, every other entry as it was, the loss told."""
    at = int(place * len(data))
    broken = data[:at] + bytes([data[at] ^ change]) + data[at + 1 :]
    hit = [e for e, (begin, end) in zip(ENTRIES, spans(data), strict=True) if begin <= at < end]
    intact = [e for e in ENTRIES if e not in hit]
    found = document(broken, "x")
    assert [e for _, e in found.entries if e in intact] == intact
    assert len(found.entries) == len(ENTRIES) or found.lost


def test_damage_between_entries_is_told_by_offset_and_length() -> None:
    """An entry that cannot be read is stepped over; the numbers of the others stay what they were."""
    places = spans(WHOLE)
    begin = places[2][0]
    broken = WHOLE[:begin] + b"!" * 9 + WHOLE[begin + 9 :]
    found = document(broken, "x")
    assert [n for n, _ in found.entries] == [0, 1, 3, 4, 5]
    assert found.lost == [(begin, f"holds a broken entry; {places[3][0] - begin} bytes are not read")]


@pytest.mark.parametrize(
    ("shape", "data"),
    [
        ("a bare log", json.dumps(json.loads(WHOLE)["log"]).encode()),
        ("a list of entries", json.dumps(ENTRIES).encode()),
        ("an entry a line", b"\n".join(json.dumps(e).encode() for e in ENTRIES)),
        ("two files in one", har(*ENTRIES[:2]).encode() + b"\n" + har(*ENTRIES[2:]).encode()),
        ("a byte order mark", b"\xef\xbb\xbf" + WHOLE),
        ("UTF-16", WHOLE.decode().encode("utf-16")),
        ("UTF-16 without mark", WHOLE.decode().encode("utf-16-be")),
        ("version 1.1", WHOLE.replace(b'"1.2"', b'"1.1"')),
        ("a damaged word log", WHOLE.replace(b'"log"', b'"lof"')),
        ("a damaged word entries", WHOLE.replace(b'"entries"', b'"entrieS"')),
    ],
)
def test_shapes(shape: str, data: bytes) -> None:
    """However the entries are wrapped, all are read, in their order, and nothing counts as lost."""
    assert recognises(data[:4096]), shape
    assert urls(data) == [e["request"]["url"] for e in ENTRIES]
    assert document(data, "x").lost == []


def test_one_entry_alone() -> None:
    """A single entry, as a browser copies it, is a capture."""
    data = json.dumps(ENTRIES[0]).encode()
    assert recognises(data) and urls(data) == ["https://a.test/0"]


def test_a_cut_file_after_a_whole_one() -> None:
    """Of two files in one, of which the second is cut, every whole entry is read."""
    second = har(*ENTRIES[3:]).encode()
    found = document(har(*ENTRIES[:3]).encode() + second[:-400], "x")
    assert len(found.entries) == 5 and len(found.lost) == 1


@pytest.mark.parametrize(
    "data",
    [
        b'{"log": {}}',
        b'{"log": {"entries": 7}}',
        b'{"log": [',
        b'{"log": ' + b"[" * 100_000,
        b'{"log": {"version": ' + b"1" * 5000 + b"}}",
        b'[{"entries": 1}]',
        b"\xff\xfe{",
    ],
)
def test_what_holds_no_entries_is_refused(data: bytes) -> None:
    """In one sentence that names the file, however it is broken."""
    with pytest.raises(InputError, match=r"^captures/r/x\.har: "):
        document(data, "captures/r/x.har")


@pytest.mark.parametrize(
    "field",
    [b"[" * 100_000, b"1" * 5000, b'"\\ud800', b"NaNN", b'{"a":' * 50_000],
    ids=["deep", "long number", "open string", "no word", "deep objects"],
)
def test_a_hostile_field_costs_its_entry(field: bytes) -> None:
    """What the JSON reader itself cannot bear loses one entry."""
    text = har(*ENTRIES).encode().replace(b'"time": 12.5', b'"time": ' + field, 1)
    found = document(text, "x")
    assert [n for n, _ in found.entries] == [1, 2, 3, 4, 5] and len(found.lost) == 1


def test_many_false_beginnings_end_in_time() -> None:
    """A hundred thousand beginnings of entries that never end are given up, not tried for ever."""
    data = b'{"log": {"entries": [' + b'{"request": {"a": "' * 100_000
    assert document(data, "x").entries == []


@pytest.mark.parametrize(
    "change",
    [
        {"startedDateTime": "0001-01-01T00:00:00+14:00"},
        {"startedDateTime": {"a": 1}, "time": 10**400},
        {"time": float("nan"), "serverIPAddress": ["x"]},
        {"serverIPAddress": 7, "connection": {"a": []}, "_serverPort": 10**30},
        {"request": {"method": None, "url": "http://[::1", "headers": [{"name": "a", "value": None}]}},
        {"request": {"url": "\ud800://\ud800:99999999", "headers": [["a", "b"]], "postData": "x"}},
        {"response": {"status": "x", "content": {"text": 7, "size": "y"}}},
        {"response": {"status": 10**40, "content": {"text": "\ud83d", "encoding": 7}, "_error": {"a": 1}}},
        {"response": None},
        {"_webSocketMessages": [{"type": 1, "opcode": "x", "time": "y", "data": 5}, {}]},
    ],
)
def test_hostile_fields_leave_the_flow(tmp_path: Path, change: dict[str, Any]) -> None:
    """A field of another kind is taken as not told; the exchange is there, and frames are written."""
    file = tmp_path / "x.har"
    file.write_text(har({**ENTRIES[0], **change}, ENTRIES[1]), encoding="utf-8")
    case = Case.create(tmp_path / "case")
    ingest.place(case, file)
    problems = ingest.frames_of(case)
    assert len(case.flows) == 2 and not [p for p in problems if p.severity == "lost"]


@pytest.mark.parametrize("hurt", ["nothing", "an entry", "a list", "headers"])
def test_what_is_no_entry_costs_itself(tmp_path: Path, hurt: str) -> None:
    """Things in the list that are no entries are told by their number; the rest is read."""
    wrong: Any = {
        "nothing": None,
        "an entry": {"request": []},
        "a list": [1],
        "headers": {"request": {"url": "x", "headers": [[]]}},
    }[hurt]
    file = tmp_path / "x.har"
    file.write_text(json.dumps({"log": {"entries": [ENTRIES[0], wrong, ENTRIES[1]]}}), encoding="utf-8")
    case = Case.create(tmp_path / "case")
    ingest.place(case, file)
    problems = ingest.frames_of(case)
    assert len(case.flows) == 2
    assert [(p.severity, p.place) for p in problems] == [("lost", "entry 1")]


@pytest.mark.parametrize(("cut", "code"), [(0, 0), (300, 3)])
def test_the_exit_code_says_whether_something_was_lost(tmp_path: Path, cut: int, code: int) -> None:
    """0 for a whole file, 3 for one cut short; both are imported."""
    file = tmp_path / "x.har"
    file.write_bytes(WHOLE[: len(WHOLE) - cut])
    assert main(["case", "new", str(tmp_path / "case")]) == 0
    assert main(["import", str(tmp_path / "case"), str(file)]) == code
    assert len(Case.open(tmp_path / "case").flows) == 6 - bool(cut)

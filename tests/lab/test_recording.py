"""The lab, recorded through a real mitmdump: every planting is in the evidence, and the controls differ as they say."""

import base64
import functools
import gzip
import json
import re
import urllib.parse
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from promptrail.case import Case
from promptrail.case.evidence import verify
from promptrail.errors import RecordingError
from promptrail.lab.case import fill
from promptrail.lab.record import record
from promptrail.lab.world import CLOUD, FINGERPRINT, HELP_DESK, HOSTS
from rigs.evidence_reader import Evidence

pytestmark = pytest.mark.rig


def text_of(case: Case, probe: str) -> str:
    (found,) = [p.text for p in case.declared_probes if p.probe == probe]
    return found


@functools.cache
def unwrapped(raw: bytes) -> frozenset[str]:
    """Every text that standard-library decoding finds in a message, told nothing about where to look."""
    found: set[str] = set()
    queue: list[bytes | str] = [raw]
    while queue:
        item = queue.pop()
        if isinstance(item, bytes) and item:
            for undo in (gzip.decompress, zlib.decompress):
                try:
                    queue.append(undo(item))
                except (OSError, zlib.error, EOFError):
                    pass
        item = item.decode("utf-8", "replace") if isinstance(item, bytes) else item
        if item in found:
            continue
        found.add(item)
        queue += re.findall(r"[0-9a-f]{24,}", item) + re.findall(r"^data: (\{.*\})$", item, re.M)
        queue += [urllib.parse.unquote(part) for part in re.split(r"[&=?]", item)]
        for undo_text in (bytes.fromhex, lambda t: base64.b64decode(t, validate=True)):
            try:
                queue.append(undo_text(item))
            except ValueError:
                pass
        try:
            values: list[Any] = [json.loads(item)]
        except ValueError:
            continue
        while values:
            value = values.pop()
            values += value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
            queue += [value] if isinstance(value, str) else []
    return frozenset(found)


def test_every_planting_is_in_the_evidence(folders: list[Path]) -> None:
    """Each line of each answer key: decoding by other code finds its text in a message of that host and direction."""
    checked: Counter[tuple[str, ...]] = Counter()
    for folder in folders:
        run = Evidence(folder)
        for planted in run.beside("answer-key.jsonl"):
            requests = run.of("request", host=planted["host"], method=planted["method"])
            requests = [r for r in requests if urllib.parse.urlsplit(r["url"]).path == planted["path"]]
            texts = [t for r in requests for m in run.messages(r, planted["direction"]) for t in unwrapped(m)]
            assert any(planted["text"] in t for t in texts), planted
            checked[tuple(planted["chain"])] += 1
    assert len(checked) >= 11 and checked["gzip", "json", "base64", "json"] == 1


def test_the_key_names_as_many_plantings_as_were_sent(before: Evidence, lab: Case) -> None:
    """Nothing that carries a prompt is left out of the key: a finder that sees more than it is not wrong by the key."""
    for probe in ("p1", "p2", "d1"):
        planted = [k for k in before.beside("answer-key.jsonl") if k["probe"] == probe]
        carrying = [
            (r["url"], direction)
            for r in before.of("request")
            for direction in ("request", "response")
            if any(text_of(lab, probe) in t for m in before.messages(r, direction) for t in unwrapped(m))
        ]
        assert len(planted) == len(carrying) == (1 if probe == "d1" else 4)


def test_only_version_before_hands_text_to_the_cloud(lab: Case) -> None:
    """No prompt or draft reaches the cloud vendor in "after", and device items still do."""
    kinds = {
        run: {
            k["kind"] for k in Evidence(lab.captures / run).beside("answer-key.jsonl") if k["host"] == CLOUD
        }
        for run in ("before-c1-1", "after-c1-1")
    }
    assert kinds == {"before-c1-1": {"prompt", "draft", "identifier"}, "after-c1-1": {"identifier"}}


@pytest.mark.parametrize(
    ("run", "moved"),
    [
        ("before-c0", set()),
        ("before-c1-1", {"p1", "p2", "d1"}),
        ("before-c2", {"p3"}),
        ("before-c3", {"p1"}),
    ],
)
def test_only_what_was_typed_moves(lab: Case, run: str, moved: set[str]) -> None:
    """The controls: no prompt, prompts A, prompt B, another app, in the key and in the bytes."""
    evidence = Evidence(lab.captures / run)
    texts = {t for r in evidence.of("request") for m in evidence.messages(r, "request") for t in unwrapped(m)}
    for probe in ("p1", "p2", "p3", "d1"):
        assert any(text_of(lab, probe) in t for t in texts) == (probe in moved), probe
    keyed = {k["probe"] for k in evidence.beside("answer-key.jsonl") if k["kind"] in ("prompt", "draft")}
    assert keyed == moved


def test_the_other_app_embeds_the_same_telemetry_without_text(lab: Case) -> None:
    """C3: Marginalia sends its note to its own server alone, and to the cloud only what identifies the phone."""
    key = Evidence(lab.captures / "before-c3").beside("answer-key.jsonl")
    assert {k["host"] for k in key if k["probe"] == "p1"} == {"notes.marginalia.test"}
    assert {k["probe"] for k in key if k["host"] == CLOUD} == {"adid"}


def test_the_pinned_vendor_is_contacted_and_not_read(before: Evidence) -> None:
    """The fingerprint kit refuses the proxy with an alert: an outcome and a reason, and no exchange."""
    (failed,) = before.of("connection", outcome="tls-failed-client")
    assert failed["sni"] == FINGERPRINT and "alert" in failed["reason"]
    assert before.of("request", host=FINGERPRINT) == []


def test_telemetry_starts_before_consent(before: Evidence) -> None:
    """The first batch with the device's id is sent before the user has agreed to anything."""
    (consent,) = [e["t"] for e in before.beside("events.jsonl") if e["event"] == "consent"]
    first = min(k["t"] for k in before.beside("answer-key.jsonl") if k["host"] == CLOUD)
    assert first < consent and before.of("request", host=CLOUD)[0]["t"] < consent


def test_every_step_is_an_event_in_order(before: Evidence) -> None:
    """The draft is typed and deleted, each prompt typed before it is sent, on one clock with the traffic."""
    events = before.beside("events.jsonl")
    assert [(e["event"], e["probe"]) for e in events] == [
        ("cleared", None),
        ("launch", None),
        ("consent", None),
        *((step, "d1") for step in ("typing", "typed", "deleted")),
        *((step, p) for p in ("p1", "p2") for step in ("typing", "typed", "sent")),
        ("attached", "file1"),
        ("end", None),
    ]
    assert [e["t"] for e in events] == sorted(e["t"] for e in events)
    sent = {e["probe"]: e["t"] for e in events if e["event"] == "sent"}
    chats = [r["t"] for r in before.of("request") if r["url"].endswith("/v1/chat/completions")]
    assert sent["p1"] < chats[0] < sent["p2"] < chats[1]


def test_everything_carries_the_mark_of_the_lab(folders: list[Path]) -> None:
    """Every answer has the header, every certificate the lab's issuer, every run its meta; no host is a real one."""
    for folder in folders:
        run = Evidence(folder)
        for response in run.of("response"):
            assert ["x-promptrail-simulated", "parley-lab"] in response["headers"]
            assert "SIMULATED" in response["cert_issuer"]
        assert run.of("start")[0]["meta"]["simulated"] is True
        assert {r["host"] for r in run.of("request")} <= set(HOSTS)


def test_the_websocket_is_recorded_message_by_message(before: Evidence) -> None:
    """The help desk's presence: a text message with the device's id there, one without it back, and the end."""
    (upgrade,) = [r for r in before.of("request", host=HELP_DESK) if r["url"].endswith("/ws")]
    there, back = before.of("message", flow=upgrade["flow"])
    assert (there["from_client"], there["text"], back["from_client"]) == (True, True, False)
    assert json.loads(before.body(there["body"]))["type"] == "presence"
    assert before.of("streamend", flow=upgrade["flow"])[0]["code"] == 1000


def test_answers_stream_through_the_proxy(before: Evidence) -> None:
    """A chat answer is kept in the pieces in which it passed, title and all."""
    (first, second) = [r for r in before.of("response") if r["chunks"]]
    assert min(first["chunks"], second["chunks"]) > 5
    assert before.body(first["body"]).startswith(b'data: {"title"')


def test_runs_are_sealed_with_events_and_key(folders: list[Path]) -> None:
    """Every run verifies, and its events and its key are among the sealed files."""
    for folder in folders:
        assert verify(folder) == []
        files = json.loads((folder / "manifest.json").read_text())["files"]
        assert {"events.jsonl", "answer-key.jsonl", "flows.mitm"} <= set(files)


def test_keys_stay_with_the_case_and_its_owner(lab: Case) -> None:
    """CA keys lie in private/ only, closed to others; of the lab's own authority nothing is left."""
    secret = [p for p in lab.path.rglob("*") if p.is_file() and b"PRIVATE KEY" in p.read_bytes()]
    assert [p.relative_to(lab.path).parts[:2] for p in secret] == [("private", "mitmproxy")]
    assert all(p.stat().st_mode & 0o077 == 0 for p in lab.private.rglob("*"))
    assert list(lab.private.glob("lab.*")) == []


def test_a_capture_is_never_recorded_over(lab: Case) -> None:
    """Recording a scenario that is there, or one that the lab does not know, is refused before anything starts."""
    with pytest.raises(RecordingError, match=r"holds before-c0 already"):
        record(lab, ["before-c0"])
    with pytest.raises(RecordingError, match=r"no scenario 'nope'.*before-c0"):
        record(lab, ["nope"])


def test_same_seed_same_traffic(before: Evidence, tmp_path: Path) -> None:
    """Another recording with the same seed sends the same requests, but for times and TLS and WebSocket keys."""
    case = Case.create(tmp_path / "again", simulated=True)
    fill(case)
    record(case, ["before-c1-1"], flow_file=False)
    again = Evidence(case.captures / "before-c1-1")
    assert normalised(again) == normalised(before)
    assert not (again.folder / "flows.mitm").exists()


def test_another_seed_has_other_values(lab: Case, tmp_path: Path) -> None:
    """No probe of one seed is a probe of another, and each has its ids."""
    case = Case.create(tmp_path / "other", simulated=True)
    fill(case, seed=2)
    other = {p.probe: p.text for p in case.declared_probes}
    first = {p.probe: p.text for p in lab.declared_probes}
    assert other.keys() == first.keys() and not set(other.values()) & set(first.values())


def normalised(run: Evidence) -> list[tuple[Any, ...]]:
    """Requests in their order: what the app chose, without what must differ."""
    found = []
    for r in run.of("request"):
        body = run.body(r["body"])
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        body = re.sub(rb'"local_time_ms": \d+', b"", body)
        headers = [h for h in r["headers"] if h[0].lower() not in ("sec-websocket-key", "content-length")]
        found.append((r["method"], r["url"], headers, body))
    return found

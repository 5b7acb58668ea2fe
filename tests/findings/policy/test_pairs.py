"""Which pairs of data and recipient are seen, and what each rests on."""

from pathlib import Path
from typing import Any

import pytest

from factories import DEVICE, PROMPT, Rows, compact
from promptrail.findings.policy.pairs import HINT, NAME, SHARED, VALUE, Seen, observed

OWN, CLOUD, CDN = "chat.parley.test", "in.brightmoor.test", "cdn.brightmoor.test"


def recorded(**more: Any) -> Rows:
    """Two runs of the app and one of another; recipients of two companies."""
    rows = Rows()
    rows.probe("p1", "prompt", PROMPT)
    rows.probe("i1", "identifier", DEVICE)
    rows.probe("e1", "email", "isopleth.1204@mail.example")
    rows.probe("x1", "prompt", "never typed plover-2093", True, "p1")
    for run, control in (("r1", "C1"), ("r2", "C1"), ("other", "C3")):
        rows.run(run, control=control)
    rows.recipient(OWN, True, service_operator="Parley Labs")
    for host in (CLOUD, CDN):
        rows.recipient(host, False, service_operator="Brightmoor")
    return rows


def send(rows: Rows, run: str, host: str | None, probe: str, body: bytes = b"{}", **more: Any) -> None:
    flow = rows.flow(run, host, body, 1, **({"status": None, "dest_ip": None} if more.pop("lost", 0) else {}))
    rows.sighting(flow, probe, body, 1, **more)


def seen(folder: Path, rows: Rows) -> Seen:
    return observed(rows.write(folder), ["r1", "r2"], None)


def told(found: Seen) -> list[tuple[str, str, str, int]]:
    return [(p.data, p.recipient.name, p.basis, len(p.runs)) for p in found.pairs]


def test_values_make_pairs_by_data_and_recipient(tmp_path: Path) -> None:
    """Hosts of one operator are one recipient; runs are counted once each; the maker stands last."""
    rows = recorded()
    for run in ("r1", "r2"):
        send(rows, run, OWN, "p1")
        send(rows, run, CLOUD, "p1")
    send(rows, "r2", CDN, "p1")
    found = seen(tmp_path, rows)
    assert told(found) == [("prompts", "Brightmoor", VALUE, 2), ("prompts", "Parley Labs", VALUE, 2)]
    assert found.pairs[0].hosts == {CLOUD, CDN} and len(found.pairs[0].sightings) == 3


@pytest.mark.parametrize(
    "more", [{"direction": "response"}, {"tier": "obfuscated"}, {"lost": 1}], ids=["answer", "guess", "lost"]
)
def test_what_did_not_go_there_makes_no_pair(tmp_path: Path, more: dict[str, Any]) -> None:
    """Answers, guesses at a cipher, requests that reached nobody; and decoys."""
    rows = recorded()
    send(rows, "r1", CLOUD, "p1", **more)
    send(rows, "r1", CLOUD, "x1")
    assert told(seen(tmp_path, rows)) == []


@pytest.mark.parametrize("tier", ["partial", "digest"])
def test_a_part_or_digest_is_a_hint(tmp_path: Path, tier: str) -> None:
    """And gives way to the value itself."""
    rows = recorded()
    send(rows, "r1", CLOUD, "e1", tier=tier)
    assert told(seen(tmp_path / "a", rows)) == [("e-mail addresses", "Brightmoor", HINT, 1)]
    send(rows, "r2", CLOUD, "e1", path="/mail")
    assert told(seen(tmp_path / "b", rows)) == [("e-mail addresses", "Brightmoor", VALUE, 1)]


def test_a_value_too_short_to_tell_is_a_hint(tmp_path: Path) -> None:
    """Another device may have it."""
    rows = recorded()
    rows.probe("i2", "identifier", "000000")
    send(rows, "r1", CLOUD, "i2")
    assert told(seen(tmp_path, rows)) == [("device identifiers", "Brightmoor", HINT, 1)]


def test_what_another_app_sent_there_too_decides_nothing(tmp_path: Path) -> None:
    """The same value to the same host may come from either."""
    rows = recorded()
    for run in ("r1", "other"):
        send(rows, run, CLOUD, "i1")
    found = seen(tmp_path, rows)
    assert told(found) == [("device identifiers", "Brightmoor", SHARED, 1)]
    assert not found.pairs[0].decides


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/header/advertising_id", "advertising identifiers"),
        ("/header/android_id", "device identifiers"),
        ("/x", "device identifiers"),
        ("/header/session_id", "device identifiers"),
    ],
)
def test_an_identifier_is_what_its_field_says(tmp_path: Path, path: str, data: str) -> None:
    """Where the name is that of an identifier of a device; else it is one of a device all the same."""
    rows = recorded()
    send(rows, "r1", CLOUD, "i1", path=path)
    assert told(seen(tmp_path, rows))[0][:3] == (data, "Brightmoor", VALUE)


def test_named_fields_make_pairs_of_their_own(tmp_path: Path) -> None:
    """The dictionary's names and the ontology's; in requests of these runs alone."""
    rows = recorded()
    rows.flow("r1", CLOUD, compact({"device_model": "SIM-8", "keystroke_patterns": [["a", "120"]]}), 1)
    rows.flow("r1", CLOUD, compact({"typing_rhythm": "120,80,95"}), 2)
    rows.flow("other", OWN, compact({"battery": "71"}), 3)
    found = seen(tmp_path, rows)
    assert {t[:3] for t in told(found)} == {
        ("device characteristics", "Brightmoor", NAME),
        ("keystroke patterns", "Brightmoor", NAME),
    }
    assert found.named and found.pairs[0].fields == {"body /device_model"}


def test_without_any_known_name_the_search_is_not_shown_to_work(tmp_path: Path) -> None:
    """Then nothing follows from not finding one."""
    rows = recorded()
    rows.rows["recipients"] = []
    rows.flow("r1", CLOUD, compact({"q": "x"}), 1)
    assert not seen(tmp_path, rows).named


def test_a_request_without_a_host_has_a_recipient_that_nobody_knows(tmp_path: Path) -> None:
    """It is not left out."""
    rows = recorded()
    send(rows, "r1", None, "p1")
    ((data, name, basis, _),) = told(seen(tmp_path, rows))
    assert (data, name, basis) == ("prompts", "holder of (no host) not known", VALUE)

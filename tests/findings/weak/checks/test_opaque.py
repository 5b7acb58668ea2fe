"""Opaque bytes without a hook: what real ciphers make of texts, beside formats and sound encryption."""

import base64
import json
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import modes

from factories import Rows, compact
from findings.weak_cases import CLOUD, IV, aes, answer, decided, des3, noise
from promptrail.findings.weak.checks import material
from promptrail.findings.weak.checks.beginnings import begins
from promptrail.findings.weak.checks.planted import opaque, planted
from promptrail.findings.weak.checks.repeats import repeats
from promptrail.lab.encoders.envelope import tt

LINE = b"sensor=none;v=0;"
RECORDS = b"".join(struct.pack("<IIfd", n, 7, 1.5, 2.25) for n in range(64))
FINE = noise("a", 4096)
ODD = FINE[:40] + FINE[100:140] + FINE[:40] + FINE[300:328]
"""A stretch comes again at 80, and 80 is a border; but it ends on none."""


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (aes(LINE * 6 + b"at=1", modes.ECB()), 16),
        (aes(noise("x", 320) + LINE + noise("y", 64) + LINE, modes.ECB()), 16),
        (des3(LINE * 3 + b"abc"), 8),
        (aes(LINE * 6, modes.CBC(IV)), None),
        (aes(LINE * 6, modes.CTR(IV)), None),
        (aes(b"0123456789abcdef" + LINE, modes.ECB()), None),
        (noise("n", 100_000 // 16 * 16), None),
        (aes(LINE * 6, modes.ECB())[:-1], None),
        (bytes(4096), None),
        (noise("head", 64) + bytes(64) * 3, None),
        (RECORDS, None),
        (b'{"event":"a","n":%05d},' % 1 * 64, None),
        (ODD, None),
        (FINE[:48] + b"?" + FINE[:48] + FINE[:31], None),
        (b"", None),
        (b"x" * 15, None),
    ],
)
def test_blocks_repeat_on_borders_only_in_ecb(data: bytes, size: int | None) -> None:
    """Not: chaining, keystreams, texts without repetition, a cut length, zeros, records, periods, shifted copies."""
    found = repeats(data)
    assert (found.size if found else None) == size
    assert found is None or (found.chance <= 1e-3 and found.random <= 1e-3)


def test_a_repeat_is_told_with_its_flow_and_its_chance(tmp_path: Path) -> None:
    """Inside JSON and base64, too; whether TLS was outside is said."""
    rows = Rows()
    run = rows.run("r1")
    sealed = aes(LINE * 6, modes.ECB())
    bare = rows.flow(run, CLOUD, sealed, scheme="http", sni=None)
    rows.flow(run, CLOUD, compact({"v": 1, "data": base64.b64encode(sealed).decode()}))
    rows.flow(run, CLOUD, noise("sound", 96))
    found = answer(rows, tmp_path, "blocks")
    assert [row.tls for row in found.rows] == ["without TLS", "inside TLS"] and found.fresh == 1
    assert found.rows[0].flows == (bare.flow,) and "/data" in found.rows[1].what
    assert "5 of 6 blocks of 16 bytes" in found.rows[0].what and (found.rows[0].chance or 1) < 1e-3


TEXTS = [b"kit=brightmoor;os=15;model=SIM-8;" + noise("s", 8 * n) + b";event=%d" % n * 3 for n in range(4)]


@pytest.mark.parametrize(
    ("messages", "telling"),
    [
        ([aes(one, modes.CBC(IV)) for one in TEXTS], True),
        ([aes(one, modes.ECB()) for one in TEXTS], True),
        ([aes(one, modes.CBC(noise(n, 16))) for n, one in enumerate(TEXTS)], None),
        ([aes(one, modes.CTR(IV)) for one in TEXTS], None),
        ([noise("head", 16) + noise(n, 64 + 16 * n) for n in range(5)], False),
        ([noise("head", 21) + noise(n, 75 + 16 * n) for n in range(5)], None),
        ([b"head of a format" + noise(n, 64) for n in range(3)], False),
        ([bytes(16) + noise(n, 64) for n in range(3)], None),
        ([aes(TEXTS[0], modes.CBC(IV))] * 3, None),
    ],
)
def test_messages_that_begin_alike(tmp_path: Path, messages: list[bytes], telling: bool | None) -> None:
    """Several lengths of the common beginning, all on borders, show the text; one alone may be a fixed head."""
    rows = Rows()
    run = rows.run("r1")
    for one in messages:
        rows.flow(run, CLOUD, one)
    rows.flow(run, CLOUD, noise("another", 64))
    found = answer(rows, tmp_path, "beginnings")
    assert decided(found) == ([] if telling is None else [telling])


def test_beginnings_of_different_places_are_not_compared(tmp_path: Path) -> None:
    """The same ciphers sent to other hosts or paths say nothing together."""
    rows = Rows()
    run = rows.run("r1")
    for n, one in enumerate(TEXTS):
        rows.flow(run, CLOUD, aes(one, modes.CBC(IV)), url=f"https://{CLOUD}/v{n}")
    assert answer(rows, tmp_path, "beginnings").status == "not testable"


def test_a_repeated_iv_is_told_and_decides_nothing(tmp_path: Path) -> None:
    """Its key is not seen. Values that come once are counted as they should be, and a word is no IV."""
    rows = Rows()
    run = rows.run("r1")
    for n, iv in enumerate(("AAECAwQFBgcICQoL", "AAECAwQFBgcICQoL", "c2VjcmV0IGl2IQ==", "a word")):
        rows.flow(run, CLOUD, json.dumps({"iv": iv, "n": n}).encode())
    found = answer(rows, tmp_path, "beginnings")
    assert decided(found) == [False] and found.fresh == 0 and found.status == "not found"
    assert "decides nothing" in found.rows[0].what and len(found.rows[0].flows) == 2


@pytest.mark.parametrize("broken", [False, True])
def test_a_known_envelope_is_open_to_anyone(tmp_path: Path, broken: bool) -> None:
    """Only where our decoder opens it, as its digest shows."""
    rows = Rows()
    packet = tt(b'{"header":{"device_id":"9f86d081884c7d65"}}', bytes(range(32)))
    flow = rows.flow(rows.run("r1"), CLOUD, packet[:-1] + b"!" if broken else packet)
    found = answer(rows, tmp_path, "envelope")
    assert [row.flows for row in found.rows] == ([] if broken else [(flow.flow,)])


def test_a_long_stream_leaves_little_behind(tmp_path: Path) -> None:
    """What lies beyond 4 MiB is counted as not taken apart, and of each opaque value the head alone is kept."""
    rows = Rows()
    run = rows.run("r1")
    rows.flow(run, CLOUD, noise("long", 1 << 14) * 257)
    rows.flow(run, CLOUD, noise("short", 4096))
    seen = material(rows.write(tmp_path / "case"), [run]).carried
    assert (seen.messages, seen.cut) == (2, 1)
    kept = [value for one in seen.met for value in one.seen.opaque]
    assert {len(value.head) for value in kept} == {1024}
    assert sorted(value.length for value in kept) == [4096, (1 << 14) * 257]


def test_the_planted_answers_hold() -> None:
    """Both weak ciphertexts are found and none of the sound ones."""
    made = planted()
    assert (made.found, made.of, made.wrong) == (2, 2, 0) and made.among >= 3


def test_beginnings_need_two_different_messages() -> None:
    """One message, or one sent twice, begins like itself."""
    one = opaque(aes(LINE * 6, modes.CBC(IV)))
    assert begins([one]) is None and begins([one, one]) is None

"""One pass over many values tells what a pass over each would tell."""

import random

import pytest

from promptrail.model import Probe
from promptrail.trace.needles import needles
from promptrail.trace.sieve import Sieve

PROMPT = "May I record the meeting with Min-jun? plover-6612"
SIEVE = Sieve(needles([Probe("p0", "prompt", PROMPT)]))
RAW = PROMPT.encode()


@pytest.mark.parametrize("count", [1, 2, 40])
def test_loud_values_among_many(count: int) -> None:
    """A needle, a magic or a sign in one of many values is told of that one."""
    chance = random.Random(count)
    noise = [bytes(chance.choices(range(128, 256), k=24)) for _ in range(count)]
    words = [b"one of %d" % n for n in range(count)]
    loud = [b"a " + RAW, b"\xff\xfe\x1f\x8b\x08\x00", b'{"a": "{\\"b\\": 1}"}']
    assert SIEVE.loud([*noise, *loud, *words]) == set(loud)


def test_a_needle_over_a_seam() -> None:
    """It is told with the first and the last value about it; one that lies within a value is not."""
    far = b"." * SIEVE.longest
    assert set(SIEVE.crosses([far, far, RAW[:9], RAW[9:], far, far])) == {(1, 4)}
    assert SIEVE.crosses([far, RAW, far]) == []
    assert SIEVE.crosses([]) == []


@pytest.mark.parametrize("data", [b"meeting with Min", b"MEETING WITH MIN", b"plover"])
def test_what_stands_in_a_needle_in_letters_of_either_case(data: bytes) -> None:
    """A text is looked for in either case, so that no stretch of it may be left out in any."""
    assert SIEVE.seeks(data)
    assert not SIEVE.seeks(data + b"#")

"""Values out of typed netstrings: mitmproxy's own writer is the oracle, broken ones name their place."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mitmproxy.io import tnetstring as theirs

from promptrail.ingest.header_block import pairs
from promptrail.ingest.templates import Templates
from promptrail.ingest.tnetstring import DEPTH, Damage, Field, items, pick, shape

WHOLE = st.integers(-(2**63), 2**63 - 1)
FLAT = (
    st.none()
    | st.booleans()
    | WHOLE
    | st.floats(allow_nan=False)
    | st.binary(max_size=20)
    | st.text(max_size=9)
)
VALUES = st.recursive(
    FLAT, lambda deep: st.lists(deep, max_size=4) | st.dictionaries(st.text(max_size=5), deep)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(VALUES, max_size=5))
def test_what_mitmproxy_writes_is_read(values: list[Any]) -> None:
    """Every value that its writer can write comes back as it was."""
    raw = b"".join(map(theirs.dumps, values))
    assert items(raw, 0, len(raw)) == values


@pytest.mark.parametrize(
    "raw",
    [
        b"3:abc", b":abc,", b"abc,", b"-3:abc,", b"9:abc,", b"0000000000003:abc,", b"3:abc?", b"3:abc#", b"4:True!",
        b"1:x~",
        b"3:abc^", b"2:\xff\xff;", b"4:3:ab]", b"6:3:abc,}", b"20:99999999999999999999#", b"5:0:]0:]}", b"99999999999:",
        b"8:4:1:a,]0:~}",
    ],
)  # fmt: skip
def test_what_is_no_value_is_damage(raw: bytes) -> None:
    """Wrong lengths, types and contents are refused with one error, whose offset lies in the data."""
    with pytest.raises(Damage) as met:
        items(raw, 0, len(raw))
    assert 0 <= met.value.at <= len(raw) and len(str(met.value)) < 250


def test_nesting_has_an_end() -> None:
    """A list in a list in a list ... is refused before Python's stack is."""
    raw = b""
    for _ in range(DEPTH * 40):
        raw = b"%d:%b]" % (len(raw), raw)
    with pytest.raises(Damage, match="nested too deep"):
        items(raw, 0, len(raw))


FIELDS = shape(
    Field("id", b";"),
    Field("at", b"^#~"),
    Field("data", b",~"),
    Field("names", b"]~", items),
    passed="state mode",
)
LIKE_THE_FIELD = st.fixed_dictionaries(
    {},
    optional={
        "id": st.text(max_size=12),
        "at": st.none() | st.floats(allow_nan=False) | st.integers(0, 2**40),
        "data": st.none() | st.binary(max_size=12),
        "names": st.none() | st.lists(st.text(max_size=4), max_size=3),
        "state": VALUES,
        "mode": st.text(max_size=9),
        "new in a later version, and long": VALUES,
    },
)


@settings(max_examples=60, deadline=None)
@given(LIKE_THE_FIELD, st.randoms())
def test_wanted_fields_are_picked(fields: dict[str, Any], chance: Any) -> None:
    """Known, passed and unknown fields in any order: the wanted ones come back, the others do not."""
    keys = list(fields)
    chance.shuffle(keys)
    raw = b"".join(theirs.dumps(key) + theirs.dumps(fields[key]) for key in keys)
    wanted = {k: v for k, v in fields.items() if k in ("id", "at", "data", "names")}
    assert pick(raw, 0, len(raw), FIELDS) == wanted


@settings(max_examples=40, deadline=None)
@given(st.lists(LIKE_THE_FIELD, max_size=6), st.booleans(), st.booleans())
def test_templates_pick_the_same(states: list[dict[str, Any]], twice: bool, as_bytes: bool) -> None:
    """What is read by what was learned from others is what `pick` gives; keys that come twice or are bytes, too."""
    learned = Templates(FIELDS)
    for fields in [*states, *states]:
        raw = b"".join(theirs.dumps(part) for part in itertools.chain(*fields.items()))
        if twice:
            raw += theirs.dumps("at") + theirs.dumps(None) + theirs.dumps("at") + theirs.dumps(2.5)
        if as_bytes:
            raw += theirs.dumps(b"id") + theirs.dumps("from a key of bytes")
        assert learned.pick(raw) == pick(raw, 0, len(raw), FIELDS)


@given(st.text(alphabet=";:2iat0~,1]", max_size=20), st.text(alphabet=";:2iat0~,1]", max_size=20))
def test_a_template_is_not_deceived(first: str, second: str) -> None:
    """Content that looks like the fields behind it is read by its length, not by its look."""
    learned = Templates(FIELDS)
    for text in (first, second, "x;2:at;0:~", first):
        raw = theirs.dumps("id") + theirs.dumps(text) + theirs.dumps("mode") + theirs.dumps(second)
        raw += theirs.dumps("at") + b"0:~"
        assert learned.pick(raw) == {"id": text, "at": None}


@given(st.binary(max_size=60))
def test_templates_break_like_pick(tail: bytes) -> None:
    """What is no dictionary is Damage for both."""
    whole = theirs.dumps("id") + theirs.dumps("a") + theirs.dumps("at") + theirs.dumps(1.5)
    learned = Templates(FIELDS)
    learned.pick(whole)
    for raw in (tail, whole + tail, whole[: len(tail) % len(whole)] + tail, whole.replace(b"1.5", tail[:3])):
        told = []
        for read in (learned.pick, lambda data: pick(data, 0, len(data), FIELDS)):
            try:
                told.append(read(raw))
            except Damage as fault:
                told.append(str(fault))
        assert told[0] == told[1]


def test_a_field_of_another_type_is_damage() -> None:
    """The shape says which types a field may have."""
    raw = theirs.dumps("id") + theirs.dumps(7)
    with pytest.raises(Damage, match="id is of the type '#'"):
        pick(raw, 0, len(raw), FIELDS)


@given(
    st.lists(
        st.tuples(st.binary(max_size=9), st.binary(max_size=30) | st.sampled_from([b"a,]b", b",]", b"]"]))
    )
)
def test_header_blocks(fields: list[tuple[bytes, bytes]]) -> None:
    """Pairs of any bytes come back in their order, those that hold the byte that ends a pair too."""
    raw = b"".join(theirs.dumps(pair) for pair in fields)
    assert pairs(raw, 0, len(raw)) == fields


@pytest.mark.parametrize(
    "raw", [b"4:1:a,]", b"8:1:a,1:b;]", b"12:1:a,1:b,1:c,]", b"7:1:a,1:b,]", b"1:a,", b"]", b"8:1:a,1:b,"]
)
def test_what_is_no_header_block_is_damage(raw: bytes) -> None:
    """One value, three, text, a wrong length, no list: refused."""
    with pytest.raises(Damage):
        pairs(raw, 0, len(raw))

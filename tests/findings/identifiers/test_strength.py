"""How well a value tells devices apart: an estimate from below, and values that it refuses."""

import pytest

from promptrail.findings.identifiers.names import constants
from promptrail.findings.identifiers.strength import BRIDGES, TELLS, about, strength

RANDOM = [
    "421d7476d3b79830",
    "c65403c9-2cae-4c27-ba89-bb057e5cdefc",
    "c65403c92cae4c27ba89bb057e5cdefc",
    "A4:83:E7:1B:09:5C",
    "490154203237518",
    "dGhpc0lzUmFuZG9tMTIzNDU2Nzg5",
]
ORDINARY = [
    "SIM-8",
    "Pixel",
    "ko-KR",
    "1080x2400",
    "Android",
    "wifi",
    "15",
    "",
    "-",
    "GMT+01:00",
    "Europe/Berlin",
]


@pytest.mark.parametrize("value", RANDOM)
def test_random_values_identify(value: str) -> None:
    """Hexadecimal, UUID, MAC, IMEI, base64."""
    assert strength("identifier", value).identifies


@pytest.mark.parametrize("value", RANDOM)
def test_no_estimate_is_above_what_the_alphabet_allows(value: str) -> None:
    """64 bits for 16 hexadecimal digits at most, and never more for the same digits with separators."""
    bare = "".join(c for c in value if c.isalnum())
    assert about(value) <= 6 * len(bare)
    if all(c in "0123456789abcdef" for c in bare):
        assert about(value) <= 4 * len(bare) and about(value) == about(bare)


@pytest.mark.parametrize("value", ORDINARY)
def test_what_many_devices_share_does_not_identify(value: str) -> None:
    """Models, locales, sizes, words: fewer than 20 bits."""
    told = strength("identifier", value)
    assert not told.identifies and told.words.startswith("no identifier")


def test_a_device_id_bridges_and_a_model_does_not() -> None:
    """The two thresholds, in their order."""
    assert TELLS < BRIDGES <= about(RANDOM[0])
    assert about("SIM-8") < TELLS


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_an_allotted_value_needs_no_chance(kind: str) -> None:
    """An address or a number belongs to one person, whatever its digits."""
    told = strength(kind, "+82 10 5555 0100" if kind == "phone" else "ann@mail.example")
    assert told.identifies and told.bits is None


@pytest.mark.parametrize("value", sorted(constants()))
def test_a_known_constant_is_none_whatever_its_bits(value: str) -> None:
    """In any case and with any separators; an allotted one too, such as the emulator's number."""
    for kind in ("identifier", "phone"):
        assert not strength(kind, value.upper()).identifies

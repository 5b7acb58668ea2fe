"""Networks that tell no country, and addresses that are nobody's; ranges that can be asked."""

import ipaddress
import re

import pytest

from promptrail.attribute.networks import Networks, shipped, shipped_text, special
from promptrail.attribute.ranges import Overlap, Ranges, span, whole
from promptrail.attribute.subjects import Address, subject
from promptrail.errors import InputError


def address(text: str) -> Address:
    found = subject(text).address
    assert found
    return found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1.1.1.1", "resolver 1.1.1.1"),
        ("104.16.0.0", "Cloudflare"),
        ("104.27.255.255", "Cloudflare"),
        ("104.28.0.0", None),
        ("151.101.1.69", "Fastly"),
        ("3.173.21.63", "Amazon CloudFront"),
        ("8.8.8.8", "Google front ends"),
        ("2606:4700::6810:84e5", "Cloudflare"),
        ("2a04:4e42::1", "Fastly"),
        ("43.109.38.198", None),
        ("101.126.0.1", None),
    ],
)
def test_networks_are_known_to_their_edges(text: str, name: str | None) -> None:
    """First and last address of a range, and the one behind it."""
    found = shipped().of(address(text))
    assert (found.name if found else None) == name


def test_each_network_has_a_dated_source() -> None:
    """Who publishes the ranges, where, and of when our copy is."""
    for network, held in shipped()._found:
        assert network.proof.url and re.fullmatch(r"20\d\d-\d\d-\d\d", network.proof.as_of or "")
        assert network.proof.licence and len(held)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("127.0.0.1", "loopback"),
        ("10.0.2.2", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private or special"),
        ("169.254.1.1", "link-local"),
        ("198.51.100.14", "documentation"),
        ("2001:db8::1", "documentation"),
        ("fd00::1", "private"),
        ("224.0.0.251", "multicast"),
        ("0.0.0.0", "special"),
        ("8.8.8.8", None),
        ("2606:4700::1111", None),
    ],
)
def test_addresses_that_are_nobodys(text: str, words: str | None) -> None:
    """Private, documentation and other special addresses say what they are; public ones do not."""
    told = special(address(text))
    assert (told is None) if words is None else (told and words in told)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "public', 'knid = "public', "Did you mean 'kind'"),
        ('"1.1.1.1/32"', '"1.1.1.1/24"', "not a network"),
        ('"1.1.1.1/32"', '"1.1.1.1/32", "1.1.1.0/24"', "ranges 1 and 2 overlap"),
    ],
)
def test_a_broken_table_of_networks_is_refused(old: str, new: str, words: str) -> None:
    """With its line."""
    ((name, text),) = shipped_text().items()
    with pytest.raises(InputError, match=words) as told:
        Networks({name: text.replace(old, new)})
    assert re.search(r"networks\.toml, line \d+:", str(told.value))


def test_ranges_answer_inside_alone() -> None:
    """Both ends belong to a range; between two ranges nothing is answered; versions lie apart."""
    held = Ranges([(4, 10, 20, "a"), (4, 30, 30, "b"), (6, 10, 20, "c"), (4, 21, 22, "d")])
    asked = {n: held.find(address(f"0.0.0.{n}")) for n in (9, 10, 20, 21, 22, 23, 30, 31)}
    assert asked == {9: None, 10: "a", 20: "a", 21: "d", 22: "d", 23: None, 30: "b", 31: None}
    assert held.find(address("::f")) == "c" and len(held) == 4
    with pytest.raises(Overlap) as told:
        Ranges([(4, 10, 20, "a"), (4, 0, 3, "b"), (4, 20, 25, "c")])
    assert (told.value.first, told.value.second) == (0, 2)


def test_addresses_and_networks_as_numbers() -> None:
    """Dotted and colon forms; what is no address is a ValueError."""
    assert whole("1.0.0.1") == (4, (1 << 24) + 1) and whole("::2") == (6, 2)
    assert span("10.0.0.0/30") == (4, 10 << 24, (10 << 24) + 3)
    for text in ("1.1.1", "1.1.1.1.1", "x", "10.0.0.1/30", ":::"):
        with pytest.raises(ValueError):
            (span if "/" in text else whole)(text)


def test_no_special_range_is_passed_over() -> None:
    """First and last address of every range that Python holds for private, reserved, multicast or link-local."""
    for constants in (ipaddress._IPv4Constants, ipaddress._IPv6Constants):  # type: ignore[attr-defined]
        for net in constants._private_networks:
            if net not in getattr(constants, "_private_networks_exceptions", ()):
                ends = [a for a in (net[0], net[-1]) if not a.is_global or a.is_multicast]
                assert all(special(a) for a in ends), net
        assert special(constants._multicast_network[0]) and special(constants._linklocal_network[-1])

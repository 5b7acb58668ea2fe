"""What was written for a host, as the name or address it means; what is neither says why."""

import pytest

from promptrail.attribute.subjects import shown, subject


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("gator.volces.com", "gator.volces.com"),
        ("Gator.VOLCES.com.", "gator.volces.com"),
        ("  gator.volces.com\n", "gator.volces.com"),
        ("gator.volces.com:8443", "gator.volces.com"),
        ("https://user:pw@gator.volces.com:8443/service/2?x=1#y", "gator.volces.com"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("XN--MNCHEN-3YA.DE", "xn--mnchen-3ya.de"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("_dmarc.x.com", "_dmarc.x.com"),
        ("localhost", "localhost"),
    ],
)
def test_a_name_in_any_spelling(given: str, meant: str) -> None:
    """Case, port, scheme, user, path, trailing dot, white space and script are of no account."""
    assert (subject(given).name, subject(given).address) == (meant, None)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("1.1.1.1", "1.1.1.1"),
        ("1.1.1.1:53", "1.1.1.1"),
        ("1.1.1.1.", "1.1.1.1"),
        ("2606:4700::1111", "2606:4700::1111"),
        ("[2606:4700::1111]:443", "2606:4700::1111"),
        ("https://[2606:4700:0:0::1111]/x", "2606:4700::1111"),
        ("::FFFF:1.1.1.1", "1.1.1.1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_in_any_spelling(given: str, meant: str) -> None:
    """IPv6 literals with brackets, port or zone; an IPv4 address mapped into IPv6 is that address."""
    assert (subject(given).name, str(subject(given).address)) == (None, meant)


@pytest.mark.parametrize(
    "given",
    ["", "a..b", ".com", "-a.com", "a-.com", "a b.com", "0x7f.1", "127.1", "2130706433", "1.2.3.4.5", "[::1",
     "a.com:http", "x" * 64 + ".com", "a." * 140 + "com", "\ud800.com", "1:2:3"],
)  # fmt: skip
def test_what_is_neither_says_why(given: str) -> None:
    """No exception, no guess: the text stands as given, with a reason."""
    meant = subject(given)
    assert (meant.name, meant.address, meant.host) == (None, None, given) and meant.fault


def test_a_name_is_shown_in_its_own_letters() -> None:
    """Punycode reads as it was meant; a name without it, and one that is broken, have no other form."""
    assert shown("xn--mnchen-3ya.de") == "münchen.de"
    assert shown("volces.com") is None and shown("xn--a.com") is None

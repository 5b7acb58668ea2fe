"""Registrable domains by the public suffix list, with the rule that decided."""

import random

import pytest
from publicsuffixlist import PublicSuffixList

from promptrail.attribute.domains import installed, list_file, registrable, reserved


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("gator.volces.com", "volces.com"),
        ("a.b.co.uk", "b.co.uk"),
        ("ingest.brightmoor.test", "brightmoor.test"),
        ("192.0.2.7", None),
        ("[2001:db8::1]", None),
        ("com", None),
        ("co.uk", None),
        ("netflix.com", "netflix.com"),
        ("volces.com.evil.test", "evil.test"),
    ],
)
def test_registrable_domain(host: str, expected: str | None) -> None:
    """By the public suffix list; an address has none."""
    assert registrable(host) == expected


@pytest.mark.parametrize(
    ("name", "rule", "domain"),
    [
        ("xyz.cloudfront.net", "cloudfront.net (private section)", "xyz.cloudfront.net"),
        ("cloudfront.net", "cloudfront.net (private section)", None),
        ("a.b.city.kawasaki.jp", "!city.kawasaki.jp (ICANN section)", "city.kawasaki.jp"),
        ("a.b.c.kawasaki.jp", "*.kawasaki.jp (ICANN section)", "b.c.kawasaki.jp"),
        ("kawasaki.jp", "*.kawasaki.jp (ICANN section)", None),
        ("api.parley.test", "* (default rule)", "parley.test"),
        ("x.xn--55qx5d.cn", "公司.cn (ICANN section)", "x.xn--55qx5d.cn"),
    ],
)
def test_the_rule_is_stated(name: str, rule: str, domain: str | None) -> None:
    """Its section too: by the private section each customer of a cloud is a site of its own."""
    found = installed().of(name)
    assert (found.rule, found.registrable) == (rule, domain)


def test_the_package_finds_the_same() -> None:
    """For names below some thousand rules, and for the rules themselves, our walk is the package's."""
    theirs, ours, chance = PublicSuffixList(), installed(), random.Random(7)
    lines = [x.split(" ")[0].strip() for x in list_file().read_text("utf-8").splitlines()]
    rules = [x.removeprefix("!").replace("*", "any") for x in lines if x and not x.startswith("//")]
    names = [r.encode("idna").decode() for r in chance.sample(rules, 4000)]
    names += (
        [f"a.{n}" for n in names]
        + [f"b.a.{n}" for n in names]
        + [n.partition(".")[2] for n in names if "." in n]
    )
    wrong = [n for n in names if ours.of(n)[:2] != (theirs.privatesuffix(n), theirs.publicsuffix(n))]
    assert len(names) > 12000 and wrong == []


def test_reserved_names() -> None:
    """Names for tests and examples, and no name that merely ends alike."""
    assert (
        reserved("ingest.brightmoor.test") and reserved("API.tidedesk.example.") and reserved("example.com")
    )
    assert not reserved("example.org.uk") and not reserved("latest") and not reserved("contest.com")

"""The hand-kept table: each cell proved, every fault named with file and line."""

import re
from pathlib import Path

import pytest

from promptrail.attribute.table import Table, declared, entries_of, shipped, shipped_files
from promptrail.errors import InputError

GOOD = """\
[source.list]
title = "A list"
url = "https://list.example.org/{}"
as_of = "2026-01-02"
licence = "MIT"

[[recipient]]
domains = ["volces.com"]
domain_owner = "Somebody"
proof = [{ source = "list", at = "x", cells = ["domain_owner"], shows = "It says so." }]
"""


def test_an_entry_carries_its_proof() -> None:
    """Title, place, date, licence, and what it shows."""
    (entry,) = entries_of({"t.toml": GOOD})
    proof = entry.proofs["domain_owner"]
    assert (proof.source, proof.url, proof.as_of) == ("A list", "https://list.example.org/x", "2026-01-02")
    assert (proof.licence, proof.shows) == ("MIT", "It says so.")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("domain_owner =", "domian_owner =", 9, "Did you mean 'domain_owner'"),
        ('shows = "It says so."', 'shwos = "It says so."', 10, "unknown key 'shwos'"),
        ('licence = "MIT"', 'license = "MIT"', 5, "unknown key 'license'"),
        ('source = "list"', 'source = "lst"', 10, "no [source.lst]"),
        ('cells = ["domain_owner"]', 'cells = ["group"]', 10, "a proof for group, which is not given"),
        ('domain_owner = "Somebody"', 'domain_owner = "Somebody"\nrole = "ads"', 10, "role has no proof"),
        ('["volces.com"]', '["Volces.com"]', 8, "not written in A-labels and lower case"),
        ('["volces.com"]', '["volces.test"]', 8, "reserved for tests"),
        ('["volces.com"]', "[]", 7, "has no domains"),
        ('["volces.com"]', "[7]", 8, "must be a list of texts"),
        ('"Somebody"', '"Somebody', 9, "not valid TOML"),
        ('as_of = "2026-01-02"\n', "", 1, "source list has no as_of"),
    ],
)
def test_a_fault_is_named_with_its_line(old: str, new: str, line: int, words: str) -> None:
    """File, line, what is wrong and what to do."""
    with pytest.raises(InputError, match=re.escape(words)) as told:
        entries_of({"t.toml": GOOD.replace(old, new)})
    said = str(told.value)
    assert "t.toml" in said and (f"line {line}" in said) and "Mend that line" in said


def test_a_domain_stands_once() -> None:
    """Over all files: the second place is refused and names the first."""
    with pytest.raises(InputError, match=r"b.toml, line 8: volces.com stands in a.toml, line 7"):
        entries_of({"a.toml": GOOD, "b.toml": GOOD})


def test_a_part_of_a_name_is_no_match() -> None:
    """netflix.com is not x.com, notvolces.com and volces.com.evil.test are not volces.com."""
    table = declared([{"domain": "x.com"}, {"domain": "volces.com"}, {"domain": "a.volces.com"}])
    for name in ("netflix.com", "notvolces.com", "evil-volces.com", "volces.com.evil.test", "com", ""):
        assert table.match(name) is None, name
    assert table.match("b.a.volces.com").domains == ("a.volces.com",)  # type: ignore[union-attr]
    assert table.match("ba.volces.com").domains == ("volces.com",)  # type: ignore[union-attr]
    assert Table(()).match("volces.com") is None


def test_the_shipped_table_is_some_hundred_and_proved() -> None:
    """Every cell has title, date and licence; countries are two capital letters; nothing under a closed licence."""
    entries = shipped().entries
    assert len(entries) >= 100
    for entry in entries:
        assert set(entry.proofs) == set(entry.cells), entry.domains
        for proof in entry.proofs.values():
            assert proof.source and proof.shows and (proof.url or "").startswith("http")
            assert re.fullmatch(r"20\d\d-\d\d-\d\d", proof.as_of or "")
            assert proof.licence in {"MIT", "CC0-1.0", "CC-BY-4.0", "fact cited"}
        assert re.fullmatch(r"[A-Z]{2}", entry.cells.get("country", "XX"))


def test_the_sectors_of_the_issue_are_there() -> None:
    """The recipients of the reference case, and one of each kind of company that chatbots talk to."""
    wanted = (
        "deepseek.com volces.com fengkongcloud.com intercom.io cmpassport.com snssdk.com pangle.cn tencent.com "
        "alibaba.com baidu.com huawei.com openai.com claude.ai mistral.ai character.ai sentry.io datadoghq.com "
        "statsig.com prodregistryv2.org segment.com amplitude.com mixpanel.com appsflyer.com adjust.com branch.io "
        "firebaseio.com googleapis.com facebook.com clarity.ms cloudflare.com akamai.net fastly.net cloudfront.net"
    )
    assert [d for d in wanted.split() if shipped().match(d) is None] == []


def test_the_shipped_files_lie_in_the_package() -> None:
    """They are found by their name, so a wheel has them too."""
    import promptrail.attribute

    folder = Path(promptrail.attribute.__file__).parent
    assert sorted(shipped_files()) == sorted(f.name for f in folder.glob("recipients*.toml"))

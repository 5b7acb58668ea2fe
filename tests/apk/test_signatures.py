"""SDK signatures: the shipped list holds together, prefixes match whole names, and a user's list in Exodus's format."""

import json
import re
from pathlib import Path

import pytest

from promptrail.apk import signatures
from promptrail.apk.signatures import Signature, exodus, matches, shipped, signatures_of
from promptrail.attribute.table import shipped as recipients
from promptrail.errors import InputError

ROW = """
[[sdk]]
id = "x"
name = "X"
vendor = "Vendor"
purpose = "analytics"
classes = ["com.example.x"]
hosts = []
source = "https://example.test/"
shows = "There it stands."
as_of = "2026-11-22"
"""


def names(found: tuple[signatures.Sdk, ...]) -> list[str]:
    return [one.id for one in found]


def test_every_shipped_row_has_a_source_with_its_date() -> None:
    """About fifty, none without proof, none twice, no prefix of another's."""
    rows = shipped()
    assert len(rows) >= 40 and len({row.id for row in rows}) == len(rows)
    assert all(
        row.source.startswith("https://") and re.fullmatch(r"20\d\d-\d\d-\d\d", row.as_of or "")
        for row in rows
    )
    prefixes = [prefix + "." for row in rows for prefix in row.classes]
    assert [(a, b) for a in prefixes for b in prefixes if a != b and a.startswith(b)] == []


def test_hosts_of_a_row_are_its_vendors_by_the_attribution_tables() -> None:
    """What finding an SDK leads one to expect is what the tables say of that organisation, under the same name."""
    table = recipients()
    for row in shipped():
        for host in row.hosts:
            entry = table.match(host)
            assert entry is not None, f"{row.id}: {host} is in no table"
            assert row.vendor in (entry.cells.get("domain_owner"), entry.cells.get("service_operator")), (
                row.id,
                host,
            )


@pytest.mark.parametrize(
    ("descriptor", "found"),
    [
        ("Lcom/bytedance/applog/AppLog;", ["volcengine-applog"]),
        ("Lcom/apm/insight/Npth;", ["volcengine-apmplus"]),
        ("Lcom/ishumei/smantifraud/SmAntiFraud;", ["shumei-smantifraud"]),
        ("Lcom/tencent/bugly/crashreport/CrashReport;", ["tencent-bugly"]),
        ("Lcom/umeng/analytics/MobclickAgent;", ["umeng"]),
        ("Lcom/google/firebase/crashlytics/FirebaseCrashlytics;", ["firebase-crashlytics"]),
        ("Lio/branch/referral/Branch;", ["branch"]),
        ("Lio/branchless/Thing;", []),
        ("Lcom/umengx/Thing;", []),
        ("Lorg/example/com/umeng/Thing;", []),
        ("La/b/c;", []),
    ],
)
def test_a_prefix_matches_whole_parts_of_a_name(descriptor: str, found: list[str]) -> None:
    """Neither a longer word nor a place further inside."""
    assert names(matches(shipped(), [descriptor], [], {})) == found


def test_evidence_says_where_and_how_many() -> None:
    """The first classes, their number, the entry they stand in, and the vendor's hosts that stand in the app too."""
    classes = {f"Lcom/umeng/analytics/C{n}; ".strip(): "a.apk: classes.dex" for n in range(9)}
    (found,) = matches(shipped(), classes, ["plbslog.umeng.com", "other.example.test"], classes)
    assert (found.class_count, len(found.classes), found.entries) == (9, 5, ("a.apk: classes.dex",))
    assert (
        found.hosts_found == ("plbslog.umeng.com",) and found.vendor == "Umeng" and found.list == "promptrail"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('source = "https://example.test/"', ""), "row x: source is missing"),
        (("hosts = []", 'hosts = []\nhost = "a"'), "unknown key 'host'"),
        (('["com.example.x"]', '["umeng"]'), "'umeng' is no package of two parts"),
        (("[[sdk]]", ROW + "[[sdk]]"), "the id stands twice"),
    ],
)
def test_a_row_without_proof_is_refused(change: tuple[str, str], said: str) -> None:
    """The message names the file and the row."""
    assert len(signatures_of(ROW, "own.toml")) == 1
    with pytest.raises(InputError, match=said) as fault:
        signatures_of(ROW.replace(*change), "own.toml")
    assert "own.toml" in str(fault.value)


def written(folder: Path, *trackers: dict[str, object]) -> Path:
    file = folder / "trackers.json"
    file.write_text(
        json.dumps({"trackers": {str(n): one for n, one in enumerate(trackers)}}), encoding="utf-8"
    )
    return file


def test_exodus_signatures_match_classes_and_hosts(tmp_path: Path) -> None:
    """Alternatives, expressions and network signatures; the file's digest is the source, since it is the user's."""
    file = written(
        tmp_path,
        {"id": 7, "name": "Plain", "code_signature": "com.vendor.a|com.vendor.b", "network_signature": ""},
        {
            "name": "Expression",
            "code_signature": r"com\.vendor\.[xy]\.",
            "network_signature": "",
            "categories": ["Ads"],
        },
        {"name": "Network", "code_signature": "", "network_signature": r"track\.vendor\.test"},
        {"name": "Absent", "code_signature": "com.absent", "network_signature": r"absent\.test"},
        {"name": "Empty", "code_signature": "", "network_signature": ""},
        {"name": "Not known", "code_signature": "NC", "network_signature": "NC"},
    )
    classes = ["Lcom/vendor/b/One;", "Lcom/vendor/y/Two;", "LcomXvendorXa;", "La/SYNC;"]
    found = matches(exodus(file), classes, ["eu.track.vendor.test"], {})
    assert [(one.name, one.classes, one.hosts_found) for one in found] == [
        ("Plain", ("com.vendor.b.One",), ()),
        ("Expression", ("com.vendor.y.Two",), ()),
        ("Network", (), ("eu.track.vendor.test",)),
    ]
    assert found[0].id == "exodus-7" and found[1].purpose == "Ads" and "SHA-256" in found[0].source


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "not a list in Exodus's format"),
        ("no json", "not a list in Exodus's format"),
        ('{"trackers": {"1": {"code_signature": "a"}}}', "not a list in Exodus's format"),
        (
            '{"trackers": {"1": {"name": "a", "code_signature": "(", "network_signature": ""}}}',
            "no regular expression",
        ),
    ],
)
def test_what_is_no_such_list_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """With the file's name and what to do."""
    file = tmp_path / "trackers.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as fault:
        exodus(file)
    assert str(file) in str(fault.value)


def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """It is not there."""
    with pytest.raises(InputError, match="cannot be read"):
        exodus(tmp_path / "none.json")


def test_an_expression_that_matches_nothing_long_ends() -> None:
    """A signature that matches the empty text finds every class once and stops."""
    signature = Signature("x", "X", None, None, (), (), "exodus", "s", None, class_pattern=re.compile("x*"))
    (found,) = matches([signature], ["La/A;", "Lb/B;"], [], {})
    assert found.class_count == 2

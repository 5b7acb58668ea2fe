"""The user's own tables: every shape that is taken, every fault with its line, and a case that stays as it was."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from attribute.databases import ALIBABA, country, network, write, write_mmdb
from factories import Rows
from promptrail.attribute import frozen, imported
from promptrail.attribute.dataset import Dataset
from promptrail.attribute.subjects import Address, subject
from promptrail.attribute.table import Proof
from promptrail.case import Case
from promptrail.errors import CaseError, InputError


def address(text: str) -> Address:
    found = subject(text).address
    assert found
    return found


def read(file: Path) -> Dataset:
    found: Dataset = imported.reader_of(file).read(file, Proof(file.name))
    return found


@pytest.fixture
def case(tmp_path: Path) -> Case:
    rows = Rows(simulated=False)
    rows.run("r1")
    rows.flow("r1", "gator.volces.com", b"{}", dest_ip="43.109.38.198")
    return rows.write(tmp_path / "case")


@pytest.mark.parametrize(
    ("name", "text", "asked", "answer"),
    [
        ("dbip-country-lite-2026-06.csv", "43.109.0.0,43.109.255.255,SG\n", "43.109.38.198", "SG"),
        (
            "asn-country-ipv6.csv",
            "2001:200::,2001:200:ffff:ffff:ffff:ffff:ffff:ffff,jp\n",
            "2001:200::1",
            "JP",
        ),
        ("ipv4-num.csv", "728563712,728629247,SG\n728629248,728629249,ZZ\n", "43.109.38.198", "SG"),
        ("ipv6-num.csv", f"{0x20010200 << 96},{(0x20010201 << 96) - 1},JP\n", "2001:200::1", "JP"),
        ("quoted.csv", '"43.109.0.0","43.109.255.255","SG"\r\n', "43.109.38.198", "SG"),
    ],
)
def test_country_tables(tmp_path: Path, name: str, text: str, asked: str, answer: str) -> None:
    """ip-location-db and DB-IP: addresses or whole numbers, quoted or not; ZZ is no answer."""
    found = read(write(tmp_path / name, text))
    assert found.country and found.country(address(asked)) == answer
    assert found.country(address("9.9.9.9")) is None and found.network is None and found.size == 1


def test_network_tables(tmp_path: Path) -> None:
    """Start, end, number and name; and GeoLite2's ASN Blocks."""
    one = read(write(tmp_path / "asn.csv", ALIBABA))
    head = "network,autonomous_system_number,autonomous_system_organization\n"
    two = read(
        write(tmp_path / "GeoLite2-ASN-Blocks-IPv4.csv", head + '43.109.0.0/16,24429,"Taobao, Network"\n')
    )
    assert one.network and two.network
    assert one.network(address("43.109.38.198")) == "AS24429 Zhejiang Taobao Network Co. Ltd"
    assert two.network(address("43.109.38.198")) == "AS24429 Taobao, Network"


GEOLITE = (
    "network,geoname_id,registered_country_geoname_id,represented_country_geoname_id,is_anonymous_proxy,"
    "is_satellite_provider\n43.109.0.0/16,1880251,1814991,,0,0\n43.110.0.0/16,,1814991,,0,0\n"
)
PLACES = (
    "geoname_id,locale_code,continent_code,continent_name,country_iso_code,country_name,is_in_european_union\n"
    "1880251,en,AS,Asia,SG,Singapore,0\n1814991,en,AS,Asia,CN,China,0\n6255148,en,EU,Europe,,,0\n"
)


def test_geolite_blocks_need_their_locations(tmp_path: Path) -> None:
    """Joined with the file beside them; without it, the sentence names it."""
    file = write(tmp_path / "GeoLite2-Country-Blocks-IPv4.csv", GEOLITE)
    with pytest.raises(
        InputError, match=re.escape("GeoLite2-Country-Locations-en.csv, which does not lie beside")
    ):
        read(file)
    write(tmp_path / "GeoLite2-Country-Locations-en.csv", PLACES)
    found = read(file)
    assert found.country
    assert [found.country(address(a)) for a in ("43.109.1.1", "43.110.1.1")] == ["SG", "CN"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "is empty"),
        ("a,b\n", 1, "which are none that are known"),
        ("name,age,town,street,number\n1,2,3,4,5\n", 1, "which are none that are known"),
        ("1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.3.255\n", 2, "has 2 columns where the first row has 3"),
        ("1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.3.255,China\n", 2, "no country code of two letters"),
        ("1.0.0.0,1.0.0.255,AU\n1.0.1.x,1.0.3.255,CN\n", 2, "is no address"),
        ("1.0.0.0,1.0.0.255,AU\n1.0.3.0,1.0.1.255,CN\n", 2, "ends before it starts"),
        ("1.0.0.0,1.0.0.255,AU\n\n1.0.0.128,1.0.3.255,CN\n", 3, "overlaps the range of line 1"),
        ('1.0.0.0,1.0.0.255,"AU\n', 1, "is no CSV"),
        ("1.0.0.0,1.0.0.255,ZZ\n", None, "holds no range with an answer"),
        (
            "network,autonomous_system_number,autonomous_system_organization\n1.0.0.1/24,1,x\n",
            2,
            "no network",
        ),
        (
            "network,autonomous_system_number,autonomous_system_organization\n1.0.0.0/24,1\n",
            2,
            "has 2 columns",
        ),
    ],
)
def test_a_wrong_csv_is_named_and_changes_nothing(
    case: Case, tmp_path: Path, text: str, line: int | None, words: str
) -> None:
    """File, line, what is expected; the case has the same files as before."""
    file = write(tmp_path / "mine.csv", text)
    before = files(case)
    with pytest.raises(InputError, match=re.escape(words)) as told:
        imported.add(case, file)
    assert str(file) in str(told.value) and (line is None or f"line {line}:" in str(told.value))
    assert files(case) == before


def files(case: Case) -> dict[str, bytes]:
    return {
        str(f.relative_to(case.path)): f.read_bytes() for f in sorted(case.path.rglob("*")) if f.is_file()
    }


def test_maxmind_databases(tmp_path: Path) -> None:
    """Countries and networks of either IP version; title and date from the file's own metadata."""
    one = read(
        write_mmdb(tmp_path / "c.mmdb", {"43.109.0.0/16": country("SG"), "2001:200::/32": country("JP")})
    )
    two = read(write_mmdb(tmp_path / "a.mmdb", {"43.109.0.0/16": network(24429, "Taobao")}, "Test-ASN"))
    flat = read(write_mmdb(tmp_path / "f.mmdb", {"43.109.0.0/16": {"country_code": "sg"}}))
    assert one.country and two.network and flat.country
    assert [one.country(address(a)) for a in ("43.109.1.1", "2001:200::1", "9.9.9.9")] == ["SG", "JP", None]
    assert two.network(address("43.109.1.1")) == "AS24429 Taobao" and two.country is None
    assert flat.country(address("43.109.1.1")) == "SG"
    assert one.proof.as_of == "2026-09-21" and "Test-Country" in one.proof.source


def broken_databases(folder: Path) -> Iterator[tuple[Path, str]]:
    whole = write_mmdb(
        folder / "good.mmdb", {f"10.{n}.0.0/16": country("SG") for n in range(40)}
    ).read_bytes()
    for name, data, words in (
        ("no-metadata", whole[:200], "no whole MaxMind database"),
        ("empty", b"", "no whole MaxMind database"),
        ("cut", whole[:40] + whole[400:], "no whole MaxMind database"),
        ("text", b"this is a text\n" * 40, "no whole MaxMind database"),
    ):
        file = folder / f"{name}.mmdb"
        file.write_bytes(data)
        yield file, words
    yield (
        write_mmdb(folder / "city.mmdb", {"10.0.0.0/16": {"postal": {"code": "1"}}}),
        "no record has a country",
    )


def test_a_corrupt_database_is_named_and_changes_nothing(case: Case, tmp_path: Path) -> None:
    """Cut at the front, at the end, in the tree, emptied, or no database at all."""
    before = files(case)
    for file, words in broken_databases(tmp_path):
        with pytest.raises(InputError, match=words) as told:
            imported.add(case, file)
        assert file.name in str(told.value)
    assert files(case) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain.txt", "# trackers\nvolces.com\n\nX.example.org # mine\n"),
        ("hosts.txt", "127.0.0.1 localhost\n0.0.0.0 volces.com\n0.0.0.0 x.example.org\n"),
        (
            "rules.txt",
            "! EasyPrivacy\n||volces.com^$third-party\n||x.example.org^\n/ads/banner.\n@@||ok.org^\n##.ad\n",
        ),
        ("tds.json", json.dumps({"trackers": {"volces.com": {"owner": {"name": "V"}}, "x.example.org": {}}})),
        ("services.json", json.dumps({"categories": {"A": [{"V": {"https://v": ["volces.com"]}}]}})),
    ],
)
def test_tracker_lists(tmp_path: Path, name: str, text: str) -> None:
    """Plain, hosts file, filter rules, Tracker Radar's and Disconnect's JSON; whole labels only."""
    found = read(write(tmp_path / name, text))
    held, owner = found.owner("gator.volces.com")
    assert held and owner == ("V" if name.endswith("json") else None)
    assert not found.owner("notvolces.com")[0] and not found.owner("ok.org")[0]


@pytest.mark.parametrize(
    ("name", "text"), [("a.txt", "nothing here\n/x/y\n"), ("b.json", "{"), ("c.json", '{"a": 1}')]
)
def test_a_list_without_domains_is_refused(tmp_path: Path, name: str, text: str) -> None:
    """No domain, broken JSON, JSON of another shape."""
    with pytest.raises(InputError, match=name):
        read(write(tmp_path / name, text))


def test_what_was_taken_over_is_recorded(case: Case, tmp_path: Path) -> None:
    """Whole, under its hash, with title, date and licence; a line in the log; a second time it is the same file."""
    file = write(tmp_path / "dbip-country-lite-2026-06.csv", "43.109.0.0,43.109.255.255,CN\n")
    done = imported.add(case, file, "DB-IP Country Lite", None, "CC BY 4.0")
    again = imported.add(case, file)
    assert (done.new, again.new) == (True, False)
    (entry,) = json.loads((case.path / "attribution" / "manifest.json").read_text())["imported"]
    assert (entry["title"], entry["as_of"], entry["licence"]) == (
        "DB-IP Country Lite",
        "2026-06",
        "CC BY 4.0",
    )
    assert (case.path / "attribution" / entry["file"]).read_bytes() == file.read_bytes()
    assert done.sha256 in (case.path / "log.jsonl").read_text()


def test_a_changed_copy_in_the_case_is_refused(case: Case, tmp_path: Path) -> None:
    """Whoever edits the file in the case is told which one and what to do."""
    imported.add(case, write(tmp_path / "mine.csv", ALIBABA))
    (copy,) = (case.path / "attribution" / "imported").rglob("mine.csv")
    copy.write_text(ALIBABA.replace("Taobao", "Another"))
    with pytest.raises(CaseError, match=r"mine\.csv: is not the file that the manifest names"):
        frozen.sources(case)


@pytest.mark.parametrize(("name", "words"), [("x.zip", "Unpack an archive"), ("none.csv", "no such file")])
def test_what_cannot_be_taken_says_so(case: Case, tmp_path: Path, name: str, words: str) -> None:
    """Another kind of file, and none at all."""
    if name == "x.zip":
        write(tmp_path / name, "PK")
    with pytest.raises(InputError, match=words):
        imported.add(case, tmp_path / name)

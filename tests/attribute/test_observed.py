"""What the capture shows of each host: addresses, names, certificates, CNAMEs; and where these do not agree."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from attribute.databases import ALIBABA, write
from factories import BEGAN, Rows, sha256
from promptrail.attribute.csv_ranges import read
from promptrail.attribute.disagreements import DATE, covers
from promptrail.attribute.observed import Observed, observed
from promptrail.attribute.recipients import about
from promptrail.attribute.sources import Sources, installed
from promptrail.attribute.subjects import subject
from promptrail.attribute.table import Proof
from promptrail.case import Case
from promptrail.model import Flow, Message


def dns(rows: Rows, name: str, lines: list[str], direction: Any = "response") -> None:
    """One DNS exchange as the readers keep it: text, one answer a line."""
    flow = Flow(sha256(name.encode())[:12], "r1", name, "dns", name, started=BEGAN)
    rows.rows["flows"].append(flow)
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    rows.rows["messages"].append(
        Message(flow.flow, "r1", 1, direction, "dns", rows.body(data), len(data), BEGAN)
    )


def flags(case: Case, datasets: tuple[Any, ...] = (), dates: bool = False) -> list[tuple[str, str, str]]:
    """What does not agree; the dates of sources, which are another question, by themselves."""
    base = installed()
    sources = Sources(base.suffixes, base.table, base.networks, base.registry, datasets)
    rows = about(observed(case), case.declared_recipients, sources)
    told = [(r["host"], r["note"], r["answer"]) for r in rows if r["question"] == "disagreement"]
    return [flag for flag in told if (flag[1] == DATE) == dates]


@pytest.fixture
def rows() -> Rows:
    made = Rows(simulated=False)
    made.run("r1")
    return made


def test_a_hosts_addresses_names_and_certificates(rows: Rows, tmp_path: Path) -> None:
    """Over all flows and connections, each once and in order; unread connections count too."""
    rows.flow("r1", "a.parley.test", dest_ip="198.51.100.9", cert_names=["a.parley.test"])
    rows.flow("r1", "a.parley.test", dest_ip="198.51.100.14", cert_names=["a.parley.test"])
    rows.connection("r1", "shut.parley.test", "pinned", dest_ip="203.0.113.5")
    found = observed(rows.write(tmp_path / "case"))
    assert [str(a) for a in found["a.parley.test"].addresses] == ["198.51.100.9", "198.51.100.14"]
    assert found["a.parley.test"].certificates == [("a.parley.test",)]
    assert [str(a) for a in found["shut.parley.test"].addresses] == ["203.0.113.5"]


@pytest.mark.parametrize(
    "lines",
    [
        ["www.parley.test CNAME x.cdn.test", "x.cdn.test CNAME y.cdn.test.", "y.cdn.test A 192.0.2.8"],
        ["? www.parley.test", "www.parley.test x.cdn.test", "x.cdn.test y.cdn.test", "y.cdn.test 192.0.2.8"],
    ],
)
def test_cnames_are_followed_to_the_address(rows: Rows, tmp_path: Path, lines: list[str]) -> None:
    """As the evidence writes DNS (with types) and as flow files give it (without)."""
    dns(rows, "www.parley.test", [*lines, "www.parley.test HTTPS 1 . alpn=h2"])
    seen = observed(rows.write(tmp_path / "case"))["www.parley.test"]
    assert seen.aliases == ["x.cdn.test", "y.cdn.test"] and [str(a) for a in seen.addresses] == ["192.0.2.8"]


def test_a_cname_loop_ends(rows: Rows, tmp_path: Path) -> None:
    """Captured DNS is hostile: names that lead to each other are each named once."""
    dns(rows, "a.test", ["a.test CNAME b.test", "b.test CNAME a.test", "a.test CNAME a.test", "\ud800?", "x"])
    assert observed(rows.write(tmp_path / "case"))["a.test"].aliases[0] == "b.test"


def test_a_cname_to_another_owner_is_a_row(rows: Rows, tmp_path: Path) -> None:
    """Cloaking: a name of the maker leads to an analytics company; one to the same owner is none."""
    dns(rows, "data.chatgpt.com", ["data.chatgpt.com CNAME x.statsigapi.net"])
    dns(rows, "api.volces.com", ["api.volces.com CNAME y.volccdn.com"])
    dns(rows, "cdn.openai.com", ["cdn.openai.com CNAME z.unheard-of.net"])
    assert flags(rows.write(tmp_path / "case")) == [
        ("cdn.openai.com", "CNAME; held by not known", "z.unheard-of.net"),
        ("data.chatgpt.com", "CNAME; held by Statsig", "x.statsigapi.net"),
    ]


def test_names_that_differ_are_rows(rows: Rows, tmp_path: Path) -> None:
    """Host unlike SNI, and a certificate for another organisation; the owner of each is told where known."""
    rows.flow("r1", "api.deepseek.com", sni="gator.volces.com", cert_names=["*.volces.com"], dest_ip=None)
    assert flags(rows.write(tmp_path / "case")) == [
        ("api.deepseek.com", "certificate; held by Volcano Engine", "*.volces.com"),
        ("api.deepseek.com", "TLS server name (SNI); held by Volcano Engine", "gator.volces.com"),
    ]


def test_spelling_is_no_disagreement(rows: Rows, tmp_path: Path) -> None:
    """Upper case, a trailing dot, a wildcard of one label and punycode name the same host."""
    rows.flow("r1", "API.Parley.test.", sni="api.parley.test", cert_names=["*.parley.test"])
    rows.flow("r1", "münchen.test", sni="xn--mnchen-3ya.test", cert_names=["xn--mnchen-3ya.test"])
    assert flags(rows.write(tmp_path / "case")) == []


@pytest.mark.parametrize(
    ("name", "host", "yes"),
    [
        ("a.test", "a.test", True),
        ("*.a.test", "b.a.test", True),
        ("*.a.test", "c.b.a.test", False),
        ("*.a.test", "a.test", False),
        ("A.TEST", "a.test", True),
        ("*", "a.test", False),
        ("", "a.test", False),
    ],
)
def test_what_a_certificates_name_covers(name: str, host: str, yes: bool) -> None:
    """RFC 6125, section 6.4.3: a wildcard stands for one label, the leftmost."""
    assert covers(name, host) is yes


def test_sources_that_disagree_stand_side_by_side(rows: Rows, tmp_path: Path) -> None:
    """Two country tables with other answers: both rows, marked as disputed, and a flag; no winner."""
    rows.flow("r1", "gator.volces.com", dest_ip="43.109.38.198")
    case = rows.write(tmp_path / "case")
    mine = read(write(tmp_path / "c.csv", "43.109.0.0,43.109.255.255,CN\n"), Proof("DB-IP", "2023-03"))
    net = read(write(tmp_path / "a.csv", ALIBABA), Proof("asn"))
    base = installed()
    sources = Sources(base.suffixes, base.table, base.networks, base.registry, (mine, net))
    told = [r for r in about(observed(case), (), sources) if r["question"] == "address_country"]
    assert [(r["answer"], r["status"], r["origin"]) for r in told] == [
        ("SG", "disputed", "shipped"),
        ("CN", "disputed", "imported"),
    ]
    assert {note.partition(";")[0] for _, note, _ in flags(case, (mine, net))} == {
        "network of another name",
        "country tables",
    }


def test_sources_that_agree_say_so(tmp_path: Path) -> None:
    """The number of sources that agree stands beside each."""
    mine = read(write(tmp_path / "c.csv", "43.109.0.0,43.109.255.255,SG\n"), Proof("DB-IP"))
    base, address = installed(), subject("43.109.38.198").address
    assert address
    sources = Sources(base.suffixes, base.table, base.networks, base.registry, (mine,))
    rows = about({"gator.volces.com": Observed(addresses=[address])}, (), sources)
    told = [r["note"] for r in rows if r["question"] == "address_country"]
    assert len(told) == 2 and all("2 sources agree" in note for note in told)


@pytest.mark.parametrize(
    ("host", "operator", "flagged"),
    [
        ("login.salesforce.com", "AS16509 Amazon.com, Inc.", True),
        ("gator.volces.com", "AS137718 Beijing Volcano Engine Technology Co. Ltd.", False),
        ("graph.facebook.com", "AS32934 Facebook, Inc.", False),
        ("log.snssdk.com", "AS396986 Bytedance Inc.", False),
        ("www.cmpassport.com", "AS9808 China Mobile Communications Group Co., Ltd.", False),
        ("nobody-knows.net", "AS16509 Amazon.com, Inc.", False),
    ],
)
def test_only_telling_words_make_two_names_one(
    tmp_path: Path, host: str, operator: str, flagged: bool
) -> None:
    """Com, Inc. and Technology tell nobody apart; where the owner is not known nothing can differ."""
    number, name = operator.removeprefix("AS").split(" ", 1)
    file = write(tmp_path / "asn.csv", f'101.0.0.0,101.255.255.255,{number},"{name}"\n')
    base, address = installed(), subject("101.126.0.1").address
    assert address
    data = (read(file, Proof("asn")),)
    sources = Sources(base.suffixes, base.table, base.networks, base.registry, data)
    rows = about({host: Observed(addresses=[address])}, (), sources)
    assert [r["answer"] for r in rows if r["question"] == "network_operator"] == [operator]
    assert any(r["question"] == "disagreement" for r in rows) is flagged


@pytest.mark.parametrize(
    ("host", "day", "told"),
    [
        ("gator.volces.com", "2024-06-01", ["seen 2024-06-01; domain owner as of 2026-08-19"]),
        (
            "gator.volces.com",
            "2026-11-22",
            ["seen 2026-11-22; service operator as of 2024-04-22, corporate group as of 2025-04-24"],
        ),
        ("prodregistryv2.org", "2026-11-22", []),
        ("gator.volces.com", None, []),
    ],
)
def test_a_source_of_another_year_is_a_row(
    rows: Rows, tmp_path: Path, host: str, day: str | None, told: list[str]
) -> None:
    """More than a year before or after the capture, a source speaks of another time; without a time nothing is told."""
    at = datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp() if day else None
    rows.rows["flows"].append(Flow("f1", "r1", "0", "http", host, started=at))
    assert [says for _, _, says in flags(rows.write(tmp_path / "case"), dates=True)] == told

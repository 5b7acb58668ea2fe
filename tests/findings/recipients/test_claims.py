"""Claims of others against a capture: four outcomes, each with its reason; packs that cannot be tested are refused."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from factories import Rows
from promptrail.case import Case
from promptrail.errors import InputError, ParameterError
from promptrail.findings.recipients import claims, claims_pack
from promptrail.findings.recipients.claims_pack import Claim

DAY = "2026-09-21"
"""The day of the first run, factories.BEGAN, UTC."""
TEXT = "My daughter is 8 and has a fever of 39.4 kestrel-4417"


def claim(test: str, *hosts: str, kinds: tuple[str, ...] = (), **more: Any) -> Claim:
    said = {"id": "c", "by": "B", "date": "2026-01-02", "grade": "E0", "said": "S", "not_said": "N"}
    return Claim(**said, source="X", url="https://x.example", test=test, hosts=hosts, kinds=kinds, **more)


def chat(simulated: bool = False) -> Rows:
    """One run: a prompt to its maker, an identifier to another, and a third that was contacted and read."""
    rows = Rows(simulated=simulated)
    rows.run("r1", app_version="4.2.0")
    rows.probe("p1", "prompt", TEXT)
    rows.probe("i1", "identifier", "9f86d081884c7d65")
    first = rows.flow("r1", "chat.parley.test", TEXT.encode())
    rows.sighting(first, "p1", TEXT.encode(), 1)
    other = rows.flow("r1", "ingest.brightmoor.test", b"9f86d081884c7d65")
    rows.sighting(other, "i1", b"9f86d081884c7d65", 2)
    rows.flow("r1", "api.tidedesk.example", b"{}")
    return rows


def verdict(case: Case, one: Claim) -> tuple[str, str]:
    found = claims.judge(case, one, list(case.runs["run"]))
    return found.verdict, found.why


@pytest.mark.parametrize(
    ("one", "outcome", "why"),
    [
        (claim("contact", "brightmoor.test"), "supported", "ingest.brightmoor.test contacted"),
        (claim("contact", "moor.test"), "not observed", "no contact in 1 run"),
        (
            claim("content", "parley.test", kinds=("prompt",)),
            "supported",
            "prompt in requests to chat.parley.test",
        ),
        (
            claim("content", "tidedesk.example", kinds=("prompt",)),
            "not observed",
            "all requests to api.tidedesk",
        ),
        (
            claim("content", "elsewhere.test", kinds=("prompt",)),
            "not observed",
            "none of the hosts was contacted",
        ),
        (claim("content", "tidedesk.example", kinds=("phone",)), "cannot tell", "nothing of the kind phone"),
        (
            claim("absence", "brightmoor.test", kinds=("prompt",)),
            "not observed",
            "up to 95 % of runs may still",
        ),
        (
            claim("absence", "brightmoor.test", kinds=("identifier",)),
            "contradicted",
            "identifier in requests to",
        ),
        (claim("absence", "*", kinds=("prompt",)), "contradicted", "prompt in requests to chat.parley.test"),
        (claim("cleartext", "brightmoor.test"), "not observed", "every request over TLS"),
        (claim("cleartext", "elsewhere.test"), "not observed", "none of the hosts was contacted"),
        (claim("untestable", untestable="no probe for it"), "cannot tell", "no probe for it"),
        (claim("contact", "brightmoor.test", app_versions=("9.9",)), "cannot tell", "no run of version 9.9"),
        (claim("contact", "brightmoor.test", since="2026-09-22"), "cannot tell", "2026-09-22 or later"),
        (claim("contact", "brightmoor.test", since=DAY, until=DAY), "supported", "contacted"),
        (claim("contact", "brightmoor.test", until="2026-09-20"), "cannot tell", "2026-09-20 or before"),
    ],
)
def test_each_outcome_has_its_reason(tmp_path: Path, one: Claim, outcome: str, why: str) -> None:
    """Supported, contradicted, not observed and cannot tell, for every test."""
    told = verdict(chat().write(tmp_path / "case"), one)
    assert told[0] == outcome and why in told[1]


def test_unread_traffic_to_the_hosts_forbids_not_observed(tmp_path: Path) -> None:
    """A pinned connection to the very host; the same connection to another host does not matter."""
    rows = chat()
    rows.connection("r1", "edge.quillmark.example", "pinned", bytes_out=None)
    case = rows.write(tmp_path / "case")
    told = verdict(case, claim("content", "quillmark.example", kinds=("prompt",)))
    assert told == ("cannot tell", "traffic to edge.quillmark.example could not be read")
    assert verdict(case, claim("content", "tidedesk.example", kinds=("prompt",)))[0] == "not observed"
    assert verdict(case, claim("absence", "*", kinds=("draft",)))[0] == "cannot tell"
    assert verdict(case, claim("contact", "quillmark.example"))[0] == "supported"


def test_an_undecoded_message_to_the_hosts_forbids_it_too(tmp_path: Path) -> None:
    """What was decrypted and not understood could hold the value."""
    rows = chat()
    rows.undecoded(rows.flow("r1", "api.tidedesk.example", b"\x00\x01"))
    told = verdict(rows.write(tmp_path / "case"), claim("content", "tidedesk.example", kinds=("prompt",)))
    assert told[0] == "cannot tell"


def test_a_search_that_found_nothing_anywhere_proves_nothing(tmp_path: Path) -> None:
    """Without one sighting of the kind the trace is not shown to work."""
    rows = Rows(simulated=False)
    rows.run("r1")
    rows.probe("p1", "prompt", TEXT)
    rows.flow("r1", "api.tidedesk.example", b"{}")
    told = verdict(rows.write(tmp_path / "case"), claim("content", "tidedesk.example", kinds=("prompt",)))
    assert told[0] == "cannot tell" and "not shown to work" in told[1]


@pytest.mark.parametrize("broken", ["incomplete run", "nameless connection"])
def test_a_contact_that_could_have_been_missed(tmp_path: Path, broken: str) -> None:
    """A recording that broke off, and a connection that told no host."""
    rows = chat()
    if broken == "incomplete run":
        rows.run("r2", complete=False)
    else:
        rows.connection("r1", None, "pinned")
    assert verdict(rows.write(tmp_path / "case"), claim("contact", "elsewhere.test"))[0] == "cannot tell"


def test_what_supports_nothing(tmp_path: Path) -> None:
    """A guess at a cipher, a decoy, an answer, a request that reached no server, and a look-alike host."""
    rows = chat()
    rows.probe("x1", "prompt", "My nephew is 6 and has a cough since plover-2093", True, "p1")
    body = TEXT.encode()
    for host, probe, more in (
        ("a.tidedesk.example", "p1", {"tier": "obfuscated"}),
        ("b.tidedesk.example", "x1", {}),
        ("c.tidedesk.example", "p1", {"direction": "response"}),
    ):
        rows.sighting(rows.flow("r1", host, body), probe, body, 3, **more)
    gone = rows.flow("r1", "d.tidedesk.example", body, status=None, dest_ip=None)
    rows.sighting(gone, "p1", body, 3)
    rows.sighting(rows.flow("r1", "nottidedesk.example", body), "p1", body, 3)
    case = rows.write(tmp_path / "case")
    assert verdict(case, claim("content", "tidedesk.example", kinds=("prompt",)))[0] == "not observed"


def test_cleartext_is_seen(tmp_path: Path) -> None:
    """A request by plain HTTP that was delivered."""
    rows = chat()
    rows.flow("r1", "ingest.brightmoor.test", b"x", scheme="http", port=80)
    told = verdict(rows.write(tmp_path / "case"), claim("cleartext", "brightmoor.test"))
    assert told == ("supported", "1 requests to ingest.brightmoor.test not encrypted")


def test_contact_is_not_what_was_sent(tmp_path: Path) -> None:
    """A claim of more than contact, asked by contact, says that it was; the grade is that of contact."""
    case = chat().write(tmp_path / "case")
    one = dataclasses.replace(claim("contact", "brightmoor.test"), grade="E3")
    found = claims.judge(case, one, ["r1"])
    assert (found.verdict, found.grade) == ("supported", "E1") and "contact alone" in found.why


PACK = """\
[pack]
id = "mine"
title = "T"
app = "Parley"
package = "test.parley.chat"
simulated = true
note = "N"

[[claim]]
id = "a"
by = "B"
date = "2026-01-02"
grade = "E1"
said = "S"
not_said = "N"
source = "X"
url = "https://x.example"
test = "contact"
hosts = ["brightmoor.test"]
"""


def written(folder: Path, text: str = PACK) -> Path:
    file = folder / "pack.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("not_said =", "notsaid =", 15, "Did you mean 'not_said'"),
        ('grade = "E1"', 'grade = "E9"', 13, "unknown grade 'E9'"),
        ('test = "contact"', 'test = "telepathy"', 18, "unknown test 'telepathy'; known: contact, content"),
        ('date = "2026-01-02"', 'date = "January"', 12, "must be a day"),
        ('hosts = ["brightmoor.test"]', "", 9, "hosts are missing"),
        ('hosts = ["brightmoor.test"]', 'hosts = ["Brightmoor test"]', 19, "no host name"),
        ('test = "contact"', 'test = "content"', 9, "kinds are missing"),
        ('test = "contact"', 'test = "content"\nkinds = ["sonnet"]', 19, "unknown kind 'sonnet'"),
        ('test = "contact"', 'test = "untestable"', 18, "untestable says why"),
        ("simulated = true", 'simulated = "yes"', 6, "must be true or false"),
        ('title = "T"', 'titel = "T"', 3, "unknown key 'titel'"),
        ('note = "N"\n', "", 1, "note is missing"),
        ('said = "S"', "said = 7", 14, "said must be text"),
        ("[[claim]]", "[claim]", 9, "must be written as [[claim]]"),
        ('id = "a"', 'id = "a', 10, "not valid TOML"),
    ],
)
def test_a_fault_in_a_pack_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    """File, line, what is wrong, what to do."""
    with pytest.raises(InputError, match=re.escape(words)) as told:
        claims_pack.read(written(tmp_path, PACK.replace(old, new)))
    assert "pack.toml" in str(told.value) and f"line {line}" in str(told.value)


def test_an_id_stands_once(tmp_path: Path) -> None:
    """Two claims of one id could not be told apart."""
    twice = PACK + PACK[PACK.index("[[claim]]") :]
    with pytest.raises(InputError, match=r"line 21: the id a stands there twice"):
        claims_pack.read(written(tmp_path, twice))


def test_a_pack_about_real_companies_is_refused_on_a_simulated_case(tmp_path: Path) -> None:
    """And the other way round; and one about another app."""
    invented, real = chat(True).write(tmp_path / "a"), chat(False).write(tmp_path / "b")
    with pytest.raises(ParameterError, match="speaks of real companies, and this case is simulated"):
        claims_pack.choose(invented, "deepseek-2025")
    with pytest.raises(ParameterError, match="speaks of invented companies"):
        claims_pack.choose(real, "parley-simulated")
    with pytest.raises(
        ParameterError, match=r"is about com\.deepseek\.chat, and this case about test\.parley"
    ):
        claims_pack.choose(real, "deepseek-2025")


def test_which_pack_is_taken(tmp_path: Path) -> None:
    """The one about this app where nobody names one; by name; from a file; none."""
    case = chat(True).write(tmp_path / "a")
    for given in ("", "parley-simulated"):
        found = claims_pack.choose(case, given)
        assert found and found.id == "parley-simulated"
    mine = claims_pack.choose(case, str(written(tmp_path)))
    assert mine and mine.id == "mine"
    assert claims_pack.choose(case, "none") is None
    other = chat().write(tmp_path / "b", app={"name": "X", "package": "com.other"})
    assert claims_pack.choose(other, "") is None
    with pytest.raises(
        ParameterError, match=r"no claims pack 'nothing'\. Shipped are: deepseek-2025, parley"
    ):
        claims_pack.choose(case, "nothing")


@pytest.mark.parametrize("name", sorted(claims_pack.shipped_packs()))
def test_the_shipped_packs_keep_apart_what_was_claimed_and_what_not(name: str) -> None:
    """Every claim has both, with source, day and grade; the invented pack names reserved hosts alone."""
    pack = claims_pack.read(claims_pack.shipped_packs()[name])
    assert pack.id == name and len({c.id for c in pack.claims}) == len(pack.claims) >= 10
    for one in pack.claims:
        assert one.said and one.not_said and one.source and one.url.startswith("http")
        if pack.simulated:
            assert all(h == "*" or h.endswith((".test", ".example")) for h in one.hosts)


def test_the_reference_case_is_told_as_it_was_reported() -> None:
    """February is contact, April content; prompts alone stopped, on 10 April; four recipients."""
    pack = claims_pack.read(claims_pack.shipped_packs()["deepseek-2025"])
    by = {c.id: c for c in pack.claims}
    assert (by["pipc-february-contact"].grade, by["pipc-april-prompts"].grade) == ("E1", "E3")
    stopped = by["pipc-prompts-stopped"]
    assert (stopped.test, stopped.since, stopped.kinds) == ("absence", "2025-04-10", ("prompt",))
    assert "nothing was said of device" in stopped.not_said and "only new downloads" in stopped.not_said
    assert sum(c.id.startswith("pipc-recipient-") for c in pack.claims) == 4
    assert by["feroot-china-mobile"].grade == by["securityscorecard-bytedance-code"].grade == "E0"


def test_claims_are_part_of_the_finding(tmp_path: Path) -> None:
    """With the pack's name, in its order; captured text in them has passed the mask."""
    from promptrail.findings.recipients import finding as recipients

    rows = chat(True)
    rows.flow("r1", "9f86d081884c7d65.brightmoor.test", b"{}")
    found = recipients.find(rows.write(tmp_path / "case"))
    told = found.facts["claims"]
    assert isinstance(told, list) and len(told) == 10
    assert found.facts["claims_pack"]["id"] == "parley-simulated"  # type: ignore[index]
    assert "9f86d081884c7d65" not in str(told) and "[identifier i1]" in str(told)
    assert recipients.find(Case.open(tmp_path / "case"), claims="none").facts["claims"] == []

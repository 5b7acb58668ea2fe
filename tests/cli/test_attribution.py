"""`promptrail who` and `promptrail attribute`: without a case, as JSON, with one's own tables, and what goes wrong."""

import json
from pathlib import Path

import pytest

from attribute.databases import ALIBABA, write
from captures import entry, write_har
from promptrail.case import Case
from promptrail.cli import main


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case with one request to the collector of the reference case, at the address of the counter-example."""
    folder = tmp_path / "case"
    more = {"serverIPAddress": "43.109.38.198"}
    file = write_har(tmp_path, entry("https://gator.volces.com/list", '{"a": 1}', **more))
    assert main(["case", "new", str(folder)]) == 0
    assert main(["import", str(folder), str(file)]) == 0
    return folder


def test_who_answers_without_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object a line, one a subject; every column with value, source, date and licence."""
    assert main(["who", "gator.volces.com", "1.1.1.1", "netflix.com", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [t["host"] for t in told] == ["gator.volces.com", "1.1.1.1", "netflix.com"]
    for found in told:
        for column in (
            "domain_owner",
            "service_operator",
            "network_operator",
            "address_country",
            "corporate_group",
        ):
            assert {"value", "status", "source", "date", "licence"} <= set(found[column])
    assert (
        told[0]["domain_owner"]["value"] == "Volcano Engine"
        and told[0]["domain_owner"]["date"] == "2026-08-19"
    )
    assert told[1]["address_country"]["status"] == "not determinable"
    assert told[2]["domain_owner"]["value"] is None


def test_who_prints_sources_and_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    """For a person: each answer with its source, date and licence; what cannot be told says why."""
    assert main(["who", "gator.volces.com", "a\x1b]0;x\x07.com", "1.1.1.1"]) == 0
    out = capsys.readouterr().out
    assert "2026-08-19, MIT" in out and "not determinable" in out and "not a host name" in out
    assert "\x1b" not in out and "\x07" not in out


def test_who_at_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    """Owner and edge apart, and that they differ."""
    assert main(["who", "chat.deepseek.com", "--at", "3.173.21.63", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["domain_owner"]["value"] == "DeepSeek"
    assert found["network_operator"]["value"] == "Amazon Web Services (Amazon CloudFront)"
    assert found["address_country"]["value"] is None
    assert [d["what"] for d in found["disagreements"]] == ["network of another name"]
    assert main(["who", "x.com", "--at", "nowhere"]) == 1
    assert "is no address" in capsys.readouterr().err


def test_a_table_is_added_and_asked(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`attribute add` names hash and date; `who --case` and the frame then know the network."""
    file = write(tmp_path / "asn-2026-06.csv", ALIBABA)
    assert main(["attribute", "add", str(case), str(file), "--licence", "CC BY 4.0"]) == 0
    out = capsys.readouterr().out
    assert "1 ranges, SHA-256 " in out and "date 2026-06, licence CC BY 4.0" in out
    assert main(["trace", str(case)]) == 0
    frame = Case.open(case).recipients
    assert "AS24429 Zhejiang Taobao Network Co. Ltd" in set(frame["answer"])
    assert "network of another name" in set(frame["note"])
    capsys.readouterr()
    assert main(["who", "43.109.38.198", "--case", str(case), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["network_operator"]["licence"] == "CC BY 4.0"
    assert main(["who", "gator.volces.com", "--case", str(case), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["network_operator"]["value"].startswith("AS24429"), "at the address that the capture shows"


def test_a_refresh_prints_what_differs(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The snapshot's name, the one before, and the number of answers that differ."""
    capsys.readouterr()
    assert main(["attribute", "refresh", str(case)]) == 0
    out = capsys.readouterr().out
    assert "the sources of this case from now on. Before: 20" in out and "0 answers differ." in out
    assert '"attribute refresh"' in (case / "log.jsonl").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["attribute", "add", "CASE", "FILE"], ["mine.csv", "line 1", "none that are known"]),
        (["attribute", "add", "CASE", "nowhere.mmdb"], ["nowhere.mmdb", "no such file"]),
        (["attribute", "add", "CASE", "FILE", "--as-of", "June"], ["'June'", "2026-11-22"]),
        (["attribute", "refresh", "nowhere"], ["nowhere", "promptrail case new"]),
        (["who", "x.com", "--case", "nowhere"], ["nowhere", "promptrail case new"]),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: list[str]
) -> None:
    """Exit code 1, one line on standard error, no traceback."""
    file = write(tmp_path / "mine.csv", "a,b\n")
    capsys.readouterr()
    named = {"CASE": str(case), "FILE": str(file)}
    assert main([named.get(a, a) for a in arguments]) == 1
    said = capsys.readouterr().err
    assert all(word in said for word in words) and said.startswith("promptrail: ") and "Traceback" not in said

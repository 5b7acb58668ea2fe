"""The score against an answer key: what counts as found, what as wrong, and that a key which cannot be read says so."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from factories import Rows
from promptrail.case import Case
from promptrail.cli.recording import tell_markdown, tell_score
from promptrail.errors import CaseError
from promptrail.lab.encodings import ENCODINGS
from promptrail.trace.score import Row, as_json, as_markdown, score
from readme import encodings_in_the_readme

TEXT = "Word my complaint about the cuts, kestrel-4417"
HOST = "ingest.brightmoor.test"


def line(**more: Any) -> dict[str, Any]:
    """A line of a key: the prompt in base64 in the JSON body of a request to /v1/a."""
    values: dict[str, Any] = {
        "run": "r1",
        "probe": "p1",
        "text": TEXT,
        "kind": "prompt",
        "host": HOST,
        "direction": "request",
    }
    values |= {"method": "POST", "path": "/v1/a", "part": "body", "chain": ["json", "base64"], "t": 0.0}
    return values | {"pointer": "/q", "encoding": "base64", "tier": "exact"} | more


def case_of(folder: Path, *lines: dict[str, Any], sighted: tuple[dict[str, Any], ...] = ({},)) -> Case:
    """A case with this key, and a sighting of /v1/a for each of `sighted`, which replace fields."""
    rows = Rows()
    rows.run("r1")
    rows.probe("p1", "prompt", TEXT)
    rows.probe("p1~0", "prompt", "Help a letter after the rain, plover-2093", True, "p1")
    flow = rows.flow("r1", HOST, b"{}", url=f"https://{HOST}/v1/a?n=1")
    for number, more in enumerate(sighted):
        probe = more.get("probe", "p1")
        values = {"chain": ["json", "base64"], "path": f"/{number}"} | more
        values.pop("probe", None)
        rows.sighting(flow, probe, b"{}", 1.0, **values)
    case = rows.write(folder / "case")
    run = case.captures / "r1"
    run.mkdir(parents=True)
    (run / "answer-key.jsonl").write_text("".join(json.dumps(x) + "\n" for x in lines), "utf-8")
    return case


def test_a_planting_is_found_where_it_is(tmp_path: Path) -> None:
    """Same run, probe, host, path, direction and part: found, with the right chain and tier, and nothing is wrong."""
    result = score(case_of(tmp_path, line()))
    assert (result.planted, result.found, result.chains, result.missed) == (1, 1, 1, [])
    assert result.table == [("base64", "exact", 1, 1, 1, 1)]
    assert not result.wrong and result.otherwise == []


@pytest.mark.parametrize(
    "other",
    [
        {"run": "r2"},
        {"probe": "p2"},
        {"host": "chat.parley.test"},
        {"path": "/v1/b"},
        {"direction": "response"},
        {"part": "header"},
    ],
)
def test_a_planting_elsewhere_is_missed(tmp_path: Path, other: dict[str, str]) -> None:
    """A sighting in any other place does not find it."""
    result = score(case_of(tmp_path, line(**other)))
    assert result.found == 0 and [m["encoding"] for m in result.missed] == ["base64"] and result.wrong


def test_another_way_of_unwrapping_is_found_and_told(tmp_path: Path) -> None:
    """The chain is counted apart; words that only name a part are no wrapping."""
    key = [line(chain=["json"]), line(chain=["body", "json", "base64"])]
    result = score(case_of(tmp_path, *key))
    assert (result.found, result.chains, result.wrong) == (2, 1, False)
    assert [o["told"] for o in result.otherwise] == [[["exact", ["json", "base64"]]]]


@pytest.mark.parametrize(
    ("expected", "tier", "found", "exactly"),
    [
        ("exact", "normalised", 1, 0),
        ("reassembled", "exact", 1, 0),
        ("reassembled", "reassembled", 1, 1),
        ("exact", "partial", 0, 0),
        ("exact", "digest", 0, 0),
        ("digest", "exact", 0, 0),
        ("digest", "digest", 1, 1),
        ("partial", "partial", 1, 1),
        ("obfuscated", "obfuscated", 1, 1),
        ("obfuscated", "partial", 0, 0),
    ],
)
def test_tiers_are_not_exchanged(tmp_path: Path, expected: str, tier: str, found: int, exactly: int) -> None:
    """The value, its hash, a part of it and a guess are four things; three tiers show the value."""
    result = score(case_of(tmp_path, line(tier=expected), sighted=({"tier": tier},)))
    assert [(r.found, r.tiers) for r in result.table] == [(found, exactly)]


@pytest.mark.parametrize("tier", ["exact", "partial", "digest", "obfuscated"])
def test_a_near_miss_that_was_found_is_wrong(tmp_path: Path, tier: str) -> None:
    """In whatever tier; and it is no planting."""
    near = line(near_miss=True, encoding="near miss: other end")
    result = score(case_of(tmp_path, line(path="/v1/b"), near, sighted=({"tier": tier},)))
    assert (result.planted, result.near_misses) == (1, 1)
    assert [n["encoding"] for n in result.near_misses_found] == ["near miss: other end"]


def test_a_near_miss_that_was_left_alone_is_right(tmp_path: Path) -> None:
    """Nothing at its place: nothing wrong."""
    result = score(case_of(tmp_path, line(), line(near_miss=True, path="/v1/near")))
    assert (result.near_misses, result.near_misses_found, result.wrong) == (1, [], False)


def test_a_decoy_that_matched_is_wrong_and_finds_nothing(tmp_path: Path) -> None:
    """A decoy's sighting at the place of a planting does not stand for the probe."""
    result = score(case_of(tmp_path, line(probe="p1~0"), sighted=({"probe": "p1~0"},)))
    assert (result.found, result.decoys, result.decoys_matched, result.wrong) == (0, 1, ["p1~0"], True)


def test_rows_of_the_table_add_up(tmp_path: Path) -> None:
    """One row an encoding and tier, in the order of the key; their sums are the totals."""
    key = [
        line(encoding="b"),
        line(encoding="a", path="/v1/b"),
        line(encoding="b"),
        line(encoding="b", tier="digest"),
    ]
    result = score(case_of(tmp_path, *key))
    assert [(r.encoding, r.tier, r.planted, r.found) for r in result.table] == [
        ("b", "exact", 2, 2),
        ("a", "exact", 1, 0),
        ("b", "digest", 1, 0),
    ]
    assert (result.planted, result.found) == (4, 2)


def test_an_older_key_is_read(tmp_path: Path) -> None:
    """Without encoding and tier the chain is the name, and exact is what is asked."""
    old = {k: v for k, v in line().items() if k not in ("encoding", "tier")}
    plain = {k: v for k, v in line(chain=["body"]).items() if k not in ("encoding", "tier")}
    result = score(case_of(tmp_path, old, plain))
    assert [(r.encoding, r.tier, r.found) for r in result.table] == [
        ("json > base64", "exact", 1),
        ("as it is", "exact", 1),
    ]


def test_the_score_is_json(tmp_path: Path) -> None:
    """as_json goes through json and back unchanged, rows as objects."""
    told = as_json(score(case_of(tmp_path, line(), line(path="/v1/b"))))
    assert json.loads(json.dumps(told))["table"] == [
        {"encoding": "base64", "tier": "exact", "planted": 2, "found": 1, "chains": 1, "tiers": 1}
    ]
    assert [m["path"] for m in told["missed"]] == ["/v1/b"]


@pytest.mark.parametrize("broken", ["no json", '{"run": "r1"}', "[]", json.dumps(line(chain=None))])
def test_a_broken_line_is_named(tmp_path: Path, broken: str) -> None:
    """CaseError with the file and the number of the line."""
    case = case_of(tmp_path, line())
    with open(case.captures / "r1" / "answer-key.jsonl", "a", encoding="utf-8") as key:
        key.write(broken + "\n")
    with pytest.raises(CaseError, match=r"answer-key\.jsonl: line 2 is not a planting"):
        score(case)


def test_a_case_without_a_key_says_what_to_do(tmp_path: Path) -> None:
    """CaseError that names the command."""
    case = case_of(tmp_path, line())
    (case.captures / "r1" / "answer-key.jsonl").unlink()
    with pytest.raises(CaseError, match="lab record"):
        score(case)


def test_the_table_is_printed_and_the_exit_code_says_whether_all_is_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line an encoding with its counts under their heads, then what was missed and what was wrongly found."""
    key = [line(), line(encoding="hex \x1b[31m", path="/v1/b")]
    near = line(encoding="near miss: hex", near_miss=True)
    assert tell_score(case_of(tmp_path, *key, near), table=True) == 1
    out = capsys.readouterr().out
    assert re.search(r"^encoding +expected +planted +found +chain right +tier right$", out, re.M)
    assert re.search(r"^base64 +exact +1 +1 +1 +1$", out, re.M)
    assert "Plantings found: 1 of 2" in out and "wrongly found: p1 near miss: hex" in out
    assert "\x1b" not in out
    assert tell_score(case_of(tmp_path / "right", line())) == 0


def test_markdown_is_all_that_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table sorted by name with its sum; what a key holds ends neither cell nor line; the exit code is the same."""
    key = [line(encoding="hex | a\n<b>\\", path="/v1/b"), line()]
    case = case_of(tmp_path, *key)
    assert tell_markdown(case) == 1
    head, rule, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("| encoding | tier |") and set(rule) == set("| -")
    assert rows == [
        "| base64 | exact | 1 of 1 | 1 | 1 |",
        "| hex \\| a &lt;b>\\\\ | exact | 0 of 1 | 0 | 0 |",
        "| all 2 | | 1 of 2 | | |",
    ]


def test_the_readme_lists_every_encoding_of_the_catalogue() -> None:
    """Each with as many plantings as it has languages, all of them found; tests/lab holds it against a real run."""
    rows = [Row(e.name, e.tier, *[len(e.languages)] * 4) for e in ENCODINGS if not e.near_miss]
    asked = sum(len(e.languages) for e in ENCODINGS if e.answered)
    rows.append(Row("JSON, repeated by the answer", "exact", *[asked] * 4))
    assert encodings_in_the_readme() == as_markdown(rows)


def test_json_is_all_that_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object on one line; the exit code is the same."""
    assert tell_score(case_of(tmp_path, line(), line(path="/v1/b")), as_json=True) == 1
    (only,) = capsys.readouterr().out.splitlines()
    assert (json.loads(only)["planted"], json.loads(only)["found"]) == (2, 1)

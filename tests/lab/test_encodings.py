"""The Sampler recorded through a real mitmdump: every encoding reaches the evidence, and the trace is scored by it."""

import json
import urllib.parse
from pathlib import Path

import pytest
from filelock import FileLock

from promptrail import pipeline
from promptrail.case import Case
from promptrail.case.evidence import verify
from promptrail.lab.case import fill
from promptrail.lab.cast import SAMPLED, sampled
from promptrail.lab.encodings import ENCODINGS
from promptrail.lab.encodings.near_misses import other_end, same_beginning
from promptrail.lab.record import record
from promptrail.lab.sampler import slug
from promptrail.lab.world import CLOUD, EXFILTRATION
from promptrail.model import Probe
from promptrail.trace.score import Score, as_markdown, score
from readme import encodings_in_the_readme
from rigs.evidence_reader import Evidence

pytestmark = pytest.mark.rig
RUN = "encodings"
CLOSED = {
    *("base32", "base64", "base85", "br", "deflate", "gzip", "hex", "lz4", "snappy", "tt", "zlib", "zstd"),
    *("lz4 block", "snappy block", "ws deflate", "ws frames", "bzip2", "xz", "zip"),
}
"""Wrappings through which no text can be read."""


@pytest.fixture(scope="session")
def sampler(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Case:
    """A case with the run `encodings`, traced; the workers of pytest-xdist share it."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if hasattr(request.config, "workerinput") else shared
    with FileLock(shared / "sampler.lock"):
        if (shared / "sampler").exists():
            return Case.open(shared / "sampler")
        case = Case.create(shared / "sampler", simulated=True)
        fill(case)
        assert record(case, [RUN]) == [RUN]
        assert pipeline.ensure(case) == []
        return case


@pytest.fixture(scope="session")
def scored(sampler: Case) -> Score:
    return score(sampler)


@pytest.fixture
def evidence(sampler: Case) -> Evidence:
    return Evidence(sampler.captures / RUN)


def ways(planting: dict[str, object]) -> str:
    return f"{planting['probe']} {planting['encoding']}: {planting.get('told', planting['chain'])}"


@pytest.mark.parametrize(
    "tiers",
    [("exact", "normalised", "reassembled"), ("digest",), ("partial",), ("obfuscated",)],
    ids=" ".join,
)
def test_every_planting_is_found(scored: Score, tiers: tuple[str, ...]) -> None:
    """Recall is 1: what can be reversed, every hash, every part, every simple cipher."""
    assert [ways(m) for m in scored.missed if m["tier"] in tiers] == []
    assert sum(row.planted for row in scored.table if row.tier in tiers) >= 9


def test_every_chain_and_tier_is_the_keys(scored: Score) -> None:
    """What was found was unwrapped as it was wrapped, and is called what it is."""
    assert [ways(m) for m in scored.otherwise] == []


def test_nothing_is_found_that_is_not_there(scored: Score) -> None:
    """No near miss and no decoy, of many."""
    assert [ways(n) for n in scored.near_misses_found] == [] and scored.near_misses >= 48
    assert scored.decoys_matched == [] and scored.decoys >= 200


def test_every_encoding_was_planted_in_every_language_it_can_write(scored: Score) -> None:
    """The table has a row for each encoding; three languages but where a charset or a spelling knows fewer."""
    planted = {row.encoding: row.planted for row in scored.table}
    assert all(planted[e.name] == len(e.languages) for e in ENCODINGS if not e.near_miss)
    fewer = {e.name for e in ENCODINGS if len(e.languages) < 3}
    assert len(planted) >= 115 and all("UTF" not in name and "JSON" not in name for name in fewer)


def test_the_readme_says_what_this_run_gave(scored: Score) -> None:
    """The table in README.md is the one of this recording; `promptrail lab score DIR --markdown` prints it anew."""
    assert encodings_in_the_readme() == as_markdown(scored.table)


def test_each_encoding_has_an_address_of_its_own() -> None:
    """Names and their paths are distinct, so that a sighting can be told apart by its URL."""
    assert len({slug(e.name) for e in ENCODINGS}) == len({e.name for e in ENCODINGS}) == len(ENCODINGS)


def test_the_same_key_line_for_line_in_the_evidence(evidence: Evidence) -> None:
    """Each line of the key names a request that was recorded; what is sent in pieces, several of them."""
    recorded: dict[tuple[str, str, str], int] = {}
    for r in evidence.of("request"):
        at = (r["host"], r["method"], urllib.parse.urlsplit(r["url"]).path)
        recorded[at] = recorded.get(at, 0) + 1
    for line in evidence.beside("answer-key.jsonl"):
        count = recorded[line["host"], line["method"], line["path"]]
        assert count > 1 if "several requests" in line["encoding"] else count == 1, line


def test_what_is_wrapped_cannot_be_read_as_it_is(evidence: Evidence, sampler: Case) -> None:
    """Where a chain says more than JSON, or the value is cut or changed, the bytes do not hold the prompt."""
    plain = [p.text.encode() for p in sampler.declared_probes if p.probe.startswith("s-")]
    key = [k for k in evidence.beside("answer-key.jsonl") if k["direction"] == "request"]
    wrapped = {
        k["path"] for k in key if k.get("near_miss") or k["tier"] != "exact" or set(k["chain"]) & CLOSED
    } - {k["path"] for k in key if k["tier"] == "exact" and set(k["chain"]) <= {"json", "multipart"}}
    checked = 0
    for r in evidence.of("request"):
        if urllib.parse.urlsplit(r["url"]).path in wrapped:
            sent = [urllib.parse.unquote_to_bytes(r["url"]), *evidence.messages(r, "request")]
            assert not any(text in message for text in plain for message in sent), r["url"]
            checked += 1
    assert checked > 200


def test_the_channels_are_real(evidence: Evidence) -> None:
    """Chunks, permessage-deflate, host labels and a streamed answer were negotiated and passed as such."""

    def headers(path: str, kind: str = "request") -> dict[str, str]:
        (asked,) = [r for r in evidence.of("request") if r["url"].endswith(path)]
        (found,) = evidence.of(kind, flow=asked["flow"])
        return {name.lower(): value for name, value in found["headers"]}

    assert headers("/plain-text-sent-in-chunks/ko")["transfer-encoding"] == "chunked"
    deflated = headers("/websocket-message-permessage-deflate/en", "response")
    assert "permessage-deflate" in deflated["sec-websocket-extensions"]
    assert headers("/sse-choices/zh", "response")["content-type"].startswith("text/event-stream")
    assert headers("/gzip-in-br/en")["content-encoding"] == "gzip, br"
    hosts = {r["host"] for r in evidence.of("request")} - {CLOUD}
    assert len(hosts) == 3 and all(h.endswith(f".{EXFILTRATION}") for h in hosts)


def test_the_run_is_sealed_and_marked(sampler: Case) -> None:
    """It verifies, every answer bears the lab's mark, and the trace says simulated."""
    run = Evidence(sampler.captures / RUN)
    assert verify(run.folder) == [] and run.of("start")[0]["meta"]["simulated"] is True
    assert all(["x-promptrail-simulated", "parley-lab"] in r["headers"] for r in run.of("response"))
    assert sampler.sightings["simulated"].all()


def test_the_samplers_prompts_hold_what_must_be_escaped() -> None:
    """Quotation marks, an ampersand, a plus; and the texts differ from case to case."""
    one, other = (sampled([Probe("p1", "prompt", text)]) for text in ("a", "b"))
    assert [p.probe for p in one] == [f"s-{language}" for language in SAMPLED]
    assert all({'"', "&", "+"} <= set(p.text) for p in one if p.probe != "s-ja")
    assert not {p.text for p in one} & {p.text for p in other}


def test_near_misses_are_near() -> None:
    """One shares half of the prompt and goes on otherwise; one is all but its last two characters; neither holds it."""
    for probe in sampled([Probe("p1", "prompt", "a")]):
        half, end = same_beginning(probe.text), other_end(probe.text)
        assert (
            half[: len(probe.text) // 2] == probe.text[: len(probe.text) // 2]
            and len(half) > len(probe.text) // 2
        )
        assert end[:-2] == probe.text[:-2] and all(
            a != b for a, b in zip(end[-2:], probe.text[-2:], strict=True)
        )
        assert probe.text not in half and probe.text not in end


def test_other_scenarios_keep_their_probes(sampler: Case, tmp_path: Path) -> None:
    """The Sampler's prompts are declared only in a case that records it."""
    case = Case.create(tmp_path / "case", simulated=True)
    fill(case)
    assert not [p for p in case.declared_probes if p.probe.startswith("s-")]
    assert json.dumps([p.probe for p in sampler.declared_probes]).count('"s-') == 4

"""Sentences about one host: for every verdict what is licensed, and that none of them ever says more than was seen."""

import re
from itertools import product
from typing import Any

import pytest

from promptrail.findings.opaque.words import KINDS, Told, field_sentences, kind, sentences, volume
from promptrail.infer.verdicts import HostVerdict

TOLD = Told(prompts=50, hosts=20, alpha=0.01)
HOST = "opaque.brightmoor.test"
TOO_MUCH = re.compile(
    r"received|was given the prompt|\breads?\b|\bstores?\b|analys|in clear|knows|has the (text|prompt)"
    r"|sent the prompt|contain|content-dependent|learns|unlawful|company",
    re.I,
)
"""Words that no size can license."""


def verdict(**more: Any) -> HostVerdict:
    values: dict[str, Any] = {
        "host": HOST,
        "outcome": "supported",
        "why": "the volume follows the length",
        "p": 0.00005,
        "p_adjusted": 0.001,
        "slope": 1.333,
        "slope_low": 1.31,
        "slope_high": 1.36,
        "cap": None,
        "head": 350.0,
        "carriers": 28,
        "eligible": 30,
        "share_low": 0.72,
        "share_high": 0.99,
        "ceiling": 1.4,
        "excluded": (),
        "detectable": None,
        "padded": False,
        "bytes": 140_000,
        "stage2": None,
        "p_stage2": None,
    }
    return HostVerdict(**(values | more))


NOT: dict[str, Any] = {
    "outcome": "not supported",
    "why": "no dependence was found",
    "p": 0.4,
    "p_adjusted": 1.0,
    "slope": None,
    "slope_low": None,
    "slope_high": None,
    "carriers": 0,
    "eligible": 0,
    "share_low": None,
    "share_high": None,
    "ceiling": 0.049,
    "bytes": 4000,
}
CASES: list[tuple[str, dict[str, Any], list[str], list[str]]] = [
    (
        "content",
        {"stage2": "content", "p_stage2": 0.0005},
        [
            "rose by 1.33 bytes (99 % interval 1.31 to 1.36) per character",
            "p = 0.001 after correction for 20 hosts",
            "as base64 of the text would",
            "two bytes in UTF-8 (p = 0.0005)",
            "about as large as all of it, was sent.",
        ],
        ["“the text was sent in clear”", "who runs the host is another finding"],
    ),
    (
        "content",
        {"stage2": "content", "cap": 1024, "slope": 1.0, "slope_low": 0.98, "slope_high": 1.02},
        ["up to about 1,024 characters and not beyond", "as large as 1,024 characters of it"],
        ["Nor which characters"],
    ),
    (
        "content",
        {"stage2": "content", "carriers": 9, "share_low": 0.11, "share_high": 0.56},
        [
            "After 9 of 30 prompts",
            "(99 % interval 11 to 56 %)",
            "after the others none was found",
            "with some prompts.",
        ],
        [],
    ),
    (
        "content",
        {"stage2": "content", "slope": 0.1, "slope_low": 0.08, "slope_high": 0.12},
        ["of a size that grows with it, was sent"],
        [],
    ),
    (
        "content",
        {"stage2": "content", "padded": True},
        ["followed the length of the submitted prompt", "of a size that grows with it"],
        [],
    ),
    (
        "length",
        {"stage2": "not shown", "p_stage2": 0.4},
        ["Whether it depends on the content was not shown", "(p = 0.4)", "characters, lines or layout"],
        ["or the opposite"],
    ),
    (
        "length, content not tested",
        {},
        ["Whether it depends on the content was not tested"],
        ["counter of characters"],
    ),
    (
        "trace",
        NOT | {"p_adjusted": 0.004, "slope": 0.0003, "slope_low": 0.0001, "slope_high": 0.01},
        ["by at most 0.010 bytes per character", "A field that states the length would do that"],
        ["learns nothing"],
    ),
    (
        "absent",
        NOT
        | {"excluded": ("the whole text of every prompt, compressed", "the whole text of 3 prompts in 10")},
        [
            "In 50 prompts of random length",
            "was not found to depend on the length",
            "Had it been sent the whole text of every prompt, compressed; or the whole text of 3 prompts in 10, this",
            "at least 95 %",
            "All 4,000 bytes sent there could hold at most 4.9 % of the text",
        ],
        ["a digest, a category, a few characters, a rarer upload"],
    ),
    ("absent", NOT | {"ceiling": 0.0, "bytes": 0}, ["at most 0.1 % of the text"], []),
    ("absent", NOT | {"ceiling": 3.0}, ["would hold the whole text, so counting them excludes nothing"], []),
    (
        "padded",
        NOT | {"outcome": "cannot tell", "padded": True},
        ["large enough to hold the longest one", "This cannot be told"],
        ["in either direction"],
    ),
    (
        "irregular",
        NOT | {"outcome": "cannot tell", "detectable": 0.5},
        ["too irregular for this plan", "less than 0.5 bytes per character would have gone unnoticed"],
        ["in either direction"],
    ),
    (
        "irregular",
        NOT | {"outcome": "cannot tell", "why": "the amount is not established"},
        ["this cannot be told: the amount is not established."],
        ["in either direction"],
    ),
]


@pytest.mark.parametrize(("what", "more", "licensed", "forbidden"), CASES)
def test_each_verdict_has_its_two_sentences(
    what: str, more: dict[str, Any], licensed: list[str], forbidden: list[str]
) -> None:
    """The kind, what is licensed and what is not."""
    v = verdict(**more)
    assert kind(v, TOLD) == what
    said, never = sentences(HOST, v, what, TOLD)
    assert all(words in said for words in licensed), said
    assert all(words in never for words in forbidden), never
    assert HOST in said and HOST in never


def test_the_first_party_is_a_control_and_no_result() -> None:
    """What it is sent was presupposed; the sentence says what that shows."""
    v = verdict(stage2="content")
    assert kind(v, TOLD, control=True) == "control"
    said, never = sentences(HOST, v, "control", TOLD)
    assert said.startswith("Positive control: ") and "as a result" in never


def test_a_failed_control_silences_every_host() -> None:
    """Whatever the numbers are, also at the first party."""
    failed = TOLD._replace(failed=("Positive control",))
    for control in (True, False):
        assert kind(verdict(stage2="content"), failed, control) == "failed"
    said, _ = sentences(HOST, verdict(stage2="content"), "failed", failed)
    assert said == f"Nothing can be said of the connection named {HOST}: Positive control failed."


def every() -> list[tuple[str, HostVerdict]]:
    """All combinations of what a verdict can hold, possible or not."""
    found = []
    for outcome, stage2, padded, cap, slope, few, excluded in product(
        ("supported", "not supported", "cannot tell"),
        (None, "content", "not shown"),
        (False, True),
        (None, 1024),
        (None, 0.01, 0.757, 1.0, 2.0),
        (False, True),
        ((), ("the whole text of 3 prompts in 10",)),
    ):
        more: dict[str, Any] = {"slope": slope, "slope_low": slope, "slope_high": slope}
        more |= {"p_adjusted": 0.4 if slope is None else 0.001, "drafts": 2 if few else None}
        more |= {"share_high": 0.3 if few else 0.99, "cap": cap, "padded": padded, "excluded": excluded}
        v = verdict(outcome=outcome, stage2=stage2, why="the traffic is irregular", **more)
        found += [
            (kind(v, told, own), v)
            for told in (TOLD, TOLD._replace(failed=("Latency",)))
            for own in (True, False)
        ]
    return found


def test_no_licensed_sentence_says_more_than_volume() -> None:
    """Over all outcomes: nothing of receiving, reading, containing, knowing."""
    seen = set()
    for what, v in every():
        seen.add(what)
        said, never = sentences(HOST, v, what, TOLD._replace(failed=("Latency",)))
        assert not TOO_MUCH.search(said), said
        assert never.strip()
    assert seen == set(KINDS)


def test_only_content_supports_what_a_text_was() -> None:
    """A sentence about the prompt's text as a cause belongs to one kind alone."""
    for what, v in every():
        said, _ = sentences(HOST, v, what, TOLD._replace(failed=("Latency",)))
        assert ("made from the text" in said) is (what == "content")


@pytest.mark.parametrize(
    ("slope", "low", "high", "like"),
    [
        (0.757, 0.74, 0.77, "as the compressed text would"),
        (1.0, 0.99, 1.01, "one byte a character"),
        (2.0, 1.9, 2.1, "two bytes a character"),
        (1.0, 0.7, 1.4, None),
        (0.4, 0.3, 0.5, None),
    ],
)
def test_a_slope_is_likened_to_one_coding_or_to_none(
    slope: float, low: float, high: float, like: str | None
) -> None:
    """An interval that holds two codings, or none, names none."""
    said = volume(HOST, verdict(slope=slope, slope_low=low, slope_high=high), TOLD)
    assert (" would" in said) is (like is not None)
    assert like is None or like in said


def test_a_field_depends_and_contains_nothing() -> None:
    """A decoded field that follows the prompt may be a digest, a category, a count."""
    row: dict[str, Any] = {"host": HOST, "part": "body", "path": "/d", "p_adjusted": 0.004}
    said, never = field_sentences(row | {"agree": 7, "inputs": 7, "values": 7}, 500)
    assert "/d (body of requests to opaque.brightmoor.test) took the same value" in said
    assert "7 of 7 prompts" in said and "p = 0.004 after correction for 500 fields" in said
    assert not TOO_MUCH.search(said) and "contains the prompt" in never

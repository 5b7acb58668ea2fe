"""Each class of a pair of data and recipient, and the readings that favour the policy where its words are broad."""

from pathlib import Path
from typing import Any

import pytest

from policy_readings import reading, statement
from promptrail.findings.policy.annotation import read
from promptrail.findings.policy.classes import CLASSES, judge, together
from promptrail.findings.policy.pairs import VALUE, Pair
from promptrail.findings.policy.recipients import Recipient

MAKER = Recipient("Parley Labs", True, ("chat.parley.test",), frozenset({"parley labs"}))
CLOUD = Recipient(
    "Brightmoor Cloud",
    False,
    ("in.brightmoor.test",),
    frozenset({"brightmoor cloud"}),
    frozenset({"brightmoor group"}),
    frozenset({"cloud providers", "analytics providers"}),
)
DARK = Recipient("holder of x.example not known", None, ("x.example",))
BRIGHTMOOR = {"company": [{"name": "Brightmoor Cloud"}, {"name": "Brightmoor Group"}, {"name": "Tidedesk"}]}
YES, NO = "shares", "does not share"


def klass(folder: Path, data: str, holder: Recipient, *rows: dict[str, Any], **more: Any) -> str:
    return judge(read(reading(folder, *rows, **(BRIGHTMOOR | more))), Pair(data, holder, VALUE)).klass


def row(data: str, entity: str, says: str = YES, **more: Any) -> dict[str, Any]:
    return statement(data, entity, says, **more)


TABLE = [
    # data, recipient, statements, class
    ("prompts", CLOUD, [row("prompts", "Brightmoor Cloud")], "clear"),
    ("prompts", MAKER, [row("prompts", "first party", "collects")], "clear"),
    ("prompts", CLOUD, [row("text typed", "Brightmoor Cloud")], "vague"),
    ("prompts", CLOUD, [row("prompts", "Brightmoor Group")], "vague"),
    ("prompts", CLOUD, [row("prompts", "analytics providers")], "vague"),
    ("prompts", CLOUD, [row("prompts", "service providers")], "vague"),
    ("prompts", CLOUD, [row("prompts", "partners")], "vague"),
    ("prompts", CLOUD, [row("personal information", "anyone")], "vague"),
    ("prompts", MAKER, [row("prompts", "anyone")], "vague"),
    ("prompts", CLOUD, [row("prompts", "Brightmoor Cloud"), row("content", "partners")], "clear"),
    ("prompts", CLOUD, [row("prompts", "partners"), row("prompts", "third parties", NO)], "ambiguous"),
    ("prompts", CLOUD, [row("prompts", "Brightmoor Cloud"), row("content", "anyone", NO)], "ambiguous"),
    ("prompts", CLOUD, [row("prompts", "third parties", NO)], "incorrect"),
    ("prompts", CLOUD, [row("personal information", "cloud providers", NO)], "incorrect"),
    ("prompts", MAKER, [row("content", "anyone", NO)], "incorrect"),
    ("prompts", CLOUD, [], "omitted"),
    ("prompts", CLOUD, [row("prompts", "first party", "collects")], "omitted"),
    ("prompts", CLOUD, [row("drafts", "Brightmoor Cloud")], "omitted"),
    ("prompts", CLOUD, [row("prompts", "Tidedesk")], "omitted"),
    ("prompts", CLOUD, [row("prompts", "advertising providers")], "omitted"),
    ("text typed", CLOUD, [row("prompts", "Brightmoor Cloud")], "omitted"),
    ("prompts", MAKER, [row("prompts", "partners")], "omitted"),
]


@pytest.mark.parametrize(("data", "holder", "rows", "wanted"), TABLE)
def test_the_five_classes(
    tmp_path: Path, data: str, holder: Recipient, rows: list[dict[str, Any]], wanted: str
) -> None:
    """By whether a statement covers data and recipient, exactly or by a broader word, and whether one denies it."""
    assert klass(tmp_path, data, holder, *rows) == wanted


def test_a_denial_about_words_that_leave_nobody_out_covers_only_whom_they_fit(tmp_path: Path) -> None:
    """Not sharing with partners says nothing of a company that nobody calls one."""
    assert klass(tmp_path / "a", "prompts", CLOUD, row("prompts", "partners", NO)) == "omitted"
    named = [{"name": "Brightmoor Cloud", "is": ["partners"], "why": "the policy calls it so"}]
    assert (
        klass(tmp_path / "b", "prompts", CLOUD, row("prompts", "partners", NO), company=named) == "incorrect"
    )


def test_an_exception_takes_its_case_out_of_the_rule(tmp_path: Path) -> None:
    """Only its own case, and only where it is marked as one."""
    rule = row("prompts", "third parties", NO, id="rule")
    but = row("prompts", "Brightmoor Cloud", exception_to=["rule"])
    assert klass(tmp_path / "a", "prompts", CLOUD, rule, but) == "clear"
    other = Recipient("Tidedesk", False, ("t.example",), frozenset({"tidedesk"}))
    assert klass(tmp_path / "b", "prompts", other, rule, but) == "incorrect"


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([], "omitted"),
        ([row("drafts", "first party", "collects")], "omitted"),
        ([row("prompts", "first party", "collects")], "holder not known"),
        ([row("prompts", "partners")], "holder not known"),
        ([row("prompts", "anyone")], "vague"),
        ([row("prompts", "anyone", NO)], "incorrect"),
    ],
)
def test_an_unknown_holder_is_neither_maker_nor_third_party(
    tmp_path: Path, rows: list[dict[str, Any]], wanted: str
) -> None:
    """A class is given only where it would be the same for both."""
    assert klass(tmp_path, "prompts", DARK, *rows) == wanted


@pytest.mark.parametrize(
    ("classes", "wanted"),
    [
        (["clear", "clear"], "clear"),
        (["omitted", "incorrect"], "not declared"),
        (["omitted", "vague"], "disputed"),
        (["ambiguous"], "ambiguous"),
    ],
)
def test_what_annotators_give_together(classes: list[str], wanted: str) -> None:
    """Two ways of not being declared are one; anything else that differs is disputed."""
    assert together(classes) == wanted and wanted in CLASSES

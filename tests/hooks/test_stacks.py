"""The table of stacks claims no more than the tests run."""

import ast

import pytest

from conftest import ROOT
from hooks.stacks import DOUBLE, REAL, UNRUN, WORDS, claims, markdown, rows
from promptrail.device import agents
from readme import stacks_in_the_readme

STACKS = rows()


def functions(file: str, long: bool) -> set[str]:
    """The tests of a file that run real processes, by --long or every time; none of a file that does not say so."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    marks = [
        ast.unparse(n.value)
        for n in tree.body
        if isinstance(n, ast.Assign) and "pytestmark" in ast.unparse(n)
    ]
    rigs = any("pytest.mark.rig" in mark for mark in marks)
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and (rigs or any("mark.rig" in ast.unparse(d) for d in node.decorator_list))
        and long == any("mark.long" in ast.unparse(d) for d in node.decorator_list)
        and not any("mark.skip" in ast.unparse(d) for d in node.decorator_list)
    }


@pytest.mark.parametrize("row", STACKS, ids=lambda row: row["name"])
def test_a_row_names_what_ran_it(row: dict[str, object]) -> None:
    """Real processes and doubles name rig tests that exist and run as it says; what was never run names none."""
    assert row["status"] in WORDS and row["agents"]
    tests = row.get("tests", [])
    assert isinstance(tests, list) and bool(tests) == (row["status"] in (REAL, DOUBLE))
    for test in tests:
        file, _, name = test.partition("::")
        assert name in functions(file, bool(row.get("long"))), f"{test} is no test of a real process"


def test_every_agent_has_a_row() -> None:
    """An agent that nobody ran says so, too."""
    assert {agent for row in STACKS for agent in row["agents"]} == set(agents.names())


def test_a_run_bears_a_row_out_or_refutes_it() -> None:
    """All tests of a row passed: shown; one failed: refuted; one had no turn: not run, which is neither."""
    row = next(row for row in STACKS if len(row.get("tests", ())) > 1)
    name, tests = row["name"], set(row["tests"])
    one = min(tests)
    assert dict(claims(tests, set()))[name] == "shown"
    assert dict(claims(tests - {one}, {one}))[name] == "refuted"
    assert dict(claims(tests - {one}, set()))[name] == "not run"


def test_a_table_of_a_run_claims_what_it_bore_out() -> None:
    """A row that failed, or had no turn, says so instead of its claim; with all of them shown it is README's table."""
    states = {name: "shown" for name, _ in claims(set(), set())}
    assert markdown(states) == markdown()
    name = next(row["name"] for row in STACKS if row["status"] == REAL and not row.get("long"))
    for state in ("refuted", "not run"):
        (line,) = [
            line for line in markdown(states | {name: state}).splitlines() if line.startswith(f"| {name} |")
        ]
        assert f"**{state}**" in line and "works on" not in line


def test_the_words_are_told_apart() -> None:
    """A reader of the table cannot take a double or a guess for a real process."""
    table = markdown()
    assert table.count("| works on a real process") == sum(row["status"] == REAL for row in STACKS)
    assert table.count("not run |") == sum(row["status"] == UNRUN for row in STACKS)


def test_the_readme_shows_it() -> None:
    """README's table is this one, to the letter."""
    assert stacks_in_the_readme() == markdown()

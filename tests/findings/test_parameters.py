"""Notebook parameters: types as papermill hands them over, unknown names, patterns of runs."""

from typing import Any

import pandas as pd
import pytest

from promptrail.errors import ParameterError
from promptrail.findings import FINDINGS
from promptrail.findings.parameters import Parameter, check, chosen_runs

DECLARED = [
    Parameter("case", str, "data/sample", ""),
    Parameter("most", int, 10, ""),
    Parameter("share", float, 0.5, ""),
    Parameter("show", bool, False, ""),
]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"show": "true"}, True),
        ({"show": "False"}, False),
        ({"show": True}, True),
    ],
)
def test_a_flag_may_come_as_text(given: dict[str, Any], expected: bool) -> None:
    """`-p show true` arrives as the string "true", and "false" is not true."""
    assert check("n", DECLARED, given)["show"] is expected


@pytest.mark.parametrize(
    "given",
    [
        {"show": "maybe"},
        {"show": 1},
        {"most": "ten"},
        {"most": 1.5},
        {"most": True},
        {"share": "x"},
        {"case": 7},
        {"case": None},
    ],
)
def test_a_wrong_type_is_refused(given: dict[str, Any]) -> None:
    """The message names notebook, parameter, value and what is wanted."""
    (name,) = given
    with pytest.raises(ParameterError, match=f"n: the parameter {name} must be"):
        check("n", DECLARED, given)


def test_an_unknown_name_is_refused_with_a_hint() -> None:
    """A typo never runs with the default in silence."""
    with pytest.raises(ParameterError, match="Did you mean 'share'"):
        check("n", DECLARED, {"shar": 0.1})


def test_defaults_are_recorded() -> None:
    """The effective parameters are all parameters, in declared order."""
    assert list(check("n", DECLARED, {"most": "3"}).items()) == [
        ("case", "data/sample"),
        ("most", 3),
        ("share", 0.5),
        ("show", False),
    ]


def test_a_pattern_that_fits_no_run_is_refused() -> None:
    """A misspelt run is an error that lists the runs, not an empty report."""
    runs = pd.DataFrame({"run": ["a-1", "a-2", "b"], "control": ["C1", "C0", None]})
    assert chosen_runs(runs, "a-*") == ["a-1", "a-2"]
    assert chosen_runs(runs, "", ("C0",)) == ["a-1", "b"]
    with pytest.raises(ParameterError, match="a-1, a-2, b"):
        chosen_runs(runs, "c*")


@pytest.mark.parametrize("name", FINDINGS)
def test_every_parameter_has_help(name: str) -> None:
    """Each finding declares `case` first, and says of each parameter what it does."""
    declared = FINDINGS[name].PARAMETERS
    assert declared[0].name == "case" and all(len(p.help) > 15 for p in declared)

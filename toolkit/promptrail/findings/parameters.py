"""What a notebook may be asked: names, types, defaults, help. Values are checked before anything else is done.

papermill hands `-p x true` over as the string "true" and checks no name; here a wrong type and an unknown name are
errors that say what would be right.
"""

import difflib
import fnmatch
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from promptrail.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd

TRUE, FALSE = {"true", "yes", "1"}, {"false", "no", "0"}


class Parameter(NamedTuple):
    name: str
    type: type
    default: Any
    help: str


CASE = Parameter(
    "case",
    str,
    "data/sample",
    "folder of the case; data/sample is the simulated one that comes with promptrail",
)
RUN = Parameter("run", str, "", "only runs whose name fits this pattern, such as before-*; empty: all")
SHOW_VALUES = Parameter(
    "show_values", bool, False, "print identifiers, e-mail addresses and phone numbers in full"
)
ASIDE = ("C3", "wrong-ca")
"""Controls whose runs no finding counts: another app's, and those in which the device did not trust the proxy."""


def check(notebook: str, declared: Iterable[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """The effective parameters in declared order. ParameterError for an unknown name or a value of the wrong type."""
    known = {p.name: p for p in declared}
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ParameterError(f"{notebook} has no parameter {name!r}.{hint} It has: {', '.join(known)}.")
    return {p.name: _typed(notebook, p, given.get(p.name, p.default)) for p in known.values()}


def _typed(notebook: str, parameter: Parameter, value: Any) -> Any:
    if parameter.type is bool and isinstance(value, str) and value.strip().lower() in TRUE | FALSE:
        return value.strip().lower() in TRUE
    if parameter.type is int and isinstance(value, str) and value.strip().lstrip("+-").isdigit():
        return int(value)
    if parameter.type is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if parameter.type is str and hasattr(value, "__fspath__"):
        return str(value)
    if type(value) is parameter.type:
        return value
    wanted = {"bool": "true or false", "int": "a whole number", "float": "a number", "str": "text"}[
        parameter.type.__name__
    ]
    raise ParameterError(
        f"{notebook}: the parameter {parameter.name} must be {wanted}, not {value!r} ({type(value).__name__})."
    )


def chosen_runs(runs: "pd.DataFrame", pattern: str, without: Iterable[str] = ()) -> list[str]:
    """The names of the runs that a pattern names, less those of some controls; ParameterError if none is named."""
    every = list(runs["run"])
    other = set(runs.loc[runs["control"].isin(list(without)), "run"])
    fitting = [r for r in every if not pattern or fnmatch.fnmatchcase(r, pattern)]
    if every and not fitting:
        raise ParameterError(f"no run fits {pattern!r}. The case has: {', '.join(every)}.")
    return [r for r in fitting if r not in other]

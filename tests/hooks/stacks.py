"""Which stack each agent was run on, and how: addons/frida/stacks.toml in, README's table out.

A row is `real process` only with the tests that run it there (`long` if only --long does). `double` ran on classes of
the same names and signatures. `documentation only` was never run. Whoever has run one adds the test, changes the row.
"""

import tomllib
from collections.abc import Mapping
from typing import Any

from conftest import ROOT

FILE = ROOT / "addons" / "frida" / "stacks.toml"
REAL, DOUBLE, UNRUN = "real process", "double", "documentation only"
BY_LONG = "works on a real process (by `--long`: its parts are no packages of Debian's)"
WORDS = {
    REAL: "works on a real process",
    DOUBLE: "ran on doubles of the classes, not on the platform",
    UNRUN: "built from documentation only, not run",
}


def rows() -> list[dict[str, Any]]:
    return list(tomllib.loads(FILE.read_text(encoding="utf-8"))["stack"])


def markdown(states: Mapping[str, str] | None = None) -> str:
    """The table as README.md holds it; by the `states` of a run, a claim that it did not bear out is none.

    What only --long runs stands on the row's own word.
    """
    lines = ["| stack | agents | how it was run |", "| --- | --- | --- |"]
    for row in sorted(rows(), key=lambda row: [*WORDS].index(row["status"])):
        agents = ", ".join(f"`{agent}`" for agent in row["agents"])
        note = f": {row['note']}" if row.get("note") else ""
        words = BY_LONG if row.get("long") else WORDS[row["status"]]
        if states is not None and not row.get("long") and states.get(row["name"], "shown") != "shown":
            words = f"**{states[row['name']]}**"
        lines.append(f"| {row['name']} | {agents} | {words}{note} |")
    return "\n".join(lines) + "\n"


def claims(passed: set[str], failed: set[str]) -> list[tuple[str, str]]:
    """Each row that names tests, with what a run showed of it: "shown", "refuted", or "not run" if a test had no turn.

    Both sets hold names as `tests/hooks/test_x.py::test_y`; a test with parameters passed only with all of them.
    """
    found = []
    for row in rows():
        if tests := set(row.get("tests", ())):
            state = "refuted" if tests & failed else "shown" if tests <= passed else "not run"
            found.append((row["name"], state))
    return found

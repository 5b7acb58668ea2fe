"""Runs whose CA nobody trusts: what the proxy reads there was accepted all the same."""

from pathlib import Path
from typing import Any

import pytest

from factories import Rows
from findings.weak_cases import CLOUD, KIT, OWN, answer
from promptrail.findings.weak.checks import material


def run(
    rows: Rows,
    *,
    marked: str = "event",
    label: str | None = None,
    refused: bool = True,
    accepted: bool = True,
) -> None:
    """An ordinary run, and one in which the CA is not trusted."""
    rows.flow(rows.run("plain"), OWN, b"{}")
    rows.run("stranger", control="wrong-ca" if marked == "control" else None)
    if marked == "event":
        rows.event("stranger", 0, "untrusted-ca", label=label)
    if refused:
        rows.connection("stranger", OWN, "pinned", tls_version=None)
    if accepted:
        rows.flow("stranger", CLOUD, b"{}")
        known: Any = rows.rows["connections"][-1]
        object.__setattr__(known, "tls_version", "TLSv1.3")
        object.__setattr__(known, "witnesses", ["proxy"])


@pytest.mark.parametrize(
    ("how", "status", "proof"),
    [
        ({}, "found", "1 refused connection"),
        ({"marked": "control"}, "found", "1 refused connection"),
        ({"refused": False, "label": "self-test: not trusted"}, "found", "the self-test"),
        ({"refused": False}, "not testable", ""),
        ({"refused": False, "marked": "control"}, "not testable", ""),
        ({"accepted": False}, "not found", ""),
        ({"marked": "nothing"}, "not testable", ""),
    ],
)
def test_what_is_read_with_a_ca_that_is_untrusted(
    tmp_path: Path, how: dict[str, Any], status: str, proof: str
) -> None:
    """It counts only where something shows that the CA was untrusted: a refusal in the run, or the self-test."""
    rows = Rows()
    run(rows, **how)
    found = answer(rows, tmp_path, "wrong-ca")
    assert found.status == status
    assert [row.host for row in found.rows] == ([CLOUD] if status == "found" else [])
    assert all(f"untrusted by {proof}" in row.what for row in found.rows)


def test_only_hosts_that_met_the_stranger_are_tested(tmp_path: Path) -> None:
    """A host of other runs is not called sound."""
    rows = Rows()
    run(rows)
    rows.flow("plain", KIT, b"{}")
    assert answer(rows, tmp_path, "wrong-ca").hosts == {OWN, CLOUD}


def test_http_there_is_no_accepted_certificate(tmp_path: Path) -> None:
    """Without TLS nothing was accepted."""
    rows = Rows()
    run(rows, accepted=False)
    rows.flow("stranger", CLOUD, b"{}", scheme="http", sni=None)
    assert answer(rows, tmp_path, "wrong-ca").status == "not found"


def test_such_a_run_serves_no_other_check(tmp_path: Path) -> None:
    """An app may behave otherwise when it is refused: neither flows nor connections of the run are looked at."""
    rows = Rows()
    run(rows)
    case = rows.write(tmp_path / "case")
    seen = material(case, ["plain", "stranger"])
    assert (seen.runs, seen.untrusted) == (["plain"], ["stranger"])
    assert set(seen.flows["run"]) == set(seen.connections["run"]) == {"plain"}

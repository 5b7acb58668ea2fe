"""A real app's first run, attributed: its hosts are known, and what the addresses cannot tell is said."""

from pathlib import Path

import pytest

from promptrail import ingest, pipeline
from promptrail.case import Case


@pytest.mark.needs_shared
def test_a_real_apps_hosts_are_known(tmp_path: Path, real_captures: Path) -> None:
    """Every host has an owner with source and date; behind CloudFront no country is told, and the edge is flagged."""
    case = Case.create(tmp_path / "case")
    ingest.place(case, real_captures / "android-app-first-run.har")
    pipeline.ensure(case)
    rows = case.recipients
    owners = rows[rows["question"] == "domain_owner"]
    assert len(owners) == 5 and owners[["answer", "source", "as_of", "licence"]].notna().all().all()
    assert set(owners["answer"]) == {"Branch", "BugSnag", "Meta (Facebook)"}
    edge = rows[(rows["host"] == "api2.branch.io") & (rows["question"] == "address_country")]
    assert list(edge["status"]) == ["not determinable"]
    flags = rows[rows["question"] == "disagreement"].groupby("note")["host"].agg(set)
    assert flags["network of another name"] == {"api2.branch.io", "cdn.branch.io"}
    assert set(flags.index) == {"network of another name", "date of a source"}

"""Settings in captures of real apps: what other people's tools show in the same files is found, and nothing is said
of answers that the files do not hold."""

from pathlib import Path
from typing import Any

import pytest

from promptrail import ingest, pipeline
from promptrail.case import Case
from promptrail.findings.before_after import finding as before_after
from promptrail.findings.remote import finding as remote


def traced(file: Path, folder: Path) -> Case:
    case = Case.create(folder)
    ingest.place(case, file)
    pipeline.ensure(case)
    return case


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    ("name", "host", "kind"),
    [
        ("mitmproxy-event_stream.mitm", "clientstream.launchdarkly.com", "LaunchDarkly flags"),
        ("mitmproxy-event_stream.har", "clientstream.launchdarkly.com", "LaunchDarkly flags"),
        ("android-app-first-run.har", "graph.facebook.com", "gatekeepers of the Facebook SDK"),
    ],
)
def test_settings_that_real_apps_ask_for_are_known(
    real_captures: Path, tmp_path: Path, name: str, host: str, kind: str
) -> None:
    """Flags of two vendors; their answers are not in these files, so nothing more than that can be said."""
    found = remote.find(traced(real_captures / name, tmp_path / "case"))
    rows: Any = found.facts["sources"]
    assert [(row["host"], row["who"], row["kinds"]) for row in rows] == [(host, "unread", [kind])]
    assert found.verdict == "cannot tell" and "no answer to that could be read" in found.sentence


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    "name", ["browser-chrome.har", "mitmproxy-websocket.mitm", "mitmproxy-successful_log.mitm"]
)
def test_what_hands_out_nothing_is_left_alone(real_captures: Path, tmp_path: Path, name: str) -> None:
    """No false alarm, and one run is no comparison."""
    case = traced(real_captures / name, tmp_path / "case")
    assert remote.find(case).facts["sources"] == []
    assert "The one run is of one version (not stated)" in before_after.find(case).sentence

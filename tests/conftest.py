"""What holds for every test: which ones wait for --long, and that CI accepts no other skip, nor an expected failure.

A test that is skipped proves nothing, and a rig that quietly stopped running looks like one that passes. With CI=true
a skip is a failure that names its reason, except where the test was never meant for this run: `long` without --long,
and `needs_shared` where the real captures are not at hand.
"""

import os
import signal
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "real"
"""Captures of real apps that we may read and not pass on."""
IN_CI = os.environ.get("CI") == "true"


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it puts into the background so, and every process below would be deaf to the Ctrl-C of a test.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the long proofs")


def not_meant(item: pytest.Item) -> str | None:
    """Why this test is none of this run's business."""
    if item.get_closest_marker("long") and not item.config.getoption("--long"):
        return "a long proof: add --long"
    if item.get_closest_marker("needs_shared") and not REAL.is_dir():
        return f"needs real captures in {REAL}"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if reason := not_meant(item):
            item.add_marker(pytest.mark.skip(reason=reason))


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if IN_CI and report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        if hasattr(report, "wasxfail"):
            reason = f"it is expected to fail: {report.wasxfail}"
        report.outcome = "failed"
        report.longrepr = f"CI allows no skip, and this one skipped itself: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not not_meant(item):
        refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    refuse_skip(report)
    return report


@pytest.fixture(scope="session")
def real_captures() -> Path:
    """The folder of real captures; tests that ask for it carry the mark needs_shared."""
    return REAL


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """README's table of hooked stacks, row by row as this run bore it out."""

    def named(*outcomes: str) -> set[str]:
        reports = [report for outcome in outcomes for report in terminalreporter.getreports(outcome)]
        return {report.nodeid.partition("[")[0] for report in reports}

    failed = named("failed", "error")
    passed = named("passed") - failed
    if not any("tests/hooks/" in name for name in passed | failed):
        return
    from hooks.stacks import claims, markdown

    states = claims(passed, failed)
    if any(state != "not run" for _, state in states):
        terminalreporter.section("stacks of README's table in this run")
        for name, state in states:
            terminalreporter.write_line(f"{state:8} {name}")
        if (cache := terminalreporter.config.cache) is not None:
            (cache.mkdir("stacks") / "README.md").write_text(markdown(dict(states)), encoding="utf-8")

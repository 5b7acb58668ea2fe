"""promptrail run: notebooks into executed notebooks, pages, PDF and findings.json."""

import argparse
import sys
from typing import Any

from promptrail.case import Case
from promptrail.cli.speech import safe, say, tell_problems
from promptrail.errors import ParameterError
from promptrail.language import chosen


def add(commands: Any) -> None:
    run = commands.add_parser("run", help="execute the notebooks of a case and make its report")
    run.add_argument("case", metavar="CASE")
    run.add_argument("notebooks", metavar="NOTEBOOK", nargs="*", help="such as 01-prompt-to-host; none: all")
    run.add_argument(
        "-p",
        dest="parameters",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a notebook parameter",
    )
    run.add_argument(
        "--show-values",
        action="store_true",
        help="print identifiers, e-mail addresses and phone numbers in full",
    )
    run.add_argument("--no-pdf", action="store_true", help="leave the PDF edition out")
    run.add_argument("--language", default="", help="of the report: en, or a translation such as ko")
    run.set_defaults(run=run_notebooks)


def run_notebooks(options: argparse.Namespace) -> int:
    from promptrail import pipeline

    case = Case.open(options.case)
    language = chosen(case.language, options.language)
    tell_problems(pipeline.ensure(case, say))
    given = (options.notebooks, options.parameters, options.show_values, not options.no_pdf)
    tell(case, make(case, *given, language), language)
    return 0


def make(
    case: Case,
    notebooks: list[str],
    parameters: list[str],
    show_values: bool,
    pdf: bool,
    language: str = "",
) -> list[Any]:
    """Run and export; returns the runner's results."""
    from promptrail.report.run import run

    typed: dict[str, Any] = {}
    for pair in parameters:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise ParameterError(f"-p {pair}: expected NAME=VALUE, such as -p run=before-*.")
        typed[name] = value
    return list(run(case, notebooks or None, typed, show_values, pdf, language=language, say=say))


def tell(case: Case, results: list[Any], language: str = "") -> None:
    """One line a finding, then where the report is."""
    from promptrail.report.run import folder_of

    if case.simulated:
        print("SIMULATED: fictional app, companies and hosts. This is not evidence about anyone.")
    for result in results:
        finding = result.finding
        grade = f", {finding['grade']}" if finding["grade"] else ""
        print(f"{result.notebook}: {finding['verdict']}{grade}. {safe(finding['sentence'])}")
    print(f"Report: {folder_of(case, chosen(case.language, language)) / 'index.html'}", file=sys.stdout)

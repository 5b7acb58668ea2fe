"""The command `promptrail`: one command a stage. Parsing is here, each command's work in the file of its stage.

Exit codes: 0 done, whatever the answer; 1 could not be done, and nothing was changed; 2 the command line is wrong;
3 done, but a part of the input was lost (a file cut short, a recording that broke off); 130 stopped by Ctrl-C.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from promptrail import __version__
from promptrail.cli import (
    analyse,
    attribution,
    cases,
    demo,
    doctoring,
    emulating,
    exporting,
    opening,
    packages,
    planning,
    record,
    recording,
    reporting,
)
from promptrail.cli.speech import safe
from promptrail.errors import PromptrailError

OK, FAILED, LOST, STOPPED = 0, 1, 3, 130
EPILOG = """\
your own capture, in four commands:
  promptrail case new mycase --app Parley
  promptrail import mycase traffic.har
  promptrail probe add mycase --kind prompt --text "what I typed kestrel-4417"
  promptrail run mycase

exit codes: 0 done; 1 could not be done; 2 wrong command line; 3 done, but part of the input was lost
Only for apps and devices that you are authorised to examine."""


def parser() -> argparse.ArgumentParser:
    """Every command with its options; tests hold the README against it."""
    top = argparse.ArgumentParser(
        prog="promptrail",
        description="Prove what a chatbot app sent, to whom, and how sure that is.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"promptrail {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for stage in (
        demo,
        doctoring,
        emulating,
        cases,
        planning,
        record,
        recording,
        packages,
        analyse,
        attribution,
        reporting,
        opening,
        exporting,
    ):
        stage.add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = parser().parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()
        return int(code or OK)
    except PromptrailError as fault:
        print(f"promptrail: {safe(str(fault))}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("promptrail: stopped by Ctrl-C", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:  # `promptrail trace CASE --json | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK

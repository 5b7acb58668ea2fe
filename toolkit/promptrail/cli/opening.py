"""promptrail open: JupyterLab on a case, with a copy of every notebook that is set to it."""

import argparse
import importlib.util
import os
import sys
from typing import Any

from promptrail.case import Case
from promptrail.cli.speech import safe
from promptrail.errors import MissingTool

FIRST = "00-start-here.ipynb"


def add(commands: Any) -> None:
    lab = commands.add_parser("open", help="work on a case in JupyterLab")
    lab.add_argument("case", metavar="CASE")
    lab.add_argument(
        "notebook", metavar="NOTEBOOK", nargs="?", default="", help="such as 03-consent; none: 00-start-here"
    )
    lab.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    lab.add_argument("--port", type=int, default=8888, help="of the server, on this machine alone")
    lab.set_defaults(run=open_case)


def open_case(options: argparse.Namespace) -> int:
    """Becomes JupyterLab, so that Ctrl-C and its questions are JupyterLab's own."""
    from promptrail.report.bench import lay
    from promptrail.report.run import plan

    case = Case.open(options.case)
    first = f"{plan([options.notebook], {})[0].name}.ipynb" if options.notebook else FIRST
    if importlib.util.find_spec("jupyterlab") is None:
        raise MissingTool("JupyterLab is not installed here: `pip install 'promptrail[lab]'`.")
    laid = lay(case)
    if case.simulated:
        print("SIMULATED: fictional app, companies and hosts. This is not evidence about anyone.")
    if laid.kept:
        print(f"Left as they are, and unlike those of this promptrail: {safe(', '.join(laid.kept))}.")
    print(f"Opening {safe(str(laid.folder / first))}", flush=True)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={case.path.resolve()}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={options.port}",
        # Not as an argument: with --no-browser the address that is printed would not lead there.
        f"--LabApp.default_url=/lab/tree/{laid.folder.name}/{first}",
        *(["--no-browser"] if options.no_browser else []),
    ]
    sys.stdout.flush()
    os.chdir(case.path)
    os.execv(command[0], command)

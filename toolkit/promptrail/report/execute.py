"""A notebook and its parameters in, the executed notebook out, by papermill; refuses one that did not run to its end.

papermill alone lets four things pass that a report cannot: an unknown parameter, `sys.exit` half-way, no time limit,
and absolute paths in the metadata.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from promptrail.errors import NotebookError
from promptrail.report.page import refuse_incomplete
from promptrail.report.text import visible
from promptrail.report.translated import translate

START = 60
"""Seconds that a kernel has to come up."""


def execute(source: Path, folder: Path, parameters: dict[str, Any], timeout: int) -> NotebookNode:
    """Run `source` in the present language, with `folder` as its working directory; `timeout` seconds for each cell.

    NotebookError names the cell; what was run until then is kept as NAME.failed.ipynb in `folder`.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    given = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    translate(given)
    running = folder / f".{source.stem}.running.ipynb"
    failed = folder / f"{source.stem}.failed.ipynb"
    failed.unlink(missing_ok=True)
    # ipykernel warns of eavesdroppers on loopback unless the transport may be encrypted.
    config = Config({"KernelManager": {"transport_encryption": "auto"}})
    try:
        with _quiet():
            nb: NotebookNode = papermill.execute_notebook(
                given,
                str(running),
                parameters=parameters,
                kernel_name="python3",
                progress_bar=False,
                start_timeout=START,
                execution_timeout=timeout,
                config=config,
                shutdown_kernel="immediate",
                resources={"metadata": {"path": str(folder)}},
            )
        _relative(nb, source)
        refuse_incomplete(nb, source.name)
    except NotebookError as fault:
        raise NotebookError(_kept(running, failed, source, str(fault))) from fault
    except PapermillExecutionError as fault:
        said = visible(f"{fault.ename}: {fault.evalue}")[:600]
        raise NotebookError(
            _kept(running, failed, source, f"{source.name}: In [{fault.exec_count}] failed: {said}")
        ) from fault
    except Exception as fault:  # nbclient's timeouts and dead kernels share no base class of their own
        if isinstance(fault, OSError) and not isinstance(fault, TimeoutError):
            raise NotebookError(
                f"{folder}: cannot be written to: {fault.strerror or fault}. Make room there."
            ) from fault
        said = visible((str(fault).strip() or type(fault).__name__).splitlines()[0])[:300]
        what = f"{source.name}: did not run to its end: {said}"
        raise NotebookError(_kept(running, failed, source, what)) from fault
    running.unlink(missing_ok=True)
    return nb


def _kept(running: Path, failed: Path, source: Path, what: str) -> str:
    """Move what was run aside and say where it lies."""
    what = what.rstrip(". ") + "."
    if not running.exists():
        return f"{what} No report was made of it."
    nb = nbformat.read(running, as_version=4)  # type: ignore[no-untyped-call]
    _relative(nb, source)
    nbformat.write(nb, failed)  # type: ignore[no-untyped-call]
    running.unlink()
    return f"{what} No report was made of it; what ran is in {failed.name}."


def _relative(nb: NotebookNode, source: Path) -> None:
    """papermill notes the paths as given: where somebody's files lie is nobody's business."""
    about = nb.metadata.get("papermill", {})
    for key in ("input_path", "output_path"):
        if key in about:
            about[key] = source.name


@contextmanager
def _quiet() -> Iterator[None]:
    """papermill logs each cell and traitlets each kernel; errors reach the caller as exceptions."""
    names = [logging.getLogger(n) for n in ("papermill", "traitlets", "nbclient")]
    before = [(log, log.level) for log in names]
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    try:
        for log in names:
            log.setLevel(logging.CRITICAL)
        yield
    finally:
        for log, level in before:
            log.setLevel(level)

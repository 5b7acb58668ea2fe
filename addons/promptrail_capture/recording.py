"""What all parts of the addon share: the open evidence, and what happens when a record cannot be written.

The writer is `promptrail/case/evidence.py`, loaded by its file from the checkout or the installed package around this
one, so that promptrail itself need not be importable.
"""

import functools
import importlib.util
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PLACES = (
    HERE.parents[1]
    / "toolkit"
    / "promptrail"
    / "case"
    / "evidence.py",  # a checkout: addons/promptrail_capture
    HERE.parents[2] / "case" / "evidence.py",  # a wheel: promptrail/_shipped/addons/promptrail_capture
)


def _writer() -> Any:
    for place in PLACES:
        if place.is_file():
            spec = importlib.util.spec_from_file_location("promptrail_capture.evidence", place)
            assert spec and spec.loader
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise ModuleNotFoundError(
        f"The addon's writer is neither {PLACES[0]} nor {PLACES[1]}: use capture.py inside promptrail's checkout "
        "or its installed package, not copied out of it."
    )


evidence = _writer()


class Recording:
    """`writer` is the open evidence, or None before it is opened, after it is closed, and after it failed."""

    def __init__(self) -> None:
        self.writer: Any = None
        self.failed = False
        self.ending = False
        """The proxy shuts down already, so a failure has only to be told."""
        self.outcomes: dict[str, str] = {}
        """Outcome of each connection that is open, by its id."""

    def connection(self, conn: str, outcome: str | None = None, **known: Any) -> None:
        """Add to what is known of a connection; an outcome is written only where there is none yet."""
        if outcome and self.outcomes.get(conn, "open") == "open":
            self.outcomes[conn] = known["outcome"] = outcome
        if known := {k: v for k, v in known.items() if v is not None}:
            self.writer.record("connection", conn=conn, **known)

    def guard(self, act: Callable[[], object], where: str) -> None:
        """Run `act`. Evidence that cannot be written ends the proxy; any other failure becomes a record `problem`."""
        if self.writer is None:
            return
        try:
            try:
                act()
            except evidence.EvidenceError:
                raise
            except Exception as e:
                logging.exception(f"promptrail: {where} could not be recorded")
                self.writer.record("problem", where=where, message=repr(e))
        except evidence.EvidenceError as e:
            self.writer, self.failed = None, True
            sys.stderr.write(f"promptrail: recording stopped, and the proxy with it. {e}\n")
            sys.stderr.flush()
            if not self.ending:
                sys.exit(
                    1
                )  # out of mitmproxy's loop: what is in flight is not forwarded, and done() is still called


def recorded[Part: Any, Data](hook: Callable[[Part, Data], None]) -> Callable[[Part, Data], None]:
    """A hook that writes records: it does nothing while no evidence is open, and fails as `Recording.guard` says."""

    @functools.wraps(hook)
    def call(self: Part, data: Data) -> None:
        self.recording.guard(lambda: hook(self, data), hook.__name__)

    return call

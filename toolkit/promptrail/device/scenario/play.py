"""Plays the steps of a scenario on a stage, or says what it would do.

A step that fails ends the run with its number and name; what was recorded until then stays.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from promptrail.device.scenario.stage import Stage
from promptrail.device.scenario.steps import KINDS
from promptrail.errors import PromptrailError, RecordingError


def play(stage: Stage, steps: Sequence[dict[str, Any]]) -> None:
    """Every step in its order. RecordingError names the step that could not be done."""
    stage.player = play
    for n, step in enumerate(steps, 1):
        kind = KINDS[step["do"]]
        try:
            kind.do(stage, step)
            stage.go_on()
        except PromptrailError as fault:
            if kind.many:
                raise
            raise RecordingError(f"step {n} ({kind.name}) of {stage.run.run}: {fault}") from fault


def told(steps: Sequence[dict[str, Any]], indent: str = "  ") -> Iterator[str]:
    """What each step would do, a line each, for a dry run."""
    for n, step in enumerate(steps, 1):
        kind = KINDS[step["do"]]
        yield f"{indent}{n}. {kind.does.format_map(defaultdict(str, step))}"
        if "steps" in step:
            yield from told(step["steps"], indent + "   ")

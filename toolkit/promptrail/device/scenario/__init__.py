"""What is done to an app while it is recorded: a TOML file in, planned runs out, each step an event of its run.

    plan = read(Path("first-chat.toml")); plan.runs; plan.steps

file.py reads and refuses, plan.py is what it gives, steps.py has every kind of step, stage.py is what a step works on,
play.py does them.
"""

from promptrail.device.scenario.file import read
from promptrail.device.scenario.plan import Plan, PlannedRun, Prompt, Variant
from promptrail.device.scenario.play import play, told
from promptrail.device.scenario.stage import Stage
from promptrail.device.scenario.steps import KINDS, Kind

__all__ = ["KINDS", "Kind", "Plan", "PlannedRun", "Prompt", "Stage", "Variant", "play", "read", "told"]

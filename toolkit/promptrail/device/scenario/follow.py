"""The step `follow`: the slots of a plan, one after the other, as events by which what was sent can be placed.

A slot begins with the send of its text, or when that would be, and lasts so many seconds. The text is pasted and waits
for `dwell` before it is sent, so that neither the number of input events nor the time depends on its length. A draft is
deleted where a prompt would be sent; a control has no text. Behind the last slot the app is left, and started again.
"""

from typing import Any

from promptrail.device.scenario.fields import KEYS
from promptrail.device.scenario.stage import Stage

WAIT = 20.0
"""Seconds for something to come to the screen."""
AWAY = 0.8
"""Share of the drain that the app is in the background."""


def follow(stage: Stage, step: dict[str, Any]) -> None:
    """Every slot, then the drain."""
    stage.event("plan", label=step["plan"])
    for slot in step["slots"]:
        _slot(stage, step, slot)
        stage.go_on()
    stage.event("drain", label=f"{step['drain']:g} s in which nothing is typed")
    stage.device.shell(f"input keyevent {KEYS['home']}")
    stage.sleep(step["drain"] * AWAY)
    stage.start_app()
    stage.sleep(step["drain"] * (1 - AWAY))


def _slot(stage: Stage, step: dict[str, Any], slot: dict[str, Any]) -> None:
    number, text = str(slot["slot"]), slot.get("text", "")
    if "new" in step:
        stage.tap(step["new"], WAIT)
    stage.tap(step["field"], WAIT)
    stage.paste(text)
    stage.sleep(step["dwell"])
    stage.event("slot", label=number)
    if slot["kind"] == "prompt":
        stage.tap(step["send"], WAIT)
    elif slot["kind"] == "draft":
        stage.empty(len(text))
    stage.sleep(step["seconds"])
    if "failed" in step and stage.shows(step["failed"]):
        stage.event("slot-failed", label=number)
    stage.event("slot-end", label=number)

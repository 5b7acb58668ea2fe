"""What the fields of a step may hold: a value of a scenario file in, what is wrong with it out, None if it is right."""

import math
import re
from collections.abc import Callable
from typing import Any

Field = Callable[[Any], str | None]
LONGEST = 86_400
"""Seconds in a day."""
MOST = 1000
KEYS = {"back": "4", "home": "3", "enter": "66", "delete": "67", "tab": "61"}
"""Android's key codes (KeyEvent) of the keys that have a name here."""


def text(value: Any) -> str | None:
    return None if isinstance(value, str) and value else "a text"


def pattern(value: Any) -> str | None:
    if text(value):
        return "a regular expression"
    try:
        re.compile(value)
    except re.error as fault:
        return f"it is no regular expression: {fault}"
    return None


def seconds(value: Any) -> str | None:
    right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return None if right and 0 <= value <= LONGEST else f"a number from 0 to {LONGEST}, in seconds"


def times(value: Any) -> str | None:
    return None if type(value) is int and 1 <= value <= MOST else f"a whole number from 1 to {MOST}"


def place(value: Any) -> str | None:
    right = (
        isinstance(value, list) and len(value) == 2 and all(type(one) is int and one >= 0 for one in value)
    )
    return None if right else "two whole numbers: pixels from the left and from the top"


def choice(*known: str) -> Field:
    return lambda value: None if value in known else " or ".join(known)


def key(value: Any) -> str | None:
    if (isinstance(value, str) and value in KEYS) or (type(value) is int and 0 <= value <= MOST):
        return None
    return f"{value!r} is not known; there are {', '.join(KEYS)}, or a number of Android's"


def steps(value: Any) -> str | None:
    return None if isinstance(value, list) and value else "a list of steps"


SLOTS = ("prompt", "control", "draft")


def slots(value: Any) -> str | None:
    """Each { slot = 3, kind = "prompt", text = "..." }; a control has no text."""
    if not isinstance(value, list) or not value:
        return "a list of slots"
    for one in value:
        if not isinstance(one, dict) or set(one) - {"slot", "kind", "text"}:
            return 'a slot is a table such as { slot = 3, kind = "prompt", text = "..." }'
        if type(one.get("slot")) is not int or one["slot"] < 0 or one.get("kind") not in SLOTS:
            return f"a slot has its number and a kind, which is {', '.join(SLOTS[:-1])} or {SLOTS[-1]}"
        if (one["kind"] == "control") == (text(one.get("text")) is None):
            return f"slot {one['slot']}: a prompt and a draft have a text, a control has none"
    return None


WHERE: dict[str, Field] = {"text": pattern, "id": text, "at": place, "wait": seconds}
"""How something on the screen is named: one of the first three."""
NAMED = ("text", "id", "at")


def selector(value: Any) -> str | None:
    """The same as a value of its own, such as { id = "send" }."""
    if not isinstance(value, dict):
        return 'a table such as { id = "send" }'
    for name, one in value.items():
        if name not in WHERE:
            return f"{name!r} is not known; there are {', '.join(WHERE)}"
        if wrong := WHERE[name](one):
            return f"{name}: {wrong}"
    return None if set(value) & set(NAMED) else f"it needs {', '.join(NAMED[:-1])} or {NAMED[-1]}"

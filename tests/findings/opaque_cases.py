"""Simulated cases for finding 10: a plan that was followed, and the bursts of hosts that behave in a named way.

Each host is a function of a slot and a source of numbers that gives the sizes of its bursts in that slot.
"""

import datetime
import json
import math
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from factories import BEGAN, Rows
from promptrail.case import Case
from promptrail.infer import plan as plans
from promptrail.infer.plan import Plan, Slot

CHAT = "chat.parley.test"
Host = Callable[[Slot, random.Random], list[int]]
SECONDS = 4.0


def raw(slot: Slot, dice: random.Random) -> list[int]:
    """The text itself, in UTF-8, with a head."""
    return (
        [350 + dice.randrange(20) + slot.length * (2 if slot.alphabet == "wide" else 1)] if sent(slot) else []
    )


def layout(slot: Slot, dice: random.Random) -> list[int]:
    """One byte for each character that is drawn on the screen, whatever the character."""
    return [300 + dice.randrange(20) + slot.length] if sent(slot) else []


def heartbeat(slot: Slot, dice: random.Random) -> list[int]:
    """The same in every slot."""
    return [180 + dice.randrange(20)]


def padded(slot: Slot, dice: random.Random) -> list[int]:
    """The text, filled up to a size above every prompt."""
    return [16_400] if sent(slot) else []


def loud(slot: Slot, dice: random.Random) -> list[int]:
    """Many bursts of any size below the longest prompt's, so that nothing stands out of them."""
    return [round(math.exp(dice.uniform(4, 8.7))) for _ in range(200)]


def sent(slot: Slot) -> bool:
    return slot.kind == "prompt"


def small(kind: str = "dose", seed: str = "00" * 16, **more: Any) -> Plan:
    """A plan that a test can wait for: 8 prompts a length, 4 spike-ins, 999 draws."""
    values: dict[str, Any] = {"positive": CHAT, "draws": 999, "spikes": 4, "seconds": SECONDS}
    values |= {"dwell": 1.0, "drain": 20.0}
    if kind == "dose":
        values |= {"per_length": 8, "controls": 6, "drafts": 3}
    return plans.draw(kind, seed, **(values | more))


def follow(
    rows: Rows, plan: Plan, hosts: Mapping[str, Host], run: str, began: float = 0.0, **more: Any
) -> None:
    """One run that follows a plan, with the packets of its hosts."""
    answers: Callable[[Slot], int] = more.pop("answers", lambda slot: 900)
    label = more.pop("label", plans.digest(plan))
    rows.run(run, BEGAN + began, witnesses=["proxy", "packets"], app="Parley", app_version="4.2.0", **more)
    rows.event(run, began, "plan", label=label)
    for slot in plan.slots:
        at = began + 2.0 + SECONDS * slot.slot
        rows.event(run, at, "slot", label=str(slot.slot))
        rows.event(run, at + SECONDS - 0.1, "slot-end", label=str(slot.slot))
        for name, host in sorted(hosts.items()):
            dice = random.Random(f"{plan.seed} {name} {slot.slot}")
            for n, size in enumerate(host(slot, dice)):
                burst(rows, run, name, at + 0.2, size, connection=n)
        if sent(slot):
            burst(rows, run, CHAT, at + 1.0, answers(slot), "response")
    rows.event(run, began + 2.0 + SECONDS * len(plan.slots), "drain")
    for name in sorted(hosts):
        rows.connection(
            run,
            name,
            "passed-through",
            witnesses=["proxy", "packets"],
            tls_version="TLSv1.3",
            transport="tcp",
        )


def burst(
    rows: Rows,
    run: str,
    host: str | None,
    at: float,
    size: int,
    direction: str = "request",
    connection: int = 0,
) -> None:
    name = f"{run} {host} {connection}"
    row = {"run": run, "host": host, "connection": name, "at": BEGAN + at, "direction": direction}
    rows.rows["bursts"].append(row | {"size": size, "records": 1})


def keep(case: Case, *kept: Plan, logged: float | None = -600.0) -> Case:
    """The plans in the case, and in its log so many seconds from the first run."""
    for plan in kept:
        plans.write(plan, case.path / "plans")
        if logged is not None:
            write_log(case, plans.digest(plan), logged)
    return case


def write_log(case: Case, digest: str, seconds: float) -> None:
    when = datetime.datetime.fromtimestamp(BEGAN + seconds, datetime.UTC).isoformat(timespec="seconds")
    line = {"t": when.replace("+00:00", "Z"), "action": "plan", "digest": digest}
    with open(case.path / "log.jsonl", "a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")


def recorded(
    folder: Path, hosts: Mapping[str, Host], contrast: bool = False, per_length: int = 8, **more: Any
) -> Case:
    """A case in which a plan of lengths, and if asked one of alphabets, was drawn, logged and followed."""
    rows = Rows()
    rows.recipient(CHAT, True, service_operator="Parley Labs")
    rows.recipient("opaque.brightmoor.test", False, service_operator="Brightmoor", address_country="XB")
    every = {CHAT: raw, **hosts}
    kept = [small(per_length=per_length)]
    follow(rows, kept[0], every, "dose-1", **more)
    if contrast:
        kept.append(small("contrast", "11" * 16))
        follow(rows, kept[1], every, "contrast-1", 1000.0)
    return keep(rows.write(folder), *kept)

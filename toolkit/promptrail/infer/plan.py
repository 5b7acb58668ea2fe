"""A plan of an experiment: which text goes into which slot, drawn from a seed and hashed before the first prompt.

`draw` makes one, `write` and `read` keep it as `CASE/plans/<12 digits of its digest>.json`, `text` gives the characters
of a slot. The file holds the seed and never the text. `read` refuses a file that was changed or that no `draw` could
have made, with the field and the reason. The draw and the texts come from SHAKE-256 of the seed, so every version of
Python and numpy makes the same.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from promptrail.errors import InputError, ParameterError
from promptrail.infer.alternatives import ALTERNATIVES

FORMAT = "promptrail plan 1"
KINDS = ("dose", "contrast", "differential")
SLOTS = ("prompt", "control", "draft")
NARROW = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
WIDE = "".join(c for c in map(chr, range(0xC0, 0x100)) if c not in "×÷") + "ªº"
ALPHABETS = {"narrow": NARROW, "wide": WIDE}
"""64 characters each, so 6 bits a character: one byte and two bytes in UTF-8."""
INSTRUCTION = "Answer only OK. Ignore the rest:"
"""The first line of every prompt: answers then have one length, whatever the text's."""
JITTER = 0.15
LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time that begins with a send, or with what would be one."""

    slot: int
    """From 0, in the order of recording."""
    kind: str
    """prompt: sent; control: nothing typed; draft: pasted, then deleted, never sent."""
    length: int
    """Characters of the text; 0 for a control."""
    alphabet: str = "narrow"
    """narrow: 64 ASCII characters; wide: 64 letters of the Latin-1 supplement."""
    input: int = 0
    """Differential runs: which of the inputs this slot takes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is fixed before the first prompt. Times in seconds."""

    kind: str
    seed: str
    """32 hex digits."""
    alpha: float
    """Chance of any false alarm over all hosts together."""
    draws: int
    """Reassignments of a test; the least p is 1 / (draws + 1)."""
    seconds: float
    """Length of a slot."""
    dwell: float
    """Between focus and send."""
    drain: float
    """Recorded after the last slot of a run."""
    slots: tuple[Slot, ...]
    alternatives: tuple[str, ...]
    """Names out of `alternatives.ALTERNATIVES` that spike-ins test."""
    positive: str
    """Host or registrable domain of the first party, which is sent every prompt: the positive control."""
    spikes: int = 60
    """Times that each alternative is added to the recording."""
    begins: tuple[int, ...] = (0,)
    """The first slot of each run that the plan is recorded in."""


def draw(
    kind: str,
    seed: str | None = None,
    *,
    positive: str = "",
    lengths: tuple[int, ...] = (32, 128, 512, 2048, 8192),
    per_length: int = 10,
    controls: int = 10,
    drafts: int = 5,
    length: int | None = None,
    per_alphabet: int = 12,
    inputs: int = 7,
    sessions: int = 1,
    alpha: float = 0.01,
    draws: int = 19_999,
    spikes: int = 60,
    seconds: float = 50.0,
    dwell: float = 20.0,
    drain: float = 1200.0,
    alternatives: tuple[str, ...] = tuple(ALTERNATIVES),
) -> Plan:
    """A plan in random order. `lengths`, `per_length` and `drafts` are for dose; `per_alphabet` for contrast, whose
    prompts all have `length` characters (4,096); `inputs` for differential runs, each input in two slots, one run a
    slot (`length` 256). `sessions` splits dose and contrast over so many runs."""
    seed = os.urandom(16).hex() if seed is None else seed.lower()
    source = _numbers(seed, "draw")
    wanted: list[tuple[str, int, str, int]] = []
    if kind == "dose":
        for stratum in lengths:
            wanted += [("prompt", n, "narrow", 0) for n in _jittered(stratum, per_length, source)]
        wanted += [("draft", lengths[n % len(lengths)], "narrow", 0) for n in range(drafts)]
    elif kind == "contrast":
        both = [name for name in ALPHABETS for _ in range(per_alphabet)]
        wanted += [("prompt", 4096 if length is None else length, name, 0) for name in both]
    elif kind == "differential":
        wanted += [("prompt", 256 if length is None else length, "narrow", n // 2) for n in range(2 * inputs)]
        controls = 0
    wanted += [("control", 0, "narrow", 0)] * controls
    _shuffle(wanted, source)
    count = len(wanted) if kind == "differential" else min(sessions, len(wanted))
    plan = Plan(
        kind=kind,
        seed=seed,
        alpha=alpha,
        draws=draws,
        seconds=seconds,
        dwell=dwell,
        drain=drain,
        slots=tuple(Slot(n, *row) for n, row in enumerate(wanted)),
        alternatives=alternatives if kind == "dose" else (),
        positive=positive,
        spikes=spikes,
        begins=tuple(len(wanted) * n // count for n in range(count)) or (0,),
    )
    if wrong := _wrong(plan):
        raise ParameterError(f"No such plan can be drawn: {wrong}.")
    return plan


def text(plan: Plan, slot: Slot) -> str:
    """The random characters of a slot; two slots share them only where they share an input of differential runs."""
    place = f"input {slot.input}" if plan.kind == "differential" else f"slot {slot.slot}"
    letters = ALPHABETS[slot.alphabet]
    stream = hashlib.shake_256(f"promptrail plan {plan.seed} text {place}".encode()).digest(slot.length)
    return "".join(letters[byte & 63] for byte in stream)


def typed(plan: Plan, slot: Slot) -> str:
    """What is pasted: the instruction, a line break, the slot's text. Empty for a control."""
    return f"{INSTRUCTION}\n{text(plan, slot)}" if slot.kind != "control" else ""


def canonical(plan: Plan) -> bytes:
    """The bytes that are hashed and written: JSON, one form for one plan."""
    return json.dumps(
        {"format": FORMAT, **asdict(plan)}, sort_keys=True, ensure_ascii=True, indent=1, allow_nan=False
    ).encode()


def digest(plan: Plan) -> str:
    """SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical(plan)).hexdigest()


def write(plan: Plan, folder: Path) -> Path:
    """The plan's file in this folder, named by its digest. The same plan may be written again."""
    path = folder / f"{digest(plan)[:12]}.json"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        beside = path.with_suffix(".part")
        beside.write_bytes(canonical(plan))
        beside.replace(path)
    read(path)  # a name that is taken by another content is told
    return path


def read(path: Path) -> Plan:
    """The plan in this file. InputError names the file, what is wrong with it and what to do."""
    try:
        raw = path.read_bytes()
        held = json.loads(raw)
        if not isinstance(held, dict) or held.pop("format", None) != FORMAT:
            raise ValueError(f"it does not say format {FORMAT!r}")
        plan = _plan(held)
        if wrong := _wrong(plan):
            raise ValueError(wrong)
        if path.stem != digest(plan)[:12]:
            raise ValueError(f"its content has the digest {digest(plan)[:12]}, so it was changed or renamed")
        return plan
    except OSError as fault:
        raise InputError(f"{path}: cannot be read: {fault.strerror}.") from fault
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        raise InputError(
            f"{path}: not a plan: {fault}. A plan is never edited; `promptrail plan CASE dose` draws a new one."
        ) from fault


def _plan(held: dict[str, Any]) -> Plan:
    lost = {f.name for f in fields(Plan)} ^ set(held)
    if lost:
        raise ValueError(f"missing or unknown: {', '.join(sorted(map(str, lost)))}")
    for name in ("slots", "alternatives", "begins"):
        if not isinstance(held[name], list):
            raise ValueError(f"{name} is no list")
    slots = tuple(Slot(**row) for row in held["slots"])
    return Plan(
        **{
            **held,
            "slots": slots,
            "alternatives": tuple(held["alternatives"]),
            "begins": tuple(held["begins"]),
        }
    )


def _wrong(plan: Plan) -> str:
    """Why this cannot be a plan; empty where it can."""
    whole = [plan.draws, plan.spikes, *plan.begins]
    whole += [number for s in plan.slots for number in (s.slot, s.length, s.input)]
    if not all(type(number) is int and number >= 0 for number in whole):
        return "a count that is no whole number, or below 0"
    times = (plan.seconds, plan.dwell, plan.drain)
    if not all(type(t) in (int, float) and 0 <= t < 1e6 for t in (*times, plan.alpha)):
        return "a time or alpha that is no number, or below 0"
    for what, told, known in (
        ("kind", [plan.kind], KINDS),
        ("kind of a slot", [s.kind for s in plan.slots], SLOTS),
        ("alphabet", [s.alphabet for s in plan.slots], ALPHABETS),
        ("alternative", plan.alternatives, ALTERNATIVES),
    ):
        if unknown := [word for word in told if not isinstance(word, str) or word not in known]:
            return f"{what} {unknown[0]!r} is none of {', '.join(known)}"
    if not isinstance(plan.seed, str) or len(plan.seed) != 32 or set(plan.seed) - set("0123456789abcdef"):
        return "the seed is not 32 hex digits"
    if not isinstance(plan.positive, str):
        return "positive is no host name"
    if [s.slot for s in plan.slots] != list(range(len(plan.slots))):
        return "the slots are not numbered from 0 in order"
    if not any(s.kind == "prompt" for s in plan.slots):
        return "it has no prompt"
    if any(s.length > LARGEST or (s.length == 0) != (s.kind == "control") for s in plan.slots):
        return f"a text is empty or over {LARGEST:,} characters, or a control has one"
    begins = list(plan.begins)
    if begins[:1] != [0] or begins != sorted(set(begins)) or begins[-1] >= len(plan.slots):
        return "the first slots of its runs are not in order, from 0"
    if not 0 < plan.alpha < 0.5 or not 1 <= plan.draws <= 10_000_000 or plan.seconds == 0:
        return (
            "alpha is not between 0 and 0.5, or draws not between 1 and 10,000,000, or a slot has no length"
        )
    if (plan.draws + 1) * plan.alpha < 1:
        return f"{plan.draws} draws cannot give a p of {plan.alpha}"
    return ""


def _numbers(seed: str, purpose: str) -> Iterator[int]:
    """64-bit numbers without end, from the seed alone."""
    block = 0
    while True:
        stream = hashlib.shake_256(f"promptrail plan {seed} {purpose} {block}".encode()).digest(1024)
        yield from (int.from_bytes(stream[at : at + 8], "big") for at in range(0, 1024, 8))
        block += 1


def _shuffle(rows: list[Any], source: Iterator[int]) -> None:
    """Fisher-Yates; the bias of 64 bits modulo the count is below 1e-15."""
    for last in range(len(rows) - 1, 0, -1):
        other = next(source) % (last + 1)
        rows[last], rows[other] = rows[other], rows[last]


def _jittered(stratum: int, count: int, source: Iterator[int]) -> list[int]:
    """Lengths about this one, no two equal: a coincidence of size and length is rare then."""
    reach = max(round(JITTER * stratum), (count + 1) // 2)
    first = max(1, stratum - reach)
    found: dict[int, None] = {}
    while len(found) < count:
        found[first + next(source) % (2 * reach + 1)] = None
    return list(found)

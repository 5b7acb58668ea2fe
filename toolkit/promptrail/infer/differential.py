"""Which fields answer to the input? Values of every field per run in, an exact p per field out.

Each input is used in two runs, in random order. A field that is a function of the input agrees within the pairs. Under
"the values do not depend on the input" every pairing of the runs is as likely as the drawn one, so p is counted over
all (2g)! / (2^g g!) of them, from the sizes of the groups of equal values alone. A field that could not reach alpha
with any pairing, as a constant or one that differs in every run, cannot answer and costs the others nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, factorial

from promptrail.errors import ParameterError
from promptrail.infer.guards import CANNOT_TELL, SUPPORTED
from promptrail.infer.plan import Plan
from promptrail.infer.randomisation import holm

NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    field: str
    p: float
    p_adjusted: float
    outcome: str
    """supported: determined by the input; not shown; cannot tell: constant, or different in every run."""
    agree: int = 0
    """Inputs whose two runs have the same value."""
    inputs: int = 0
    """Inputs of which both runs were recorded."""
    values: int = 0
    """Different values over these runs; runs without the field are not counted."""


def fields(
    plan: Plan, values: Mapping[str, Sequence[object]], recorded: Sequence[int] | None = None
) -> list[FieldVerdict]:
    """One verdict a field, in order of name. `values[field][slot]` is its value in the run of that slot, None: absent,
    which agrees with nothing. `recorded` lists the slots that were recorded; an input that lost a run is left out."""
    if plan.kind != "differential":
        raise ParameterError(
            f"Plan of kind {plan.kind!r}: fields are compared in runs of a differential plan."
        )
    present = set(range(len(plan.slots)) if recorded is None else recorded)
    pairs: dict[int, list[int]] = {}
    for slot in plan.slots:
        pairs.setdefault(slot.input, []).append(slot.slot)
    used = [pair for _, pair in sorted(pairs.items()) if len(pair) == 2 and set(pair) <= present]
    found = {}
    for name in sorted(values):
        if len(values[name]) != len(plan.slots):
            raise ParameterError(
                f"Field {name!r} has {len(values[name])} values for {len(plan.slots)} runs: give one a run, or None."
            )
        found[name] = _compared(values[name], used)
    able = [name for name, field in found.items() if field.least_p <= plan.alpha]
    adjusted = dict(zip(able, holm([found[name].p for name in able]), strict=True))
    return [
        FieldVerdict(
            field=name,
            p=field.p,
            p_adjusted=adjusted.get(name, 1.0),
            outcome=_outcome(adjusted.get(name), plan.alpha),
            agree=field.agree,
            inputs=len(used),
            values=len(field.groups),
        )
        for name, field in found.items()
    ]


def _outcome(adjusted: float | None, alpha: float) -> str:
    if adjusted is None:
        return CANNOT_TELL
    return SUPPORTED if adjusted <= alpha else NOT_SHOWN


@dataclass(frozen=True, slots=True)
class _Compared:
    agree: int
    groups: tuple[int, ...]
    """How many runs share each value."""
    p: float
    least_p: float
    """Of any pairing of these values."""


def _compared(row: Sequence[object], used: Sequence[Sequence[int]]) -> _Compared:
    shared = Counter(repr(row[slot]) for pair in used for slot in pair if row[slot] is not None)
    agree = sum(row[a] is not None and repr(row[a]) == repr(row[b]) for a, b in used)
    counts = agreements(tuple(shared.values()), len(used))
    every = pairings(len(used))
    most = max(n for n, ways in enumerate(counts) if ways)
    return _Compared(agree, tuple(sorted(shared.values())), sum(counts[agree:]) / every, counts[most] / every)


def agreements(groups: Sequence[int], inputs: int) -> list[int]:
    """In how many pairings exactly 0, 1, ... pairs agree, for groups of runs with equal values.

    By inclusion and exclusion: first the ways to choose j agreeing pairs and to pair the rest anyhow.
    """
    chosen = [1]
    for size in groups:
        ways = [
            factorial(size) // ((1 << pairs) * factorial(pairs) * factorial(size - 2 * pairs))
            for pairs in range(size // 2 + 1)
        ]
        chosen = [
            sum(chosen[j - n] * ways[n] for n in range(len(ways)) if 0 <= j - n < len(chosen))
            for j in range(len(chosen) + len(ways) - 1)
        ]
    at_least = [ways * pairings(inputs - j) for j, ways in enumerate(chosen)]
    exactly = [
        sum((1 - 2 * ((j - n) % 2)) * comb(j, n) * at_least[j] for j in range(n, len(at_least)))
        for n in range(len(at_least))
    ]
    return exactly + [0] * (inputs + 1 - len(exactly))


def pairings(inputs: int) -> int:
    """Ways to pair twice as many runs."""
    return factorial(2 * inputs) // ((1 << inputs) * factorial(inputs))

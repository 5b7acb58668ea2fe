"""What is typed in the runs of a plan: its prompts with their canaries in, texts and the ids of their probes out.

A canary is a word of its own, so that a text can be told from every other. It is made once a case and prompt: all runs
of a prompt type the same text, and a repeated recording is a replicate.
"""

import hashlib
from typing import NamedTuple

from promptrail.case import Case
from promptrail.device.scenario import Plan

LETTERS = "abcdefghijkmnpqrstuvwxyz"
"""Without o and l, which a person who copies takes for digits."""


class Typed(NamedTuple):
    texts: dict[str, str]
    """Prompt id -> text."""
    probes: dict[str, str]
    """Prompt id -> id of its probe."""


def texts(case: Case, plan: Plan) -> Typed:
    """Declares each text as a probe of the case."""
    found, probes = {}, {}
    for run in plan.runs:
        for prompt in run.prompts:
            if prompt.id in found:
                continue
            known = {**plan.variables, "canary": canary(case, f"{plan.name} {prompt.id}")}
            found[prompt.id] = prompt.text.format_map(known)
            probes[prompt.id] = case.add_probe(prompt.kind, found[prompt.id])
    return Typed(found, probes)


def canary(case: Case, about: str) -> str:
    """Six letters and four digits; the same for the same case and prompt, another for every other case."""
    told = f"{case.settings['case']['created']} {case.name} {about}"
    digest = int.from_bytes(hashlib.sha256(told.encode()).digest())
    word = ""
    for _ in range(6):
        digest, rest = divmod(digest, len(LETTERS))
        word += LETTERS[rest]
    return f"{word}-{digest % 9000 + 1000}"

"""Cases of two versions for tests: what each run sent to whom, in letters, and the finding about it."""

from pathlib import Path
from typing import Any

from factories import BEGAN, DEVICE, Rows, compact
from promptrail.case import Case

CLOUD, OWN, DESK = "ingest.brightmoor.test", "chat.parley.test", "api.tidedesk.example"
PROMPT = "My daughter is 8 and has a fever of 39.4, how much ibuprofen? kestrel-4417"
LETTERS = {"p": ("p1", CLOUD), "d": ("i1", CLOUD), "k": ("i1", DESK), "o": ("p1", OWN)}
"""A prompt or the device's id to the cloud, the id to the help-desk, the prompt to the maker."""
TOKENS = {"~": {"tier": "partial", "share": 0.4}}


def two_versions(folder: Path, a: list[str], b: list[str], **more: Any) -> Case:
    """Runs a0, a1, ... of version 1 and b0, ... of version 2; each text says what was sent in that run.

    `~` after a letter: only a part of the value was found. `!`: a pinned connection to the cloud. `?`: one to nobody
    knows whom. `u`: a request to the cloud that could not be decoded. `x`: nothing was typed. `c`: the run broke off.
    """
    rows = Rows()
    rows.probe("p1", "prompt", PROMPT)
    rows.probe("i1", "identifier", DEVICE)
    if more.get("decoys", True):
        rows.probe("i1~0", "identifier", "0e86d081884c7d99", True, "i1")
    rows.recipient(OWN, True, service_operator="Parley Labs")
    rows.recipient(CLOUD, False, service_operator="Brightmoor", address_country="XB")
    rows.recipient(DESK, False, service_operator="Tidedesk")
    turns = [(side, n, text) for side, texts in (("a", a), ("b", b)) for n, text in enumerate(texts)]
    if more.get("in_turn"):
        turns.sort(key=lambda turn: turn[1])
    for at, (side, n, text) in enumerate(turns):
        _run(rows, f"{side}{n}", at, "1" if side == "a" else "2", text)
    for text in more.get("other_app", []):
        _run(rows, "c3", len(turns), "9", text, control="C3", app="Marginalia")
    return rows.write(folder)


def _run(rows: Rows, run: str, at: int, version: str, text: str, **more: Any) -> None:
    start = 100.0 * at
    values: dict[str, Any] = {"app": "Parley", "app_version": version, "control": "C1"} | more
    rows.run(run, BEGAN + start, complete="c" not in text, **values)
    rows.event(run, start + 1, "consent")
    if "x" not in text:
        rows.event(run, start + 2, "typed", "p1")
    for n, letter in enumerate(text):
        if letter in LETTERS:
            probe, host = LETTERS[letter]
            value = PROMPT if probe == "p1" else DEVICE
            data = compact({"value": value, "n": f"{run} {n}"})
            flow = rows.flow(run, host, data, start + 3 + n)
            hit = {"path": "/value"} | TOKENS.get(text[n + 1 : n + 2], {})
            rows.sighting(flow, probe, data, start + 3 + n, **hit)
        elif letter == "u":
            rows.undecoded(rows.flow(run, CLOUD, b"\x00\x01", start + 3 + n))
        elif letter in "!?":
            host = CLOUD if letter == "!" else None
            rows.connection(run, host, "pinned", opened=BEGAN + start + 3 + n, bytes_out=None)

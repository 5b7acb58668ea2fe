"""Puts the lab's privacy policy of one version into a case: its text and two readings of it, all marked as simulated.

Two versions have one: 4.2.0, which is silent on what it does, and 5.0.0, which says all of it. The day on which the
policy was captured becomes the day on which it is placed, as it would for a real one.
"""

import datetime
from importlib.resources import files

from promptrail.case import Case
from promptrail.errors import RecordingError

FOLDER = "policies"
CAPTURED = 'captured = "2026-11-22"'
"""The line of the shipped readings that holds the day."""


def versions() -> list[str]:
    """The versions of Parley that have a policy."""
    names = [file.name for file in files(__package__).iterdir()]
    return sorted(
        name.removeprefix("parley-").removesuffix(".txt") for name in names if name.endswith(".txt")
    )


def place(case: Case, version: str, day: str | None = None) -> list[str]:
    """Write text and readings to `policies/`, anew where they lie there; the names of the files.

    `day`: when it was captured, UTC, today where nobody says. RecordingError for a version without a policy.
    """
    if version not in versions():
        raise RecordingError(f"The lab has no policy of Parley {version}. It has: {', '.join(versions())}.")
    today = day or datetime.datetime.now(datetime.UTC).date().isoformat()
    folder = case.path / FOLDER
    folder.mkdir(exist_ok=True)
    placed = []
    for file in sorted(files(__package__).iterdir(), key=lambda one: one.name):
        if not file.name.startswith(f"parley-{version}."):
            continue
        text = file.read_bytes().decode("utf-8")
        if file.name.endswith(".toml"):
            text = text.replace(CAPTURED, f'captured = "{today}"')
        (folder / file.name).write_bytes(text.encode())
        placed.append(file.name)
    return placed

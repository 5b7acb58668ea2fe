"""A text file of the user's own in, its text out; InputError says why it cannot be read."""

from pathlib import Path

from promptrail.errors import InputError


def text_of(file: Path) -> str:
    """UTF-8, with or without a mark."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        raise InputError(f"{file}: cannot be read: {fault.strerror}. Check the path.") from fault
    except UnicodeDecodeError as fault:
        what = f"not UTF-8 at byte {fault.start}"
        raise InputError(f"{file}: {what}. Save it as UTF-8, or get it anew.") from fault

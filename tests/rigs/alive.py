"""Whether a process runs, asked in a way that does not disturb Frida, which traces it."""

from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process runs. Asking for its exit (poll, wait) would take a stop away from Frida, which traces it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "XZ"

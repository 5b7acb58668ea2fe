"""What every route is: a block in which a device's traffic goes to the proxy, each change noted and undone in the end.

    with SettingsProxy(device, proxy.port) as route: ...
    route.record()      # what was changed and undone, what it cannot see, what it counted: for the run's record

A change that cannot be undone is an error after all the others were, and names what is left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, ClassVar, Self

from promptrail.errors import PromptrailError, RecordingError


@dataclass
class Change:
    """One thing that is different while the route lies. `left` says why it could not be undone."""

    what: str
    before: str
    after: str
    undo: Callable[[], object]
    undone: bool = False
    left: str | None = None


class Route:
    """`_lay` of each route makes the changes, every one by `_change`."""

    name: ClassVar[str]
    misses: ClassVar[str]
    """What it cannot see, as a sentence for the report."""
    by_name: ClassVar[bool] = False
    """Whether clients hand the proxy names: else the device looks them up itself, before the proxy sees anything."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.notes: list[str] = []
        self.counted: dict[str, int] = {}
        """What it refused or let pass, as counted at the end of the block."""

    @property
    def mode(self) -> str | None:
        """The mode in which the proxy has to run, as mitmproxy calls it; None for a proxy that clients know of."""
        return None

    def __enter__(self) -> Self:
        try:
            self._lay()
        except BaseException as e:
            if (left := self._take_back()) and isinstance(e, PromptrailError):
                raise RecordingError(f"{e} {self._told(left)}") from e
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.counted = self.count()
        except PromptrailError as e:
            self.notes.append(f"not counted: {e}")
        left = self._take_back()
        if left and kind is None:
            raise RecordingError(self._told(left))

    def count(self) -> dict[str, int]:
        """Numbers so far, by name; none by default."""
        return {}

    def remember(self) -> dict[str, str]:
        """What has to be known to take it back after its process was killed; asked before it is laid."""
        return {}

    def abandon(self, kept: dict[str, str]) -> None:
        """Take back, without having laid it, what a process that was killed left; `kept` is what `remember` told."""

    def record(self) -> dict[str, Any]:
        """For the run's record, as JSON takes it."""
        changes = [
            {"what": c.what, "before": c.before, "after": c.after, "undone": c.undone, "left": c.left}
            for c in self.changes
        ]
        return {
            "route": self.name,
            "mode": self.mode,
            "misses": self.misses,
            "changes": changes,
            "counted": self.counted,
            "notes": self.notes,
        }

    def _lay(self) -> None:
        raise NotImplementedError

    def _change(
        self, what: str, before: str, after: str, do: Callable[[], object], undo: Callable[[], object]
    ) -> None:
        """Note, then do: what broke in the middle is undone as well."""
        self.changes.append(Change(what, before, after, undo))
        do()

    def _told(self, left: list[Change]) -> str:
        told = "; ".join(f"{change.what} (before: {change.before}): {change.left}" for change in left)
        return f"The route {self.name} could not be taken back whole: {told}. Undo it by hand."

    def _take_back(self) -> list[Change]:
        """Undo what is not undone yet, the last first; those that could not be."""
        for change in reversed(self.changes):
            if change.undone:
                continue
            try:
                change.undo()
            except PromptrailError as e:
                change.left = str(e)
            else:
                change.undone, change.left = True, None
        return [change for change in self.changes if not change.undone]

"""The case folder on disk: layout, settings, log, lock. `evidence` beside it is the writer that the proxy loads."""

from promptrail.case.folder import Case

__all__ = ["Case"]

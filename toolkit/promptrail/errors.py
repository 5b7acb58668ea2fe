"""Every error that promptrail raises on purpose.

PromptrailError              base: says what happened, where, and what to do
├── CaseError                the folder is not a case, or not in the state that was asked for
│   └── CaseLocked           another promptrail is writing to this case
├── InputError               a file cannot be read at all: neither format, empty, newer than we know
├── ParameterError           a notebook parameter is unknown, or of the wrong type
├── RecordingError           the proxy, the app or the device could not be started or ended badly
│   └── DeviceError          the device, or adb on the way to it, does not do what was asked
├── NotebookError            a notebook did not run to its end
└── MissingTool              a program or package that this step needs is not installed

What cannot be decoded is never an error: it is counted and shown (see the frame `unseen`).
"""


class PromptrailError(Exception):
    """Base of all. The message is for a person: what happened, in which file or flow, what to do."""

    def _render_traceback_(self) -> list[str]:
        """IPython asks for this: a notebook then shows the sentence and no stack."""
        return [f"{type(self).__name__}: {self}"]


class CaseError(PromptrailError):
    """The folder is not a case, or not in the state that was asked for."""


class CaseLocked(CaseError):
    """Another promptrail is writing to this case."""


class InputError(PromptrailError):
    """A file cannot be read at all."""


class ParameterError(PromptrailError):
    """A notebook parameter is unknown, or of the wrong type."""


class RecordingError(PromptrailError):
    """The proxy, the app or the device could not be started, or ended badly."""


class DeviceError(RecordingError):
    """The device, or adb on the way to it, does not do what was asked.

    `said` is what adb or the device wrote, `fault` the id of the row of device/adb_faults.py that it was known by.
    """

    def __init__(self, message: str, said: str = "", fault: str = "") -> None:
        super().__init__(message)
        self.said, self.fault = said, fault


class NotebookError(PromptrailError):
    """A notebook did not run to its end."""


class MissingTool(PromptrailError):
    """A program or package that this step needs is not installed."""

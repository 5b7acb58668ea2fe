"""What a session said to adb and what adb answered: written to JSON lines while it runs, and given again from them.

A line is one call: its arguments, stdin, exit code and both outputs; files of this machine stand by name and SHA-256,
and those that adb fetched with their bytes. On replay the calls come in the same order, or a RecordingError names the
first that does not. A transcript holds whatever the device said, its identifiers too: it belongs to the case.
"""

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Self

from promptrail.device.adb import Answer, Runner, told_as
from promptrail.errors import RecordingError

MADE, BYTES = "made", "base64"


class Recording:
    """`with Recording(runner, file) as run: Adb(runner=run)`: runs, and writes each call down as it ends."""

    def __init__(self, runner: Runner, file: Path) -> None:
        self.runner, self.file = runner, file

    def __enter__(self) -> Self:
        self._lines = open(
            os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()

    def __call__(self, arguments: tuple[str | Path, ...], stdin: bytes | None, timeout: float) -> Answer:
        before = [_file(one) if isinstance(one, Path) else one for one in arguments]
        answer: Answer | None = None
        try:
            answer = self.runner(arguments, stdin, timeout)
            return answer
        finally:  # a call that adb never answered is one, too
            after = [_made(one, was) for one, was in zip(arguments, before, strict=True)]
            self._write(after, stdin, answer)

    def _write(self, arguments: list[Any], stdin: bytes | None, answer: Answer | None) -> None:
        call: dict[str, Any] = {"arguments": arguments}
        if stdin is not None:
            call["stdin"] = _text(stdin)
        if answer is not None:
            call |= {"code": answer.code, "out": _text(answer.out), "err": _text(answer.err)}
        self._lines.write(json.dumps(call, ensure_ascii=False, sort_keys=True) + "\n")
        self._lines.flush()


class Replay:
    """`Adb(runner=Replay(file))`: answers as the transcript does; `rest` is how many of its calls were not made."""

    def __init__(self, file: Path) -> None:
        self.file, self._at = file, 0
        try:
            lines = file.read_text(encoding="utf-8").split("\n")  # no other sign ends a line, U+2028 neither
            self._calls = [json.loads(line) for line in lines if line]
            for call in self._calls:
                _answer(call), call["arguments"][0]
        except (OSError, ValueError, LookupError, TypeError) as fault:
            raise RecordingError(f"{file}: is no transcript of adb: {fault!r}.") from fault

    @property
    def rest(self) -> int:
        return len(self._calls) - self._at

    def __call__(self, arguments: tuple[str | Path, ...], stdin: bytes | None, timeout: float) -> Answer:
        asked = told_as(arguments)
        if not self.rest:
            raise RecordingError(f"{self.file}: {asked} is asked after the last call of this transcript.")
        call = self._calls[self._at]
        expected = call["arguments"]
        same = len(arguments) == len(expected) and all(map(_same, arguments, expected))
        if not same or stdin != _bytes(call.get("stdin")):
            raise RecordingError(
                f"{self.file}, line {self._at + 1}: {asked} is asked, and the transcript has "
                f"{json.dumps(expected, ensure_ascii=False)[:200]} with {'other' if same else 'its'} input."
            )
        self._at += 1
        for given, one in zip(arguments, expected, strict=True):
            if isinstance(given, Path) and MADE in one:
                given.write_bytes(base64.b64decode(one[MADE]))
        if (answer := _answer(call)) is None:
            raise TimeoutError(f"{asked} was not answered when this transcript was made")
        return answer


def _file(path: Path) -> dict[str, str]:
    """A file of this machine as a call names it; a folder, or one that is not there, by its name alone."""
    digest = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()} if path.is_file() else {}
    return {"file": path.name, **digest}


def _made(argument: str | Path, was: Any) -> Any:
    """The same, with its bytes if the call has made or changed the file."""
    if isinstance(argument, str) or not argument.is_file() or _file(argument) == was:
        return was
    return {"file": argument.name, MADE: base64.b64encode(argument.read_bytes()).decode()}


def _same(given: str | Path, expected: Any) -> bool:
    if isinstance(given, str) or isinstance(expected, str):
        return bool(given == expected)
    if MADE in expected:
        return True
    return bool(_file(given).get("sha256") == expected.get("sha256"))


def _text(data: bytes) -> Any:
    """Bytes as JSON holds them: text where it is UTF-8, else base64."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {BYTES: base64.b64encode(data).decode()}


def _bytes(written: Any) -> bytes | None:
    if written is None:
        return None
    return written.encode() if isinstance(written, str) else base64.b64decode(written[BYTES])


def _answer(call: dict[str, Any]) -> Answer | None:
    """None for a call that adb did not answer."""
    if "code" not in call:
        return None
    return Answer(int(call["code"]), _bytes(call["out"]) or b"", _bytes(call["err"]) or b"")

"""A TOML file of rows, checked: text in, plain dicts out; an unknown key is refused with file, line and remedy.

tomllib gives no places of what it read, so a fault is looked up again in the text: the n-th header of the array, and
below it the first line that sets the key.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from promptrail.errors import InputError


class Rows:
    """One file of rows: its data, and errors that name their line."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as fault:
            raise InputError(f"{name}: not valid TOML: {fault}. Mend that line.") from fault

    @classmethod
    def read(cls, file: Path) -> "Rows":
        """The rows of a file; InputError if it cannot be read as UTF-8."""
        try:
            return cls(str(file), file.read_bytes().decode("utf-8"))
        except OSError as fault:
            raise InputError(f"{file}: cannot be read: {fault.strerror}. Check the path.") from fault
        except UnicodeDecodeError as fault:
            raise InputError(f"{file}: not UTF-8 at byte {fault.start}. Save it as UTF-8.") from fault

    def array(self, key: str) -> list[dict[str, Any]]:
        """The tables of `[[key]]`; InputError if there is something else under that name."""
        found = self.data.get(key, [])
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            self.fault(f"{key} must be written as [[{key}]], one table a row", key=key)
        return found

    def known(self, row: Mapping[str, Any], keys: Iterable[str], array: str = "", n: int = 0) -> None:
        """InputError at the first key of a row that is none of `keys`."""
        allowed = list(keys)
        for key in row:
            if key not in allowed:
                near = difflib.get_close_matches(key, allowed, 1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                self.fault(f"unknown key {key!r}.{hint} Known: {', '.join(allowed)}", array, n, key)

    def text_of(
        self, row: Mapping[str, Any], key: str, array: str = "", n: int = 0, *, must: bool
    ) -> str | None:
        """A key's text; InputError where it is not text, or missing though it must be there."""
        value = row.get(key)
        if value is None and not must:
            return None
        if not isinstance(value, str) or not value.strip():
            self.fault(f"{key} must be text" if key in row else f"{key} is missing", array, n, key)
        return value

    def texts_of(self, row: Mapping[str, Any], key: str, array: str = "", n: int = 0) -> list[str]:
        """A key's list of texts, which may be missing; InputError where it is something else."""
        value = row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            self.fault(f"{key} must be a list of texts", array, n, key)
        return value

    def fault(self, what: str, array: str = "", n: int = 0, key: str = "") -> NoReturn:
        """InputError with file and line; what is wrong, and that it is to be mended there."""
        raise InputError(
            f"{self.name}, line {self.line(array, n, key)}: {what}. Mend that line and try again."
        )

    def line(self, array: str = "", n: int = 0, key: str = "") -> int:
        """The line, from 1, of the n-th row of an array (from 0), or of a key in it."""
        lines = self.text.splitlines()
        start, end = 0, len(lines)
        if array:
            heads = [
                i for i, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{re.escape(array)}\s*\]\]", line)
            ]
            start = heads[n] if n < len(heads) else 0
            end = heads[n + 1] if n + 1 < len(heads) else len(lines)
        if key:
            sets = re.compile(rf"(?:^|[{{,\s\[.])[\"']?{re.escape(key)}[\"']?\s*(?:=|\])")
            start = next((i for i in range(start, end) if sets.search(lines[i])), start)
        return start + 1

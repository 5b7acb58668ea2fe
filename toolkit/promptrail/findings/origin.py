"""Which code sent an exchange: a flow in, the class that a hook saw ask for it out, with how surely it is the same.

In: records `stack` of the frame `hooks` (agent `origin`). A request's record has its URL, a connection's its addresses.
Nothing is said where several classes fit equally, or none.
"""

import json
from typing import Any, NamedTuple

from promptrail import frames
from promptrail.case import Case
from promptrail.language import mark

BEFORE, AFTER = 30.0, 0.5
"""Seconds that a request may wait in its library, and that two clocks of one machine may differ."""


class Origin(NamedTuple):
    """Who sent it."""

    code: str
    """The class, innermost but for the platform and HTTP libraries."""
    how: str
    """What the hook's record and the flow have in common."""
    record: str
    """Agent and number of the record."""


class Origins:
    """Those of a case."""

    def __init__(self, case: Case) -> None:
        self._clients = {
            row.connection: (row.client_ip, row.client_port) for row in frames.rows(case.connections)
        }
        self._requests: dict[tuple[str, str], list[tuple[float, Origin]]] = {}
        self._connections: dict[tuple[str, str, int], list[tuple[float, Origin]]] = {}
        for row in frames.rows(case.hooks[case.hooks["type"] == "stack"]):
            self._take(row)

    def _take(self, row: Any) -> None:
        try:
            said = json.loads(row.detail or "{}")
        except ValueError:
            return
        code = said.get("class") or said.get("package")
        if not isinstance(code, str) or not code:
            return
        record = f"hook {row.agent} {row.seq}"
        if isinstance(said.get("url"), str):
            told = (row.at, Origin(code, mark("URL and time"), record))
            self._requests.setdefault((row.run, said["url"]), []).append(told)
        match said.get("local"):
            case [str(address), int(port)]:
                told = (row.at, Origin(code, mark("the connection's address and port"), record))
                self._connections.setdefault((row.run, address, port), []).append(told)

    def of(self, run: str, url: str | None, started: float | None, connection: str | None) -> Origin | None:
        """Who sent this exchange; None where no hook saw it, or where more than one class fits as well."""
        if url is not None and started is not None:
            asked = self._requests.get((run, url), ())
            if found := _one([o for at, o in asked if at - AFTER <= started <= at + BEFORE]):
                return found
        address, port = self._clients.get(connection, (None, None))
        if address is None or port is None:
            return None
        return _one([o for _, o in self._connections.get((run, address, int(port)), ())])


def _one(found: list[Origin]) -> Origin | None:
    """The last told, if all name one class."""
    return found[-1] if len({one.code for one in found}) == 1 else None

"""Flow, message and connection as plain rows in the order of their frame's columns.

The records of `model` say the same, and cost four times as much to make (frozen, one call a field): a reader of many
flows makes rows, the others records. A row has the record's names and defaults.
"""

import dataclasses
from collections import namedtuple
from typing import TYPE_CHECKING, Any

from promptrail import frames
from promptrail.model import Connection, Flow, Message


def row_of(name: str, record: type) -> Any:
    """The row type of a frame: its columns in order, with the record's defaults."""
    default = {
        field.name: field.default if field.default_factory is dataclasses.MISSING else ()
        for field in dataclasses.fields(record)
    }
    columns = [column.name for column in frames.FRAMES[name]]
    fresh: Any = namedtuple(record.__name__ + "Row", columns)  # type: ignore[misc]
    fresh.__new__.__defaults__ = tuple(
        None if default[column] is dataclasses.MISSING else default[column] for column in columns
    )
    return fresh


if TYPE_CHECKING:  # to a reader of this code a row is the record
    FlowRow = Flow
    MessageRow = Message
    ConnectionRow = Connection
else:
    FlowRow = row_of("flows", Flow)
    MessageRow = row_of("messages", Message)
    ConnectionRow = row_of("connections", Connection)

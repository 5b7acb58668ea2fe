"""Fields that are named like the title of a chat: a path of a sighting in, whether its last name is one of a list out.

A judgement by the name and nothing else: a field called so can hold anything, and a title can stand in a field without
a name (Protocol Buffers) or with another one.
"""

import re

WHOSE = ("chat", "conversation", "dialog", "dialogue", "thread", "session", "room", "channel")
"""What a title may be of: the words that chat programs use for one exchange of messages."""
CALLED = ("title", "name", "topic", "subject", "headline")
ALONE = (
    "title",  # of an entry (RFC 4287 section 4.2.14), of a resource (Dublin Core)
    "subject",  # of a message (RFC 5322 section 3.6.5)
    "topic",  # of a channel (RFC 2812 section 3.2.4)
    "summary",  # of an entry (RFC 4287 section 4.2.13; RFC 5545 section 3.8.1.12)
    "headline",  # of a text (schema.org, CreativeWork)
)
"""Names that say so alone, and where they mean that. `name`, `label` and `text` are left out: they name anything."""
NAMES = frozenset(ALONE) | {f"{whose}{called}" for whose in WHOSE for called in CALLED}
LAYER = " > "
WORD = re.compile(r"[^a-z0-9]+")


def like_a_title(path: str) -> bool:
    """Whether the last part of a path that has a name is named like a title: `event 0 > /chat_title`, `/title/0`."""
    named = [part for part in path.rpartition(LAYER)[2].split("/") if part and not part.isdecimal()]
    last = named[-1] if named else ""
    return WORD.sub("", last.removeprefix("part ").lower()) in NAMES

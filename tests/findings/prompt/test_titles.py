"""Which paths end in a name like that of a chat's title, and which do not."""

import pytest

from promptrail.findings.prompt.titles import like_a_title


@pytest.mark.parametrize(
    "path",
    [
        "/title",
        "event 0 > /title",
        "/conversations/3/conversation_name",
        "message 2 > /data/chatTitle",
        "/Subject",
        "/thread-topic/0",
        "part title",
        "/e/0/p > /html/head/title",
        "x-chat-title > /summary",
    ],
)
def test_the_last_name_decides(path: str) -> None:
    """Whatever layers lie above it, however it is written, in a list or not."""
    assert like_a_title(path)


@pytest.mark.parametrize(
    "path",
    ["", "/", "/1/2", "/title/text", "/name", "/untitled", "/subtitle", "/title > /q", "event 0", "?q"],
)
def test_other_names_do_not(path: str) -> None:
    """Nor does a title above it, a number alone, or a word that only holds one of the list."""
    assert not like_a_title(path)

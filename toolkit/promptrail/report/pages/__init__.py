"""What a notebook can show: the blocks of every finding, one file each. To add a finding's blocks, add its class."""

from promptrail.report.pages.consent import ConsentBlocks
from promptrail.report.pages.prompt import PromptBlocks
from promptrail.report.pages.recipients import RecipientBlocks
from promptrail.report.pages.sdks import SdkBlocks
from promptrail.report.pages.shared import SharedBlocks, Stated
from promptrail.report.pages.unseen import UnseenBlocks


class Page(
    SharedBlocks,
    PromptBlocks,
    RecipientBlocks,
    ConsentBlocks,
    SdkBlocks,
    UnseenBlocks,
):
    """The blocks of one notebook. Everything captured in them is escaped and masked."""


__all__ = ["Page", "Stated"]

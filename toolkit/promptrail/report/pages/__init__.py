"""What a notebook can show: the blocks of every finding, one file each. To add a finding's blocks, add its class."""

from promptrail.report.pages.before_after import BeforeAfterBlocks
from promptrail.report.pages.consent import ConsentBlocks
from promptrail.report.pages.opaque import OpaqueBlocks
from promptrail.report.pages.policy import PolicyBlocks
from promptrail.report.pages.prompt import PromptBlocks
from promptrail.report.pages.recipients import RecipientBlocks
from promptrail.report.pages.remote import RemoteBlocks
from promptrail.report.pages.sdks import SdkBlocks
from promptrail.report.pages.shared import SharedBlocks, Stated
from promptrail.report.pages.unseen import UnseenBlocks
from promptrail.report.pages.weak import WeakBlocks


class Page(
    SharedBlocks,
    PromptBlocks,
    RecipientBlocks,
    ConsentBlocks,
    PolicyBlocks,
    SdkBlocks,
    WeakBlocks,
    BeforeAfterBlocks,
    UnseenBlocks,
    OpaqueBlocks,
    RemoteBlocks,
):
    """The blocks of one notebook. Everything captured in them is escaped and masked."""


__all__ = ["Page", "Stated"]

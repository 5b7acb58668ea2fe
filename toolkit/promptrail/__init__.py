"""promptrail: prove what a chatbot app sent, to whom, and how sure that is."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("promptrail")
except PackageNotFoundError:  # the addon finds us in a checkout that was never installed
    __version__ = "0+checkout"

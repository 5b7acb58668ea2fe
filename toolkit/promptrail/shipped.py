"""Where the notebooks, the addons and the sample case lie: nothing in, folders out.

In a checkout they are folders beside `toolkit/`; in an installed wheel they lie inside the package, under `_shipped/`
(see `tool.hatch.build.targets.wheel` in pyproject.toml). The paths are not checked here: whoever opens one says better
what was missing and for what.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def checkout() -> Path | None:
    """The checkout that this package lies in; None for an installed wheel."""
    root = PACKAGE.parents[1]
    return root if PACKAGE.parent.name == "toolkit" and (root / "pyproject.toml").is_file() else None


def _base() -> Path:
    return checkout() or PACKAGE / "_shipped"


def notebooks() -> Path:
    """The folder with `00-start-here.ipynb` and one notebook a finding."""
    return _base() / "notebooks"


def addons() -> Path:
    """The folder with `capture.py`, which mitmproxy loads, and `frida/`."""
    return _base() / "addons"


def sample() -> Path:
    """The simulated sample case that the notebooks open when nobody names another."""
    return _base() / "data" / "sample"

"""Where a rig is not on the machine: in CI, which installs every one of them, the test fails; elsewhere it is skipped.

The one place that says so. `conftest.py` refuses whatever skips in another way.
"""

import os
from typing import NoReturn

import pytest


def missing_rig(reason: str) -> NoReturn:
    """This test, or at the top of a file all of its tests, cannot be run here."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI has every rig, and this one is missing: {reason}", pytrace=False)
    pytest.skip(reason, allow_module_level=True)

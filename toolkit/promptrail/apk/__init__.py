"""What an Android app is, before it runs: package files in, an `Identity` out. Nothing of it is executed.

`read` takes every form an app is handed over in. What it finds is grade E0: that code or an address is in a package
says what the app could do, never what it did.
"""

from promptrail.apk.identity import Identity
from promptrail.apk.reading import read

__all__ = ["Identity", "read"]

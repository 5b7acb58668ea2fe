"""mitmproxy addon that ends the proxy when whoever started it is gone: end of file on standard input is the sign.

A parent that is killed cannot tell its children, but its end of their pipe closes with it. The proxy then shuts down
as after Ctrl-C, so the run is sealed. It imports nothing of promptrail.
"""

import os
import threading

from mitmproxy import ctx


class Leash:
    def running(self) -> None:
        threading.Thread(target=self._wait, args=(ctx.master,), daemon=True).start()

    def _wait(self, master: object) -> None:
        while os.read(0, 4096):
            pass
        master.shutdown()  # type: ignore[attr-defined]  # safe from another thread, says its docstring


addons = [Leash()]

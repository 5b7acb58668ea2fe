"""Runs one program, and ends it when whoever started us is gone: end of file on standard input is the sign.

    python keeper.py SECONDS ASK ... -- PROGRAM ...

The emulator does not watch who started it, so this stands between. It asks by the command ASK, and where that reached
it waits so many seconds; then by SIGTERM, with as many; and kills that one process last. A line `keep` on standard
input lets it go instead. The exit code is the program's, and after `keep` 0. It needs the standard library alone.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

KEEP = b"keep\n"


def main(words: list[str]) -> int:
    at = words.index("--")
    patience, ask, command = float(words[0]), words[1:at], words[at + 1 :]
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: program.terminate())
    threading.Thread(target=_watch, args=(program, ask, patience), daemon=True).start()
    code = program.wait()
    return code if code >= 0 else 128 - code


def _watch(program: "subprocess.Popen[bytes]", ask: list[str], patience: float) -> None:
    while said := os.read(0, 4096):
        if said.endswith(KEEP):
            os._exit(0)
    heard = False
    with contextlib.suppress(subprocess.TimeoutExpired, OSError):
        heard = subprocess.run(ask, stdin=subprocess.DEVNULL, timeout=patience).returncode == 0
    for end, wait in ((program.terminate, patience if heard else 0.0), (program.kill, patience)):
        try:
            program.wait(wait)
            return
        except subprocess.TimeoutExpired:
            end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

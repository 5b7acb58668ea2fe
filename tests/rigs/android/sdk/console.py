"""A stand-in for the emulator's console: lines over TCP in, OK and KO out, after the token of the user's home.

Written after the public documentation (emulator-console) and what adb's client expects of it. `kill` ends the process.
"""

import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

TOKEN = Path(os.environ["HOME"]) / ".emulator_console_auth_token"
HEAD = (
    "List of snapshots present on all disks:\r\n"
    "ID        TAG                 VM SIZE                DATE       VM CLOCK\r\n"
)


class Console:
    def __init__(self, port: int, emulator: Any) -> None:
        if not TOKEN.exists():
            TOKEN.write_text(os.urandom(8).hex())
        self.emulator = emulator
        try:
            self.listener = socket.create_server(("127.0.0.1", port))
        except OSError:
            print(f"ERROR        | It seems too many emulator instances are running ({port})", flush=True)
            sys.exit(1)

    def serve(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rw", newline="", encoding="utf-8") as lines:

            def answer(text: str) -> None:
                lines.write(f"{text}\r\n")
                lines.flush()

            answer(
                "Android Console: Authentication required\r\n"
                "Android Console: type 'auth <auth_token>' to authenticate\r\n"
                f"Android Console: you can find your <auth_token> in \r\n'{TOKEN}'\r\nOK"
            )
            let_in = False
            for line in lines:
                words = line.split()
                if words[:1] == ["auth"]:
                    let_in = words[1:] == [TOKEN.read_text().strip()]
                    right = "Android Console: type 'help' for a list of commands\r\nOK"
                    answer(
                        right
                        if let_in
                        else "KO: authentication token does not match ~/.emulator_console_auth_token"
                    )
                elif words == ["quit"]:
                    return
                elif not let_in:
                    answer("KO: unknown command, try 'help'")
                elif words == ["kill"]:
                    answer("OK: killing emulator, bye bye")
                    self.kill()
                else:
                    answer(self.command(words))

    def kill(self) -> None:
        from rigs.android.sdk.emulator import HOW

        if not HOW["deaf"]:
            self.emulator.adbd.go_away()
            os._exit(0)

    def command(self, words: list[str]) -> str:
        match words:
            case ["avd", "name"]:
                return f"{self.emulator.name}\r\nOK"
            case ["avd", "snapshot", "list"]:
                return self.listed() + "OK"
            case ["avd", "snapshot", "save" | "load" | "delete" as verb, name]:
                return getattr(self.emulator, verb)(name) or "OK"
            case ["avd", "snapshot", *_]:
                return "KO: missing argument"
        return "KO: unknown command, try 'help'"

    def listed(self) -> str:
        folder = self.emulator.snapshots
        names = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []
        if not names:
            return "There is no snapshot available.\r\n"
        return HEAD + "".join(
            f"--        {name:<20}   75M 2026-09-09 11:41:45   00:10:07.753\r\n" for name in names
        )

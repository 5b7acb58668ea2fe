"""The fingerprint kit's Java edition, compiled and started: a proxy and a pin in, its process and its port out.

It needs a JDK. Nothing in it is compiled at run time, because a JVM whose code is compiled now and then hangs while
hooks are put in.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from promptrail.errors import MissingTool, RecordingError
from promptrail.lab.world import FINGERPRINT

SOURCE = Path(__file__).with_name("FingerprintKit.java")
INTERPRETED = ("-XX:CompileCommand=quiet", "-XX:CompileCommand=exclude,*::*")
END = 10.0


class Kit(NamedTuple):
    pid: int
    port: int


def compiled(folder: Path) -> Path:
    """The kit's classes, made in a folder. MissingTool without a JDK."""
    javac = shutil.which("javac")
    if javac is None or shutil.which("java") is None:
        raise MissingTool(
            "the Java edition of the lab's kit needs a JDK (java and javac): `apt install openjdk-17-jdk-headless`, "
            "or your system's package."
        )
    done = subprocess.run([javac, "-d", str(folder), str(SOURCE)], capture_output=True, text=True)
    if done.returncode:
        raise RecordingError(f"javac does not compile {SOURCE.name}: {done.stderr.strip()[-400:]}")
    return folder


@contextmanager
def kit(classes: Path, proxy: tuple[str, int], pin: Path, log: Path, env: Mapping[str, str]) -> Iterator[Kit]:
    """The kit, for the length of the block."""
    command = [
        "java",
        *INTERPRETED,
        "-cp",
        str(classes),
        "FingerprintKit",
        FINGERPRINT,
        proxy[0],
        str(proxy[1]),
    ]
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as words:
        process = subprocess.Popen(
            [*command, str(pin)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            env=dict(env),
            start_new_session=True,
        )
    assert process.stdin and process.stdout
    try:
        said = process.stdout.readline().split()
        if said[:1] != [b"READY"]:
            raise RecordingError(f"The lab's kit in Java did not start; {log} has its last words.")
        yield Kit(process.pid, int(said[1]))
    finally:
        process.stdin.close()
        try:
            process.wait(END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

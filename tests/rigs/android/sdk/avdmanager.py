"""A stand-in for the SDK's avdmanager: `create avd -n NAME -k PACKAGE -d DEVICE`, with its errors word for word.

The words are as people report them; it reads the answer to its question, as the real one does.
"""

import os
import sys
from pathlib import Path

KNOWN = ("pixel", "pixel_6", "Nexus 5X")


def refuse(text: str) -> None:
    print(f"Error: {text}\nnull", file=sys.stderr)
    sys.exit(1)


def main(words: list[str]) -> None:
    sdk, avds = Path(os.environ["ANDROID_HOME"]), Path(os.environ["ANDROID_AVD_HOME"])
    print("[=======================================] 100% Fetch remote repository...", end="\r")
    if words[:2] != ["create", "avd"]:
        refuse(f"{words} is not valid")
    given = dict(zip(words[2::2], words[3::2], strict=True))
    name, package, device = given["-n"], given["-k"], given["-d"]
    if not sdk.joinpath(*package.split(";")).is_dir():
        refuse("Package path is not valid. Valid system image paths are:")
    if device not in KNOWN:
        refuse(f"No device found matching --device {device}.")
    if (avds / f"{name}.ini").exists():
        refuse(f"Android Virtual Device '{name}' already exists.\nUse --force if you want to replace it.")
    assert sys.stdin.read() == "no\n"
    folder = avds / f"{name}.avd"
    folder.mkdir(parents=True)
    (avds / f"{name}.ini").write_text(f"avd.ini.encoding=UTF-8\npath={folder}\n")
    (folder / "config.ini").write_text(f"AvdId={name}\nimage.sysdir.1={package.replace(';', '/')}/\n")


if __name__ == "__main__":
    main(sys.argv[1:])

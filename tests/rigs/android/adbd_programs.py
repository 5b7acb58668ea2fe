"""Stand-ins for the programs of an Android device that adb and its users call, written as shell scripts into a folder.

They keep what they are told in files beside them and answer as Android's documentation says. None of them is Android's.
"""

import base64
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

PROPERTIES = {
    "ro.build.version.sdk": "34",
    "ro.build.version.release": "14",
    "ro.build.fingerprint": "stand-in/stand_in/stand_in:14/STAND/1:userdebug/test-keys",
    "ro.product.cpu.abi": "x86_64",
    "ro.product.cpu.abilist": "x86_64,arm64-v8a",
    "ro.product.locale": "ko-KR",
    "ro.sf.lcd_density": "420",
    "sys.boot_completed": "1",
    "ro.two.lines": "first\nsecond",
}
# Magisk's takes one string behind -c and knows -mm; AOSP's takes a program with its arguments.
SU = {
    "magisk": '[ "$1" = -mm ] && shift; [ "$1" = -c ] || exit 1; ADBD_UID=0 exec sh -c "$2"',
    "string": '[ "$1" = -c ] || { echo "su: invalid user $1" >&2; exit 1; }; ADBD_UID=0 exec sh -c "$2"',
    "argv": '[ "$1" = root ] || { echo "su: invalid uid/gid \'$1\'" >&2; exit 1; }; shift; ADBD_UID=0 exec "$@"',
    "number": '[ "$1" = 0 ] || { echo "su: invalid uid/gid \'$1\'" >&2; exit 1; }; shift; ADBD_UID=0 exec "$@"',
    "words": '[ "$1" = root ] || exit 1; shift; ADBD_UID=0 exec sh -c "$*"',
    "unquoting": '[ "$1" = -c ] || exit 1; ADBD_UID=0 exec sh -c "$(echo "$2" | tr -d "\\047\\042")"',
    "asking": "sleep 600",
}


def png(width: int = 1, height: int = 1) -> bytes:
    """A grey picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = (b"\0" + b"\x80" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def write(
    folder: Path,
    *,
    su: str | None = None,
    properties: Mapping[str, str] | None = None,
    installing: str = "Success",
    picture: bytes | None = None,
    more: Mapping[str, str] | None = None,
) -> str:
    """The programs, in this folder; what PATH has to be for them to be found first. `more` are further ones by name."""
    state = folder / "state"
    for one in ("settings", "apks"):
        (state / one).mkdir(parents=True)
    facts = {**PROPERTIES, **(properties or {})}
    (state / "properties").write_text("".join(f"[{name}]: [{value}]\n" for name, value in facts.items()))
    if facts["sys.boot_completed"] != "1":
        (state / "booting").touch()
    (state / "installing").write_text(installing + "\n")
    shown = base64.b64encode(png() if picture is None else picture).decode()
    programs = {
        "id": '[ "$1" = -u ] && echo "${ADBD_UID:-2000}" || echo "uid=${ADBD_UID:-2000}"',
        "getprop": GETPROP,
        "settings": SETTINGS,
        "cmd": CMD,
        "pm": 'exec cmd package "$@"',
        "screencap": f"echo '[Warning] Multiple displays were found' >&2\necho {shown} | base64 -d",
        "su": SU[su] if su else "",
        **(more or {}),
    }
    for name, body in programs.items():
        if body:
            program = folder / name
            program.write_text(f"#!/bin/sh\nhere={state}\n{body}\n")
            program.chmod(0o755)
    return f"{folder}:/usr/bin:/bin:/usr/sbin:/sbin"


GETPROP = """\
[ -z "$1" ] && exec cat "$here/properties"
sed -n "s/^\\[$1\\]: \\[\\(.*\\)\\]$/\\1/p" "$here/properties"
"""
SETTINGS = """\
value="$here/settings/$2.$3"
case "$1" in
get) cat "$value" 2>/dev/null || echo null ;;
put) echo "$4" >"$value" ;;
delete) rm -f "$value" ;;
esac
"""
# pm install reads the APK from its input: -S gives the length, - stands for the input; sessions are numbered.
CMD = """\
[ "$1" = package ] && shift
what=$1
size=0
name=base.apk
for word; do
  [ "$last" = -S ] && size=$word
  case "$word" in *.apk) name=$word ;; esac
  last=$word
done
case "$what" in
install) head -c "$size" >"$here/apks/base.apk"; cat "$here/installing" ;;
install-create) echo "Success: created install session [7]" ;;
install-write) head -c "$size" >"$here/apks/$(basename "$name")"; echo "Success: streamed $size bytes" ;;
install-commit) cat "$here/installing" ;;
install-abandon) echo Success ;;
list) [ -e "$here/booting" ] && { echo "cmd: Can't find service: package" >&2; exit 20; }; echo package:android ;;
*) echo "cmd: Can't find service: $what" >&2; exit 20 ;;
esac
"""

"""Runs beside promptrail, in a process of its own: compiled XML and resource tables in, JSON out. Uses androguard.

These formats are read by recursion, by counts out of the file, and by loops that a forged file can keep turning; so
they are read where memory and time can be taken away. Started by its path with `python -I`, it imports nothing of
promptrail. A request is one letter, four bytes of length, and that many bytes; an answer is four bytes of length and
a JSON object, {"error": reason} where a request could not be answered.
"""

import io
import json
import struct
import sys
from typing import Any

ANDROID = "{http://schemas.android.com/apk/res/android}"
HEAD = struct.Struct("<cI")
LENGTH = struct.Struct("<I")
LONGEST_STRING = 4096


def nodes(data: bytes, most: int) -> list[list[Any]]:
    """Compiled XML as its elements in order: depth, tag, attributes, text. Attributes of Android's get a prefix."""
    from androguard.core.axml import AXMLPrinter

    if data[:4] != b"\x03\x00\x08\x00" and data[:2] != b"\x00\x00":
        raise ValueError("not compiled XML")
    root = AXMLPrinter(data).get_xml_obj()
    if root is None:
        raise ValueError("holds no element")
    found: list[list[Any]] = []
    stack = [(0, root)]
    while stack:
        depth, node = stack.pop()
        if not isinstance(node.tag, str):
            continue
        if len(found) >= most:
            raise ValueError(f"more than {most:,} elements")
        attributes = {key.replace(ANDROID, "android:"): value for key, value in node.attrib.items()}
        found.append([depth, node.tag.rpartition("}")[2], attributes, (node.text or "").strip()])
        stack += [(depth + 1, child) for child in reversed(node)]
    return found


def pool(data: bytes) -> list[str]:
    """The strings of a resource table that could hold an address: what has a dot and is no file of the package."""
    from androguard.core.axml import ARSCHeader, StringBlock

    buffer = io.BufferedReader(io.BytesIO(data))
    buffer.seek(ARSCHeader(buffer).header_size)
    strings = StringBlock(buffer, ARSCHeader(buffer))
    out = []
    for index in range(len(strings)):
        text = strings[index]
        if "." in text and not text.startswith("res/"):
            out.append(text[:LONGEST_STRING])
    return out


class Table:
    """The resource table of one package file."""

    def __init__(self) -> None:
        self.parser: Any = None

    def load(self, data: bytes) -> dict[str, Any]:
        from androguard.core.axml import ARSCParser

        self.parser = ARSCParser(data)
        return {"packages": list(self.parser.get_packages_names())}

    def value(self, reference: str) -> str | None:
        """What @7F020000 stands for in the default configuration, or in the first there is."""
        from androguard.core.axml import ARSCResTableConfig

        number = int(reference.lstrip("@").rpartition(":")[2], 16)
        found = self.parser.get_resolved_res_configs(number, ARSCResTableConfig.default_config())
        value = found[0][1] if found else None
        return value if isinstance(value, str) else None

    def named(self, names: list[str]) -> dict[str, str]:
        """The string resources of these names."""
        out: dict[str, str] = {}
        for package in self.parser.get_packages_names():
            for name in names:
                number = self.parser.get_res_id_by_key(package, "string", name)
                value = self.value(f"@{number:08X}") if number else None
                if value:
                    out[name] = value
        return out


def answer(table: Table, letter: bytes, data: bytes, most: int) -> dict[str, Any]:
    """The answer to one request."""
    if letter == b"x":
        return {"nodes": nodes(data, most)}
    if letter == b"s":
        return {"strings": pool(data)}
    if letter == b"t":
        return table.load(data)
    if letter == b"v":
        return {"value": table.value(data.decode())}
    return {"named": table.named(json.loads(data))}


def limit(memory: int) -> None:
    """Take memory away, where the system can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    except (ImportError, ValueError, OSError):
        pass


def main(memory: int, most: int) -> None:
    """Answer requests until there are no more."""
    limit(memory)
    from androguard.core import axml

    axml.logger.remove()  # loguru's one logger, which would fill standard error with every oddity
    table = Table()
    while head := sys.stdin.buffer.read(HEAD.size):
        letter, length = HEAD.unpack(head)
        data = sys.stdin.buffer.read(length)
        try:
            reply = json.dumps(answer(table, letter, data, most))
        except Exception as fault:  # androguard raises whatever its assumptions run into
            reply = json.dumps({"error": f"{type(fault).__name__}: {fault}"})
        encoded = reply.encode()
        sys.stdout.buffer.write(LENGTH.pack(len(encoded)) + encoded)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

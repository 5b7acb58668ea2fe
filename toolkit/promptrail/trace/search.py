"""The probes of a pass, compiled: their needles, their folded texts, their fragments; each search says where.

One layer is searched at a time, all needles in one pass over its bytes, overlaps included (ahocorasick_rs).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from promptrail.model import Probe
from promptrail.trace import folded, partial, xor
from promptrail.trace.ciphertexts import Ciphertexts
from promptrail.trace.look import Within
from promptrail.trace.needles import Needle, needles, utf8
from promptrail.trace.words import machine, matches

Found = tuple[Needle, int, int]
"""A needle and where it begins and ends in the layer, in bytes."""


class Search:
    """Everything that is looked for in one pass."""

    def __init__(self, probes: Sequence[Probe], ciphertexts: Ciphertexts | None = None) -> None:
        self.probes = list(probes)
        self.ciphertexts = ciphertexts or Ciphertexts()
        own = needles(self.probes)
        self.needles = own + self.ciphertexts.needles
        self._whole = [n for n in own if n.tier != "fragment"]
        self._parts = [n for n in own if n.tier == "fragment"]
        self.longest = max((len(n.data) for n in self.needles), default=1)
        """Bytes of the longest needle: stretches that are searched one after another overlap by so many."""
        self._machine = machine([n.data for n in self._whole])
        self._fragments = machine([n.data for n in self._parts])

    @cached_property
    def _folded(self) -> Any:
        return machine([utf8(folded.fold(p.text)) for p in self.probes])

    @cached_property
    def _forms(self) -> list[tuple[int, bytes]]:
        forms = ((n, form) for n, p in enumerate(self.probes) for form in xor.forms(p.text))
        return [(n, form) for n, form in forms if len(form) >= xor.SHORTEST]

    @cached_property
    def _differences(self) -> Any:
        return machine([xor.differences(form) for _, form in self._forms])

    def find(self, data: bytes) -> list[Found]:
        """Needles as they stand in the bytes."""
        hits = [(self._whole[n], start, end) for n, start, end in matches(self._machine, data)]
        return [h for h in hits if h[0].confirm is None or h[0].confirm(data, h[1], h[2])]

    def normalised(self, data: bytes, told: Sequence[Found] = ()) -> Iterator[Found]:
        """Probes that stand there when case, Unicode form, white space and zero-width characters are set aside.

        `told`: what `find` gave; a probe that stands there as it is as often as folded is not told again.
        """
        text = data.decode("utf-8", "surrogatepass") if _decodes(data) else data.decode("utf-8", "replace")
        plain = folded.fold(text)
        raw = utf8(plain)
        found = matches(self._folded, raw)
        folded_of = Counter(number for number, _, _ in found)
        as_is = Counter(needle.probe for needle, _, _ in told if not needle.steps)
        for number, start, end in found:
            if as_is[number] >= folded_of[number]:
                continue
            first = len(raw[:start].decode("utf-8", "surrogatepass"))
            last = first + len(raw[start:end].decode("utf-8", "surrogatepass"))
            place, length = folded.span_of(text, first, last)
            yield Needle(number, (), "normalised", raw[start:end]), place, place + length

    def parts(self, data: bytes, told: Sequence[Found] = ()) -> Iterator[tuple[Needle, partial.Part]]:
        """Parts of probes of which the value holds no more; `told`: what `find` gave.

        Bytes of a probe that stands there whole are no part of another that holds no more than them.
        """
        seen: set[tuple[int, int]] = set()
        whole = Within((start, end) for n, start, end in told if n.tier in ("exact", "normalised"))
        for number, start, end in matches(self._fragments, data):
            fragment = self._parts[number]
            probe = utf8(self.probes[fragment.probe].text)
            part = partial.grow(data, probe, fragment.at, start, end - start)
            if part is None or whole.has(part.start, part.start + part.length):
                continue
            if (fragment.probe, part.start) not in seen:
                seen.add((fragment.probe, part.start))
                yield Needle(fragment.probe, (), "partial", data[part.start : part.start + part.length]), part

    def ciphered(self, data: bytes) -> Iterator[Found]:
        """Probes under a constant one-byte key other than none."""
        for form, start, _ in matches(self._differences, xor.differences(data)):
            number, raw = self._forms[form]
            if key := xor.key_of(data, start, raw):
                yield Needle(number, (f"xor 0x{key:02x}",), "obfuscated", raw), start, start + len(raw)


def _decodes(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True

"""What the checks on opaque bytes must find and must not, made here by a real cipher: no input in, a count out.

AES in ECB mode over a text that repeats and in CBC mode with one IV over texts that begin alike must be found; the same
texts with an IV of their own, in CTR mode, and the bare text must not.
"""

import hashlib
from typing import NamedTuple

from promptrail.findings.weak.checks.beginnings import begins
from promptrail.findings.weak.checks.carried import WHOLE, Opaque
from promptrail.findings.weak.checks.repeats import RARE, repeats

KEY = hashlib.sha256(b"promptrail planted").digest()[:16]
LINE = b'{"device_id":"9f86d081884c7d65","event":"keyboard_shown","at":%05d},'


class Planted(NamedTuple):
    found: int
    of: int
    wrong: int
    """Found where nothing was planted."""
    among: int


def planted() -> Planted:
    """The checks against what is known."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    def sealed(text: bytes, mode: modes.ECB | modes.CBC | modes.CTR) -> bytes:
        context = Cipher(algorithms.AES(KEY), mode).encryptor()
        return context.update(text + bytes(-len(text) % 16)) + context.finalize()

    def iv(n: int) -> bytes:
        return hashlib.sha256(b"iv %d" % n).digest()[:16]

    line = LINE % 7
    text = (line + bytes(-len(line) % 16)) * 4
    texts = [LINE[:20] + LINE[20 : 20 + 16 * n] + iv(n) * n for n in range(1, 4)]
    fixed = [opaque(sealed(one, modes.CBC(iv(0)))) for one in texts]
    fresh = [opaque(sealed(one, modes.CBC(iv(n)))) for n, one in enumerate(texts)]
    shared = begins(fixed)
    right = [repeats(sealed(text, modes.ECB())) is not None, shared is not None and shared.chance <= RARE]
    false = [
        repeats(sealed(text, modes.CBC(iv(0)))) is not None,
        repeats(sealed(text, modes.CTR(iv(0)))) is not None,
        repeats(LINE % 7 * 16) is not None,
        begins(fresh) is not None,
    ]
    return Planted(sum(right), len(right), sum(false), len(false))


def opaque(data: bytes) -> Opaque:
    """Bytes as a message of their own."""
    return Opaque(WHOLE, len(data), data[:1024], hashlib.sha256(data).hexdigest(), repeats(data))

"""What each vendor of the opaque case is sent for a slot: a rule a vendor, the slot's text in, a body out.

In: a slot of the plan (kind, text) and what the app has at hand. Out: bytes, None where the rule sends nothing. Sealed
bodies are AES-256-GCM under a key that is drawn at the start of the app and kept by nobody.
"""

import hashlib
import json
import math
import os
import random
from collections.abc import Callable
from typing import Any

Slot = dict[str, Any]
Rule = Callable[["Hands", Slot], bytes | None]
LINE, LINE_EVENT = 45, 38
KEY_EVENT, KEY_SHARE = 90, 0.12
BLOCK = 16_384
NONCE, TAG = 12, 16


class Hands:
    """What the app has at hand. `typed`: texts are typed key by key, else pasted."""

    def __init__(self, seed: str, typed: bool) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.seed, self.typed = seed, typed
        self._salt = os.urandom(16)
        self._cipher = AESGCM(os.urandom(32))

    def sealed(self, content: bytes) -> bytes:
        """Nonce, ciphertext of the same length, tag."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, content, None)

    def salted(self, text: str) -> str:
        """Another app's run gives another hash of the same text."""
        return hashlib.sha256(self._salt + text.encode()).hexdigest()

    def chance(self, what: str, slot: Slot) -> random.Random:
        """The same for the same plan, whatever else the app does."""
        return random.Random(f"{self.seed} {what} {slot['slot']}")


def chat(hands: Hands, slot: Slot) -> bytes:
    asked = {"model": "parley-large", "messages": [{"role": "user", "content": slot["text"]}]}
    return json.dumps(asked, ensure_ascii=False).encode()


def upload(hands: Hands, slot: Slot) -> bytes:
    return hands.sealed(slot["text"].encode())


def layout(hands: Hands, slot: Slot) -> bytes:
    return hands.sealed(bytes(LINE_EVENT * math.ceil(len(slot["text"]) / LINE)))


def keys(hands: Hands, slot: Slot) -> bytes | None:
    events = len(slot["text"]) if hands.typed else 1
    chance = hands.chance("keys", slot)
    told = sum(chance.random() < KEY_SHARE for _ in range(events))
    return hands.sealed(bytes(KEY_EVENT * told)) if told else None


def answer(hands: Hands, slot: Slot) -> bytes:
    return hands.sealed(b"OK")


def padded(hands: Hands, slot: Slot) -> bytes:
    content = slot["text"].encode()
    return hands.sealed(content + bytes(-(len(content) + NONCE + TAG) % BLOCK))


def hash_(hands: Hands, slot: Slot) -> bytes:
    return hands.sealed(json.dumps({"event": "prompt", "h": hands.salted(slot["text"])}).encode())


def fields(hands: Hands, slot: Slot) -> bytes:
    """Readable: the hash is without salt, so that it repeats with its prompt."""
    topic = hashlib.sha256(slot["text"].encode()).hexdigest()[:12]
    began = random.Random(hands.seed).randrange(100_000, 900_000)
    told = {"schema": 3, "n": began + slot["slot"], "nonce": os.urandom(8).hex(), "topic": topic}
    return json.dumps(told).encode()


RULES: dict[str, Rule] = {
    "chat": chat,
    "upload": upload,
    "layout": layout,
    "keys": keys,
    "answer": answer,
    "padded": padded,
    "hash": hash_,
    "fields": fields,
}
"""By `Vendor.does`."""
BEFORE_SENDING = {"keys"}
"""Rules that also see a draft, which is put into the field and deleted unsent."""


def body(does: str, hands: Hands, slot: Slot) -> bytes | None:
    """What a vendor's rule sends for this slot."""
    asked = slot["kind"] == "prompt" or (slot["kind"] == "draft" and does in BEFORE_SENDING)
    return RULES[does](hands, slot) if asked else None

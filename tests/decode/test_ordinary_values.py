"""What ordinary traffic is full of is not taken for a format: false structure costs time and invents paths."""

# ruff: noqa: E501 (tables: one way a line)

import hashlib
import os
import random
import uuid

import pytest

from decode.unwrapping import below
from promptrail.decode.layer import Layer

RUNS = {"base64", "hex", "base32"}
"""Runs are tried wherever they are long enough; what comes out is noise that nobody finds anything in."""
WORDS = [
    "hello", "Settings", "com.example.parley", "SM-G973N", "en-US", "ko_KR", "Asia/Seoul", "true", "undefined",
    "2026-11-21T10:00:00.000Z", "Sat, 21 Nov 2026 10:00:00 GMT", "1732183200000", "37.5665,126.9780", "+82-10-1234-5678",
    "min-jun@example.test", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "gzip, deflate, br, zstd",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
    "Dalvik/2.1.0 (Linux; U; Android 12; Pixel 6 Build/SQ3A.220705.004)", "max-age=31536000; includeSubDomains",
    "The quick brown fox jumps over the lazy dog.", "오늘 날씨가 어때요? 내일은요?", "今天天气怎么样？明天呢？", "Grüße aus München",
    "明日の天気はどうですか", "Привет, как дела?", "مرحبا كيف حالك", "a < b && c > d", "C:\\Users\\new\\text.txt", "1 + 1 = 2; 2 = 2",
    "😀👨‍👩‍👧 ok", "x" * 64, "A" * 20, "-----", "=====", "....", "a,b,c,d,e,f", "fn(1, 2)", "key: value", "100%", "5% of 20%", "~/.config",
]  # fmt: skip


@pytest.mark.parametrize("value", WORDS)
def test_a_word_or_sentence_is_a_leaf(value: str) -> None:
    """Words, dates, numbers, user agents, sentences in seven scripts."""
    assert {word for layer in below(Layer(value.encode())) for word in layer.chain} <= RUNS


def test_ids_and_hashes_are_leaves() -> None:
    """Two thousand UUIDs and digests, in either case."""
    for n in range(500):
        digest = hashlib.sha256(str(n).encode()).hexdigest()
        made = [str(uuid.UUID(digest[:32])), digest, digest[:32].upper(), digest[:40]]
        for value in made:
            assert {layer.chain[0] for layer in below(Layer(value.encode()))} <= RUNS


def test_noise_is_hardly_ever_taken_for_a_format() -> None:
    """Encrypted and random values: one in 200 at most, whatever their length, and of 64 bytes and more none."""
    chance = random.Random(20261121)
    taken = dict.fromkeys((8, 12, 16, 20, 32, 64, 256, 4096), 0)
    for size in taken:
        for _ in range(1000 if size < 4096 else 200):
            layers = below(Layer(chance.randbytes(size)))
            taken[size] += any(layer.chain[0] not in RUNS for layer in layers)
    assert max(taken.values()) <= 5 and taken[256] + taken[4096] == 0, taken


def test_pictures_are_not_tried() -> None:
    """A JPEG is no brotli, whatever stands in it."""
    picture = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + os.urandom(20_000)
    assert {layer.chain[0] for layer in below(Layer(picture, media="image/jpeg"))} <= RUNS

"""Content codings: named by the header, stacked, not named, and named wrongly."""

import json
from collections.abc import Callable

from promptrail.lab.encoders import compression as c
from promptrail.lab.encodings.shape import Encoding, body

JSON = "application/json"


def titled(text: str) -> bytes:
    """JSON with the first half of the text as a title before it: every compressor refers back, and cuts the text."""
    shown = {"title": text[: len(text) // 2], "seq": 4, "prompt": text, "client": {"name": "sampler"}}
    return json.dumps(shown, ensure_ascii=False).encode()


def _named(name: str, header: str, *codings: Callable[[bytes], bytes], chain: tuple[str, ...]) -> Encoding:
    """JSON under codings, the first applied first; `header` is what Content-Encoding says."""

    def write(text: str) -> bytes:
        data = titled(text)
        for coding in codings:
            data = coding(data)
        return data

    media = JSON if header else "application/octet-stream"
    return Encoding(name, (*chain, "json"), body(write, media, header), pointer="/prompt")


ENCODINGS = (
    _named("gzip", "gzip", c.gzip, chain=("gzip",)),
    _named("deflate (zlib)", "deflate", c.zlib_stream, chain=("deflate",)),
    _named("deflate (raw)", "deflate", c.deflate, chain=("deflate",)),
    _named("br", "br", c.br, chain=("br",)),
    _named("zstd", "zstd", c.zstd, chain=("zstd",)),
    _named("gzip in br", "gzip, br", c.gzip, c.br, chain=("br", "gzip")),
    _named(
        "zstd in gzip in deflate",
        "zstd, gzip, deflate",
        c.zstd,
        c.gzip,
        c.zlib_stream,
        chain=("deflate", "gzip", "zstd"),
    ),
    _named("gzip, not named", "", c.gzip, chain=("gzip",)),
    _named("zlib, not named", "", c.zlib_stream, chain=("zlib",)),
    _named("deflate, not named", "", c.deflate, chain=("deflate",)),
    _named("br, not named", "", c.br, chain=("br",)),
    _named("zstd, not named", "", c.zstd, chain=("zstd",)),
    _named("LZ4 frame", "", c.lz4, chain=("lz4",)),
    _named("snappy frame", "", c.snappy, chain=("snappy",)),
    _named("snappy block", "", c.snappy_block, chain=("snappy block",)),
    _named("LZ4 block", "", c.lz4_block, chain=("lz4 block",)),
    _named(
        "LZ4 block behind its length", "", lambda data: c.lz4_block(data, sized=True), chain=("lz4 block",)
    ),
    _named("gzip twice, named once", "gzip", c.gzip, c.gzip, chain=("gzip", "gzip")),
    _named("plain, said to be gzip", "gzip", chain=()),
    _named("gzip, said to be br", "br", c.gzip, chain=("gzip",)),
    _named("zstd, said to be gzip", "gzip", c.zstd, chain=("zstd",)),
)

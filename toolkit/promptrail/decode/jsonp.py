"""JSON behind a guard or inside a call in (JSONP, `)]}',`, `for(;;);`, `while(1);`), the JSON out."""

import re
from collections.abc import Iterator

from promptrail.decode.layer import Layer, Piece

GUARD = re.compile(
    rb"\s*(?:\)\]\}'?,?|for\s*\(;;\);|while\s*\((?:1|true)\);|throw\s*1;|&&&START&&&)\s*(?=[{\[\"]|\d+\s*[{\[])"
)
CALL = re.compile(
    rb"\s*(?:/\*\*/\s*)?(?:typeof\s+[\w$.]{1,100}\s*===?\s*['\"]function['\"]\s*&&\s*)?[A-Za-z_$][\w$.\[\]'\"]{0,100}\s*\(\s*(?=[{\[\"])"
)
ASSIGNED = re.compile(rb"\s*(?:var|let|const|window\.)\s*[\w$.]{1,100}\s*=\s*(?=[{\[])")
CLOSING = re.compile(rb"\s*\)?\s*;?\s*\Z")


def jsonp(layer: Layer) -> Iterator[Piece]:
    """The JSON text, with its place."""
    data = layer.data
    if len(data) < 8 or data[:1] in b'{["<':
        return
    call = CALL.match(data)
    found = call or GUARD.match(data) or ASSIGNED.match(data)
    if found is None:
        return
    closing = CLOSING.search(data, max(found.end(), len(data) - 64))
    if call and (closing is None or b")" not in closing[0]):
        return
    end = closing.start() if closing else len(data)
    if end - found.end() >= 4:
        yield Piece(
            data[found.end() : end], found.end(), end - found.end(), exact=True, media="application/json"
        )

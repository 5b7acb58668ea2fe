"""Codes that pages show: English in every frame, fact and findings.json, and `say(code)` where somebody reads them.

They are marked for translators here, once, because what states them (`model`, `trace`, a case) knows no language.
"""

from promptrail.language import mark

VERDICTS = (mark("supported"), mark("contradicted"), mark("not observed"), mark("cannot tell"))
RESULTS = (mark("pass"), mark("fail"), mark("not run"))
GRADES = (
    mark("static only"),
    mark("contact"),
    mark("decrypted"),
    mark("decoded field"),
    mark("controls hold"),
    mark("replicated"),
)
KINDS = (
    mark("prompt"),
    mark("draft"),
    mark("file-name"),
    mark("identifier"),
    mark("email"),
    mark("phone"),
)
TIERS = (
    mark("exact"),
    mark("normalised"),
    mark("reassembled"),
    mark("partial"),
    mark("digest"),
    mark("obfuscated"),
)
PARTS = (
    mark("url"),
    mark("header"),
    mark("cookie"),
    mark("body"),
    mark("trailer"),
    mark("ws"),
    mark("sse"),
    mark("raw"),
    mark("dns"),
)
DIRECTIONS = (mark("request"), mark("response"))
STATED = (mark("not stated"), mark("not known"), mark("not determinable"))
SIMULATED = mark("Simulated, not evidence: ")

"""Rows read from a client's plaintext, against mitmproxy's own flows of the same: equal where both can know."""

from pathlib import Path

from ingest.oracle import Row, oracle, plain

NOT_SAID = {
    "flow", "run", "source_ref", "connection", "started", "request_ended", "response_started", "ended", "at",
    "dest_ip", "dest_port", "cert_names", "cert_issuer", "simulated", "bodies_decoded",
}  # fmt: skip
"""What names the source, the clock, and the server's side, which a client does not see."""


def alike(flows: list[Row], messages: list[Row], file: Path, lower: bool = False) -> list[Row]:
    """Every column that both witnesses can say is the same; mitmproxy's flows. `lower`: the client spoke HTTP/2."""
    theirs = oracle(file, "run")
    assert len(flows) == len(theirs["flows"]) > 0
    for said, expected in zip(flows, theirs["flows"], strict=True):
        said = said | {
            side: [h if isinstance(h, dict) else {"name": h[0], "value": h[1]} for h in said[side]]
            for side in ("request_headers", "response_headers")
        }
        if lower:
            expected["response_headers"] = [
                h | {"name": h["name"].lower()}
                for h in expected["response_headers"]
                if h["name"].lower() not in (b"transfer-encoding", b"connection")
            ]
        for column in expected.keys() - NOT_SAID:
            assert plain(said[column]) == plain(expected[column]), (said["url"], column)
        ours = [m for m in messages if m["flow"] == said["flow"]]
        wanted = [m for m in theirs["messages"] if m["flow"] == expected["flow"]]
        assert len(ours) == len(wanted)
        for one, other in zip(ours, wanted, strict=True):
            for column in other.keys() - NOT_SAID:
                assert one[column] == other[column], (said["url"], column)
    return theirs["flows"]

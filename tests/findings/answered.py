"""Cases for tests in which servers hand out settings: flows with an answer, in runs with and without a prompt."""

from pathlib import Path
from typing import Any

from factories import BEGAN, Rows, compact
from promptrail.case import Case
from promptrail.model import Flow, Message

CLOUD, OWN = "ingest.brightmoor.test", "chat.parley.test"
PROMPT = "My daughter is 8 and has a fever of 39.4, how much ibuprofen? kestrel-4417"
SETTINGS = {"settings": {"interval": 30}, "experiments": {"often": {"variant": "on"}}}


def case_rows() -> Rows:
    rows = Rows()
    rows.probe("p1", "prompt", PROMPT)
    rows.recipient(OWN, True, service_operator="Parley Labs")
    rows.recipient(CLOUD, False, service_operator="Brightmoor", address_country="XB")
    return rows


def answered(
    rows: Rows, run: str, host: str, path: str, answer: bytes | None, after: float, **more: Any
) -> Flow:
    """A GET whose answer has this body; None: a body that the capture does not hold."""
    values: dict[str, Any] = {
        "url": f"https://{host}{path}",
        "method": "GET",
        "response_started": BEGAN + after + 0.1,
        "response_headers": [(b"Content-Type", b"application/json")],
    }
    flow = rows.flow(run, host, b"", after, **(values | more))
    if answer is not None:
        digest = rows.body(answer)
        rows.rows["messages"].append(
            Message(
                flow.flow,
                run,
                1,
                "response",
                "body",
                digest,
                len(answer),
                BEGAN + after + 0.1,
                media="application/json",
            )
        )
    return flow


def runs_with(
    folder: Path,
    values: list[str | None],
    requests: list[int],
    own: bool = True,
    control: str | None = None,
    path: str = "/v1/experiments",
    **run: Any,
) -> Case:
    """Runs r0, r1, ...: each is handed a variant (None: no settings), and makes so many requests after its prompt."""
    rows = case_rows()
    for n, (value, count) in enumerate(zip(values, requests, strict=True)):
        name, start = (
            rows.run(f"r{n}", BEGAN + 100 * n, **({"app": "Parley", "app_version": "1"} | run)),
            100.0 * n,
        )
        rows.event(name, start + 1, "launch")
        if own:
            answered(rows, name, OWN, "/v1/settings", compact({"features": {"files": True}}), start + 1.5)
        if value is not None:
            answer = {
                "settings": {"interval": 30},
                "experiments": {"often": {"variant": value}},
                "at": f"{name}-xyz",
            }
            answered(rows, name, CLOUD, path, compact(answer), start + 2)
        rows.event(name, start + 3, "consent")
        rows.event(name, start + 10, "typing", "p1")
        rows.event(name, start + 12, "sent", "p1")
        body = compact({"text": PROMPT, "n": n})
        rows.sighting(rows.flow(name, OWN, body, start + 12.1), "p1", body, start + 12.1, path="/text")
        for k in range(count):
            rows.flow(
                name,
                CLOUD,
                compact({"beat": k, "n": n}),
                start + 13 + k / 10,
                url=f"https://{CLOUD}/v2/batch",
            )
        rows.event(name, start + 20, "end")
    if control:
        rows.run("c3", BEGAN + 9000, control="C3", app="Marginalia")
        answered(rows, "c3", CLOUD, control, compact(SETTINGS), 9000)
    return rows.write(folder)

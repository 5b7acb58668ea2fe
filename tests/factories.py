"""Builders for tests: a small case with true bytes behind every row, always marked simulated.

`Rows` collects records and writes them as the frames of a real case folder. `parley()` is a filled one: two runs of a
fictional app, its maker, another company, one pinned host. Hosts lie under .test and .example, countries are the
user-assigned codes XA to XC.
"""

import base64
import gzip
import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq

from promptrail import frames
from promptrail.case import Case
from promptrail.model import Connection, Control, Event, Finding, Flow, Message, Probe, Run, Sighting

BEGAN = 1_790_000_000.0
"""Start of the first run, seconds since the epoch."""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Rows:
    """Records of every frame, and the bodies they name."""

    simulated: bool = True
    rows: dict[str, list[Any]] = field(default_factory=lambda: {n: [] for n in frames.FRAMES})

    def run(self, name: str, began: float = BEGAN, **more: Any) -> str:
        values: dict[str, Any] = {
            "source": "evidence",
            "file": f"captures/{name}/evidence.jsonl",
            "scenario": "chat",
        }
        values |= {
            "sha256": sha256(name.encode()),
            "started": began,
            "ended": began + 60,
            "simulated": self.simulated,
        }
        self.rows["runs"].append(Run(name, **(values | more)))
        return name

    def probe(self, probe: str, kind: str, text: str, decoy: bool = False, of: str | None = None) -> str:
        self.rows["probes"].append(Probe(probe, kind, text, decoy, of))
        return probe

    def event(
        self, run: str, after: float, event: str, probe: str | None = None, label: str | None = None
    ) -> None:
        self.rows["events"].append(Event(run, BEGAN + after, event, probe, label))

    def body(self, data: bytes) -> str:
        digest = sha256(data)
        if all(r["sha256"] != digest for r in self.rows["bodies"]):
            self.rows["bodies"].append({"sha256": digest, "length": len(data), "at": 0, "data": data})
        return digest

    def flow(self, run: str, host: str | None, body: bytes = b"", after: float = 0.0, **more: Any) -> Flow:
        """One HTTPS exchange with a request body, its message and its connection."""
        n = len(self.rows["flows"])
        name = sha256(f"{run} {n}".encode())[:12]
        values: dict[str, Any] = {
            "kind": "http",
            "host": host,
            "port": 443,
            "method": "POST",
            "scheme": "https",
        }
        values |= {"url": f"https://{host}/v1/chat", "status": 200, "started": BEGAN + after, "sni": host}
        values |= {"dest_ip": "198.51.100.14", "dest_port": 443, "cert_names": [host] if host else []}
        values |= {"request_headers": [(b"Content-Type", b"application/json")], "connection": f"c{name}"}
        values |= {"request_body": self.body(body), "request_length": len(body), "simulated": self.simulated}
        flow = Flow(name, run, str(n), **(values | more))
        self.rows["flows"].append(flow)
        self.rows["messages"].append(
            Message(name, run, 0, "request", "body", sha256(body), len(body), BEGAN + after)
        )
        self.connection(run, host, connection=f"c{name}", bytes_out=len(body) + 200)
        return flow

    def connection(self, run: str, host: str | None, outcome: str = "read", **more: Any) -> None:
        n = len(self.rows["connections"])
        values: dict[str, Any] = {
            "connection": f"x{n:04d}",
            "sni": host,
            "simulated": self.simulated,
            "bytes_out": 0,
        }
        values |= {"outcome": outcome, "opened": BEGAN + n}
        values |= more
        name = values.pop("connection")
        self.rows["connections"].append(Connection(name, run, host, **values))

    def sighting(self, flow: Flow, probe: str, data: bytes, after: float, **more: Any) -> Sighting:
        """A row for `probe` found in `data`, the innermost layer of the flow's request body."""
        known = next(p for p in self.rows["probes"] if p.probe == probe)
        hit = known.text.encode()
        values: dict[str, Any] = {
            "part": "body",
            "path": "/messages/0/content",
            "chain": ["json"],
            "tier": "exact",
        }
        values |= {
            "offset": max(0, data.find(hit)),
            "length": len(hit),
            "raw_offset": 0,
            "raw_length": len(data),
        }
        values |= {"direction": "request", "at": BEGAN + after, "body": flow.request_body, "seq": 0}
        values |= {"simulated": self.simulated}
        values |= more
        row = Sighting(
            id="S-" + sha256(f"{flow.flow} {probe} {values['path']} {values['chain']}".encode())[:12],
            probe=probe,
            text=known.text,
            kind=known.kind,
            decoy=known.decoy,
            run=flow.run,
            flow=flow.flow,
            source_ref=flow.source_ref,
            host=flow.host,
            method=flow.method,
            url=flow.url,
            **values,
        )
        self.rows["sightings"].append(row)
        return row

    def recipient(
        self, host: str, own: bool | None = None, country: str = "XA", **answers: str | None
    ) -> None:
        """What is said about a host; answers by question, None where nobody knows."""
        for question, answer in answers.items():
            row = {
                "host": host,
                "registrable_domain": host,
                "question": question,
                "answer": answer,
                "own": own,
            }
            row |= {"country": country, "source": "lab: invented", "as_of": "2026-03-14", "origin": "case"}
            self.rows["recipients"].append(row)

    def undecoded(self, flow: Flow, reason: str = "binary", length: int = 100) -> None:
        row = {"flow": flow.flow, "run": flow.run, "host": flow.host, "direction": "request", "seq": 0}
        self.rows["undecoded"].append(
            row | {"reason": reason, "detail": "tried json, gzip", "length": length}
        )

    def write(self, folder: Path, **settings: Any) -> Case:
        """A case folder with these frames. Its captures are empty: only for what starts from frames."""
        settings.setdefault("app", {"name": "Parley", "package": "test.parley.chat", "version": "4.2.0"})
        case = Case.create(folder, simulated=self.simulated, **settings)
        for probe in self.rows["probes"]:
            if not probe.decoy:
                case.add_probe(probe.kind, probe.text, probe.probe)
        (folder / "frames").mkdir(exist_ok=True)
        for name, rows in self.rows.items():
            pq.write_table(frames.to_arrow(name, rows), folder / "frames" / f"{name}.parquet")
        return case


PROMPT = "My daughter is 8 and has a fever of 39.4, how much ibuprofen? kestrel-4417"
KOREAN = "우리 팀의 3분기 구조조정 계획을 요약해 줘. dunlin-8850"
DRAFT = "I think I am pregnant and have told nobody osprey-1178"
DEVICE = "9f86d081884c7d65"
TOKEN = "tok_5d1c0e8bb0a24c3f9f0d7f5a"


def compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def parley() -> Rows:
    """Two runs of the fictional Parley: prompts to its maker, prompts, a draft and a device id to another company."""
    rows = Rows()
    rows.probe("p1", "prompt", PROMPT)
    rows.probe("p2", "prompt", KOREAN)
    rows.probe("d1", "draft", DRAFT)
    rows.probe("i1", "identifier", DEVICE)
    rows.probe(
        "x1", "prompt", "My nephew is 6 and has a cough since 12.3, which syrup? plover-2093", True, "p1"
    )
    for n, run in enumerate(("r1", "r2")):
        _record(rows, rows.run(run, BEGAN + 100 * n, control="C1"), 100.0 * n)
    rows.recipient("chat.parley.test", True, domain_owner="Parley Labs", service_operator="Parley Labs")
    rows.recipient(
        "chat.parley.test", True, network_operator="Harbourline Cloud (AS64500)", address_country="XA"
    )
    rows.recipient(
        "ingest.brightmoor.test", False, "XB", domain_owner="Brightmoor Group", service_operator="Brightmoor"
    )
    rows.recipient(
        "ingest.brightmoor.test", False, "XB", network_operator="Brightmoor (AS64511)", address_country="XB"
    )
    rows.recipient("edge.quillmark.example", None, "XC", domain_owner="Quillmark", service_operator=None)
    return rows


def _record(rows: Rows, run: str, start: float) -> None:
    for after, event, probe in (
        (0, "launch", None),
        (4, "typing", "d1"),
        (9, "typed", "d1"),
        (10, "deleted", "d1"),
        (18, "consent", None),
        (24, "typing", "p1"),
        (32, "typed", "p1"),
        (33, "sent", "p1"),
        (40, "typing", "p2"),
        (46, "typed", "p2"),
        (46.5, "sent", "p2"),
        (60, "end", None),
    ):
        rows.event(run, start + after, event, probe)
    for probe, text, at in (("p1", PROMPT, 33.2), ("p2", KOREAN, 46.9)):
        body = compact({"model": "parley-2", "token": TOKEN, "messages": [{"role": "user", "content": text}]})
        flow = rows.flow(run, "chat.parley.test", body, start + at)
        rows.sighting(
            flow, probe, body, start + at, raw_offset=body.find(text.encode()), raw_length=len(text.encode())
        )
    for probe, text, at in (("d1", DRAFT, 11.3), ("p1", PROMPT, 35.0), ("p2", KOREAN, 49.0)):
        inner = compact({"ev": "input_text", "did": DEVICE, "txt": text})
        packed = base64.b64encode(inner).decode()
        body = gzip.compress(compact({"v": 2, "e": [{"n": "kb", "p": packed}]}), mtime=0)
        flow = rows.flow(
            run, "ingest.brightmoor.test", body, start + at, url="https://ingest.brightmoor.test/v2/batch"
        )
        chain = ["gzip", "json", "base64", "json"]
        rows.sighting(flow, probe, inner, start + at, chain=chain, path="/e/0/p > /txt")
        rows.sighting(flow, "i1", inner, start + at, chain=chain, path="/e/0/p > /did")
    url = f"https://ingest.brightmoor.test/v1/collect?ev=input&q={quote(PROMPT[:40])}"
    flow = rows.flow(
        run, "ingest.brightmoor.test", b"", start + 36, url=url, method="GET", request_headers=[]
    )
    rows.sighting(
        flow,
        "p1",
        PROMPT.encode(),
        start + 36,
        part="url",
        path="?q",
        chain=["percent"],
        tier="partial",
        body=None,
    )
    rows.connection(
        run, "edge.quillmark.example", "pinned", reason="the client refused the certificate", bytes_out=517
    )


def finding(**more: Any) -> Finding:
    """A finding with everything said; `more` replaces fields."""
    values: dict[str, Any] = {
        "id": "prompt-to-host",
        "version": "1",
        "notebook": "01-prompt-to-host",
        "question": "Which content typed into Parley reached which host?",
        "sentence": "2 of 2 prompts and 1 of 1 drafts reached ingest.brightmoor.test, in 2 of 2 runs.",
        "verdict": "supported",
        "grade": "E4",
        "simulated": True,
        "licensed": "In two recorded runs of Parley 4.2.0, typed text was transmitted to ingest.brightmoor.test.",
        "not_licensed": "That nobody else received it, or that it was stored.",
        "evidence": [],
        "controls": [Control("C0", "does it come from the typing?", "no sighting", "0 sightings", "pass")],
        "unseen": [],
        "objections": [],
        "parameters": {"run": ""},
        "facts": {"decoys matched": 0},
    }
    return Finding(**(values | more))


def as_dict(record: Any) -> dict[str, Any]:
    return asdict(record)

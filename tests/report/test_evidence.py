"""Evidence rows: the hit is marked down to its bytes, and what must stay withheld is not readable in any layer."""

import base64
import gzip
import json
import re
import zlib
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from captures import entry, write_har
from factories import DEVICE, PROMPT, TOKEN
from promptrail import ingest, pipeline
from promptrail.case import Case
from promptrail.findings import FINDINGS
from promptrail.findings.mask import Mask
from promptrail.report.blocks.evidence import evidence
from promptrail.report.view import View


def packed(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Prompt, token and identifier in one message: plain, and as one of several values wrapped once or twice."""
    plain = {"jwt": f"eyJhbGciOi{TOKEN}.x.y", "device": DEVICE, "token": TOKEN, "q": PROMPT}
    once = [{"p": packed({"did": DEVICE, "n": 1})}, {"p": packed({"did": DEVICE, "txt": PROMPT})}]
    inner = [packed({"did": DEVICE, "n": 1}), packed({"did": DEVICE, "txt": PROMPT})]
    twice = [{"p": base64.b64encode(x.encode()).decode()} for x in inner]
    file = write_har(
        tmp_path,
        entry(
            "https://chat.parley.test/v1", json.dumps(plain), headers=[("Authorization", f"Bearer {TOKEN}")]
        ),
        entry(f"https://ingest.brightmoor.test/b?access_token={TOKEN}", json.dumps({"e": once})),
        entry("https://ingest.brightmoor.test/twice", json.dumps({"e": twice})),
        entry("https://ingest.brightmoor.test/c", "{}", headers=[("Cookie", f"did={DEVICE}; sid={TOKEN}")]),
    )
    made = Case.create(tmp_path / "case")
    ingest.place(made, file)
    made.add_probe("prompt", PROMPT, "p1")
    made.add_probe("identifier", DEVICE, "i1")
    pipeline.ensure(made)
    return made


def shown(case: Case, notebook: str, show_values: bool) -> str:
    """The text of the evidence block, as a reader sees it."""
    stated = FINDINGS[notebook].find(case, show_values=show_values)
    html = evidence(View(case, Mask(case.declared_probes, show_values), stated), 40).html
    return unescape(re.sub(r"<[^>]+>", "", html.replace("<wbr>", "")))


def readable(text: str, layers: int = 3) -> str:
    """The text, and what stands in it in base64 or hex, layer by layer, from whichever letter one starts."""
    out = [text]
    for run in re.findall(r"[A-Za-z0-9+/]{8,}", text):
        parts = [run[start : start + (len(run) - start) // 4 * 4] for start in range(4)]
        out += [base64.b64decode(p).decode("latin-1") for p in parts]
    for pairs in re.findall(r"(?:[0-9a-f]{2} ?){8,}", text):
        out.append(bytes.fromhex(pairs.replace(" ", "")).decode("latin-1"))
    deeper = "\n".join(out[1:])
    return text + "\n" + (readable(deeper, layers - 1) if layers and deeper else "")


@pytest.mark.parametrize("notebook", ["01-prompt-to-host", "02-recipients"])
@pytest.mark.parametrize("show_values", [False, True])
def test_nothing_withheld_is_readable_in_any_layer(case: Case, notebook: str, show_values: bool) -> None:
    """No six letters of the token, ever; none of the identifier unless asked for; in base64 and hex neither."""
    text = readable(shown(case, notebook, show_values))
    pieces = [TOKEN[n : n + 6] for n in range(4, len(TOKEN) - 5)]
    assert [p for p in pieces if p in text] == []
    if not show_values:
        assert [p for n in range(len(DEVICE) - 5) if (p := DEVICE[n : n + 6]) in text] == []
    elif notebook == "02-recipients":
        assert DEVICE in text


def test_the_hit_stands_in_full_with_its_offset_and_way(case: Case) -> None:
    """Each layer that was undone is named, and the innermost shows the whole prompt."""
    text = shown(case, "01-prompt-to-host", False)
    assert text.count(PROMPT) == 3
    assert "after json /e/1/p, base64" in text
    assert f"length {len(PROMPT.encode())}" in text
    assert "promptrail show CASE S-" in text


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "zlib"])
def test_of_compressed_bytes_only_the_head_is_shown(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """The first bytes of a short stream inflate to the first letters of what it holds."""
    case = Case.create(tmp_path / "case")
    data = pack(json.dumps({"did": DEVICE}).encode())
    ingest.place(case, write_har(tmp_path, entry("https://a.test/x", json.dumps({"z": data.hex()}))))
    case.add_probe("identifier", DEVICE, "i1")
    pipeline.ensure(case)
    text = shown(case, "02-recipients", False)
    (bytes_shown,) = re.findall(r"((?:[0-9a-f]{2} )+)…", text)
    assert data.startswith(bytes.fromhex(bytes_shown))
    assert len(bytes.fromhex(bytes_shown)) == (10 if data[:2] == b"\x1f\x8b" else 2)


def test_a_token_beside_the_hit_is_named_as_withheld(case: Case) -> None:
    """A reader sees that something was left out, and how long it was."""
    assert f"withheld: {len(TOKEN)} characters" in shown(case, "01-prompt-to-host", False)


def test_other_companies_come_before_the_maker(case: Case) -> None:
    """What a reader came for stands first."""
    case.add_recipient(domain="parley.test", own=True, service_operator="Parley Labs", source="test")
    pipeline.ensure(case)
    hosts = re.findall(r"prompt p1, to (\S+?)Capture", shown(case, "01-prompt-to-host", False))
    assert hosts == ["ingest.brightmoor.test", "ingest.brightmoor.test", "chat.parley.test"]

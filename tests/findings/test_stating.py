"""Every finding, and every cell of its page: nothing personal is in it, wherever the app put it."""

import json

import pytest

from captures import entry, write_har
from cells import shown
from promptrail import ingest, pipeline
from promptrail.case import Case
from promptrail.findings import FINDINGS
from promptrail.findings.mask import Mask
from promptrail.model import Probe
from promptrail.report.collect import as_json, canonical

SERIAL = "421d7476d3b79830"
PROMPT = "where does the heron sleep marlin-5521"
HOST = f"{SERIAL}.metrics.example"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """An app whose vendor has the device's serial number as a part of its host name."""
    folder = tmp_path_factory.mktemp("hosts")
    case = Case.create(folder / "case")
    case.add_probe("identifier", SERIAL)
    case.add_probe("prompt", PROMPT)
    bodies = [json.dumps({"m": PROMPT, "device_id": SERIAL}), json.dumps({"config": {"level": SERIAL}})]
    asked = [entry(f"https://{HOST}/v1/settings?device={SERIAL}", body, answer=bodies[1]) for body in bodies]
    write_har(folder, *asked, entry("https://chat.parley.test/v1", bodies[0]))
    ingest.place(case, folder / "traffic.har")
    pipeline.ensure(case)
    return case


@pytest.mark.parametrize("name", FINDINGS)
def test_no_finding_holds_a_personal_value(case: Case, name: str) -> None:
    """A serial number in a host stands in sentences, rows and facts as its label; with `show_values` in full."""
    told = canonical([as_json(FINDINGS[name].find(case))]).decode()
    assert SERIAL not in told.lower()
    if name == "02-recipients":
        assert "[identifier i1].metrics.example" in told
        assert HOST in canonical([as_json(FINDINGS[name].find(case, show_values=True))]).decode()


@pytest.mark.parametrize("name", FINDINGS)
def test_no_page_holds_a_personal_value(case: Case, name: str) -> None:
    """Nor does any block or figure of its notebook."""
    assert SERIAL not in "".join(shown(name, case.path)).lower()


def test_what_was_masked_stays_as_it_is() -> None:
    """A label is no credential: masking twice gives what masking once gives."""
    mask = Mask([Probe("i1", "identifier", SERIAL)])
    once = mask.text(
        f"https://a.example/?token=0123456789abcdef&id={SERIAL} Authorization: Bearer abcdefghijkl"
    )
    assert "0123456789abcdef" not in once and SERIAL not in once and "abcdefghijkl" not in once
    assert mask.text(once) == once


def test_every_text_passes_the_mask() -> None:
    """In lists, tuples and dicts, and as a key; what is no text stays."""
    mask = Mask([Probe("i1", "identifier", SERIAL)])
    given = {SERIAL: [SERIAL, (SERIAL, 3, None)], "n": 1.5, "b": True}
    label = "[identifier i1]"
    assert mask.every(given) == {label: [label, [label, 3, None]], "n": 1.5, "b": True}

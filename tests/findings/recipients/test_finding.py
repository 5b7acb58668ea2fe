"""Finding 02: what was delivered, names that disagree, holders that nobody stated."""

from pathlib import Path

from attribute.databases import ALIBABA, write
from factories import Rows, parley
from promptrail import attribute, frames, pipeline
from promptrail.attribute import imported
from promptrail.case import Case
from promptrail.findings import unseen
from promptrail.findings.recipients import finding as recipients
from promptrail.findings.recipients.holders import NOBODY, holders


def test_a_request_whose_server_was_not_reached_is_no_transfer(tmp_path: Path) -> None:
    """No answer and no address: the app wrote a request, nobody received it."""
    rows = Rows(simulated=False)
    rows.run("r1")
    rows.flow("r1", "api.gone.net", b"{}", status=None, dest_ip=None, error="connect failed")
    found = recipients.find(rows.write(tmp_path / "case"))
    assert found.verdict == "cannot tell" and "no readable request" in found.sentence


def test_a_broken_answer_is_still_a_transfer(tmp_path: Path) -> None:
    """No answer, but the server's address was connected to: the request was sent."""
    rows = Rows(simulated=False)
    rows.run("r1")
    rows.flow("r1", "api.slow.net", b"{}", status=None, error="peer closed connection")
    found = recipients.find(rows.write(tmp_path / "case"))
    assert (found.verdict, found.grade) == ("supported", "E2")


def test_names_that_disagree_are_rows(tmp_path: Path) -> None:
    """Host unlike SNI, and a certificate that does not cover the host; a wildcard covers one label."""
    rows = Rows(simulated=False)
    rows.run("r1")
    rows.flow("r1", "hidden.test", b"{}", sni="front.test", cert_names=["front.test"])
    rows.flow("r1", "a.wild.test", b"{}", cert_names=["*.wild.test"])
    rows.flow("r1", "a.b.wild.test", b"{}", cert_names=["*.wild.test"])
    told = [(c["host"], c["what"]) for c in recipients.conflicts(rows.write(tmp_path / "case"), ["r1"])]
    assert told == [
        ("a.b.wild.test", "certificate"),
        ("hidden.test", "certificate"),
        ("hidden.test", "TLS server name (SNI)"),
    ]


def test_the_pinned_host_is_listed_as_unread(tmp_path: Path) -> None:
    """A host that refused the proxy has no request that was read, and its connections are counted."""
    case = parley().write(tmp_path / "case")
    table = recipients.hosts(case, ["r1", "r2"]).set_index("host")
    assert (table.requests["edge.quillmark.example"], table.unread_connections["edge.quillmark.example"]) == (
        0,
        2,
    )


def test_a_ledger_with_a_gap_contradicts_that_all_was_read(tmp_path: Path) -> None:
    """Finding 09: a pinned connection contradicts; without any gap the claim is supported."""
    case = parley().write(tmp_path / "case")
    assert unseen.find(case).verdict == "contradicted"
    rows = Rows()
    rows.run("r1")
    rows.flow("r1", "a.test", b"{}")
    assert unseen.find(rows.write(tmp_path / "clean")).verdict == "supported"


def test_an_empty_case_supports_nothing(tmp_path: Path) -> None:
    """No traffic: cannot tell, in both findings."""
    rows = Rows()
    rows.run("r1")
    case = rows.write(tmp_path / "case")
    assert (recipients.find(case).verdict, unseen.find(case).verdict) == ("cannot tell", "cannot tell")


def test_the_maker_alone_is_not_observed_others_only_where_all_was_read(tmp_path: Path) -> None:
    """Requests to the maker's host and nothing else, all read; one unread connection takes the statement away."""
    for refused, verdict in ((False, "not observed"), (True, "cannot tell")):
        rows = Rows()
        rows.run("r1")
        rows.flow("r1", "chat.parley.test", b"{}")
        rows.recipient("chat.parley.test", True, service_operator="Parley Labs")
        if refused:
            rows.connection("r1", "chat.parley.test", outcome="pinned")
        found = recipients.find(rows.write(tmp_path / verdict))
        assert found.verdict == verdict
        assert ("95 % of runs could still be missed" in found.licensed) is not refused


def attributed(case: Case) -> Case:
    """The case with its hosts attributed, as the pipeline does it."""
    pipeline._write(case, "recipients", attribute.attribute(case))
    case.forget()
    return case


def test_disputed_answers_have_no_winner(tmp_path: Path) -> None:
    """Two country tables that differ: the cell is empty and says so; both the network and the countries are flagged."""
    rows = Rows(simulated=False)
    rows.run("r1")
    rows.flow("r1", "gator.volces.com", b"{}", dest_ip="43.109.38.198")
    case = rows.write(tmp_path / "case")
    imported.add(case, write(tmp_path / "asn.csv", ALIBABA))
    imported.add(case, write(tmp_path / "country.csv", "43.109.0.0,43.109.255.255,CN\n"))
    (row,) = frames.rows(recipients.hosts(attributed(case), ["r1"]))
    assert (row.address_country, row.address_country_status) == (None, "disputed")
    assert row.network_operator == "AS24429 Zhejiang Taobao Network Co. Ltd"
    assert (row.service_operator, row.domain_owner_licence) == ("Volcano Engine", "MIT")
    found = recipients.find(case)
    assert [c["what"] for c in found.facts["conflicts"]] == [  # type: ignore[attr-defined]
        "network of another name",
        "country tables",
        "date of a source",
    ]


def test_hosts_of_one_recipient_are_taken_together(tmp_path: Path) -> None:
    """Requests, bytes, unread connections and kinds of value, by who runs the service; nobody is not one company."""
    rows = parley()
    rows.recipient(
        "live.brightmoor.test", False, "XB", domain_owner="Brightmoor", service_operator="Brightmoor"
    )
    rows.flow("r1", "live.brightmoor.test", b"12345")
    rows.recipient("cdn.quay.test", None, "XC", domain_owner="Quay", service_operator=None)
    rows.flow("r1", "cdn.quay.test", b"1")
    rows.flow("r1", "nobody.net", b"1")
    case = rows.write(tmp_path / "case")
    seen = case.sightings[~case.sightings["decoy"].astype(bool)]
    found = {h.name: h for h in holders(recipients.hosts(case, ["r1", "r2"]), seen)}
    mine = found["Brightmoor"]
    assert mine.hosts == ["ingest.brightmoor.test", "live.brightmoor.test"] and mine.requests == 9
    assert (mine.operates, mine.own, mine.established) == (True, False, "XB")
    assert mine.kinds == {"draft": 1, "identifier": 1, "prompt": 2}
    assert (found["Quay"].operates, found["Parley Labs"].own, found[NOBODY].hosts) == (
        False,
        True,
        ["nobody.net"],
    )
    assert found["Quillmark"].requests == 0 and found["Quillmark"].unread_connections == 2

"""Who a host's recipient is, in a policy's terms: maker, third party, affiliate, or not known."""

from pathlib import Path

import pytest

from factories import Rows
from promptrail.findings.policy.recipients import Recipient, recipients

OWN, CLOUD, DESK, DARK = "chat.parley.test", "in.brightmoor.test", "api.tidedesk.example", "x.example"


def found(folder: Path, rows: Rows, company: str | None = None) -> dict[str, Recipient]:
    return recipients(rows.write(folder), (OWN, CLOUD, DESK, DARK), company)


def role(rows: Rows, host: str, role: str, group: str | None = None) -> None:
    for row in rows.rows["recipients"]:
        if row["host"] == host:
            row |= {"role": role, "group": group}


def dossier() -> Rows:
    rows = Rows()
    rows.recipient(OWN, True, service_operator="Parley Labs", corporate_group="Parley Group")
    rows.recipient(CLOUD, False, service_operator="Brightmoor Cloud", domain_owner="Brightmoor")
    rows.recipient(DESK, None, service_operator="Tidedesk")
    return rows


def test_maker_third_party_and_nobody_knows(tmp_path: Path) -> None:
    """A known operator is a third party where the maker's hosts are stated; an unknown one is neither."""
    told = found(tmp_path, dossier())
    assert [told[h].own for h in (OWN, CLOUD, DESK, DARK)] == [True, False, False, None]
    assert told[DARK].name == f"holder of {DARK} not known"
    assert told[CLOUD].names == {"brightmoor cloud", "brightmoor"}


def test_without_a_stated_maker_an_operator_may_be_it(tmp_path: Path) -> None:
    """Unless it is the policy's company by name."""
    rows = Rows()
    rows.recipient(OWN, None, service_operator="Parley Labs")
    rows.recipient(DESK, None, service_operator="Tidedesk")
    told = found(tmp_path / "a", rows)
    assert (told[OWN].own, told[DESK].own) == (None, None)
    told = found(tmp_path / "b", rows, "parley labs")
    assert (told[OWN].own, told[DESK].own) == (True, None)


def test_an_owner_without_an_operator_is_not_a_recipient(tmp_path: Path) -> None:
    """Who owns the domain need not run the service."""
    rows = dossier()
    rows.recipient(DARK, None, domain_owner="Quillmark")
    told = found(tmp_path, rows)[DARK]
    assert (told.name, told.own) == ("domain of Quillmark", None)


def test_hosts_of_one_operator_are_one_recipient(tmp_path: Path) -> None:
    """With all their hosts."""
    rows = dossier()
    rows.recipient(DARK, False, service_operator="Brightmoor Cloud")
    told = found(tmp_path, rows)
    assert told[DARK] == told[CLOUD] and told[CLOUD].hosts == tuple(sorted((CLOUD, DARK)))


@pytest.mark.parametrize(
    ("words", "group", "terms"),
    [
        (
            "cloud and analytics platform",
            None,
            {"cloud providers", "analytics providers", "service providers"},
        ),
        ("help-desk", "Parley Group", {"help-desk providers", "affiliates"}),
        ("something", None, set()),
    ],
)
def test_role_and_group_give_terms(tmp_path: Path, words: str, group: str | None, terms: set[str]) -> None:
    """By the dossier's words; every third party is one, whatever it does."""
    rows = dossier()
    role(rows, CLOUD, words, group)
    told = found(tmp_path, rows)[CLOUD].terms()
    assert terms | {"third parties", "anyone"} <= told and "first party" not in told
    assert ("affiliates" in told) is (group is not None)


def test_the_maker_is_the_first_party_alone(tmp_path: Path) -> None:
    """Whatever its role is called."""
    rows = dossier()
    role(rows, OWN, "analytics")
    assert found(tmp_path, rows)[OWN].terms() == {"first party", "anyone"}

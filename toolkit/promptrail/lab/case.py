"""Makes a case the lab's: its app, the probes that a seed gives, and who stands behind the fictional hosts."""

from collections.abc import Sequence

from promptrail.case import Case
from promptrail.case.settings import NOT_STATED
from promptrail.lab.cast import cast
from promptrail.lab.world import AS_OF, CASE, COMPANIES, SOURCE


def fill(case: Case, seed: int = 1, versions: Sequence[str] = ()) -> None:
    """Adds what is missing and marks the case as simulated; what somebody stated stays. Same seed, same probes.

    `versions` of the app are those that will be recorded; the reference case's where none is named.
    """
    stated = case.settings
    stated["case"]["simulated"] = True
    for key in ("examiner", "basis"):
        if stated["case"].get(key, NOT_STATED) == NOT_STATED:
            stated["case"][key] = CASE[key]
    app = CASE["app"]
    assert isinstance(app, dict)
    said = app | ({"version": " and ".join(versions)} if versions else {})
    for key, value in said.items():
        if stated["app"].get(key, NOT_STATED) == NOT_STATED:
            stated["app"][key] = value
    if stated["device"].get("description", NOT_STATED) == NOT_STATED:
        stated["device"]["description"] = CASE["device"]
    known = {str(row.get("domain")) for row in case.declared_recipients}
    for company in COMPANIES:
        if company.domain not in known:
            case.add_recipient(
                domain=company.domain,
                domain_owner=company.owner,
                service_operator=company.owner,
                network_operator=company.network_operator,
                address_country=company.address_country,
                country=company.country,
                group=company.group,
                role=company.role,
                own=company.own,
                source=SOURCE,
                as_of=AS_OF,
            )
    for probe in cast(seed):
        case.add_probe(probe.kind, probe.text, probe.probe)

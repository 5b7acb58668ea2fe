"""Makes a case the opaque lab's: marks it as simulated, says what it is, and who stands behind the vendors' hosts.

No probe is declared: what is typed is random and is followed by its size alone.
"""

from promptrail.case import Case
from promptrail.case.settings import NOT_STATED
from promptrail.lab.opaque.vendors import VENDORS, company
from promptrail.lab.world import AS_OF, CASE, SOURCE

APP = {"name": "Parley", "package": "test.parley.chat", "version": "5.0.0"}


def fill(case: Case) -> None:
    """Adds what is missing; what somebody stated stays."""
    stated = case.settings
    stated["case"]["simulated"] = True
    told = [("case", key, CASE[key]) for key in ("examiner", "basis")]
    told += [("app", key, value) for key, value in APP.items()]
    for table, key, value in [*told, ("device", "description", CASE["device"])]:
        if stated[table].get(key, NOT_STATED) == NOT_STATED:
            stated[table][key] = value
    known = {str(row.get("domain")) for row in case.declared_recipients}
    for one in map(company, VENDORS):
        if one.domain not in known:
            case.add_recipient(
                domain=one.domain,
                domain_owner=one.owner,
                service_operator=one.owner,
                network_operator=one.network_operator,
                address_country=one.address_country,
                country=one.country,
                group=one.group,
                role=one.role,
                own=one.own,
                source=SOURCE,
                as_of=AS_OF,
            )

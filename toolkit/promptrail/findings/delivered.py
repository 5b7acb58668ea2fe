"""Which exchanges reached their server: a request for which none was reached was written, and not received."""

import pandas as pd

from promptrail.case import Case


def delivered(case: Case) -> set[str]:
    """Ids of flows that were answered, or whose server's address the recorder had connected to."""
    flows = case.flows
    return set(flows.loc[flows["status"].notna() | flows["dest_ip"].notna(), "flow"])


def only_delivered(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows (of flows or sightings) whose flow was delivered."""
    return rows[rows["flow"].isin(delivered(case))]

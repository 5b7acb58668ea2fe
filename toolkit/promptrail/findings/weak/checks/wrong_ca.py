"""Whether the app accepts a certificate that the device does not trust: runs marked so in, exchanges read there out.

A run says so by the event `untrusted-ca`, or by the control `wrong-ca`: the proxy's CA was not installed. Whatever the
proxy read there, the app sent to a stranger. That the CA was really untrusted must show: another connection of the run
refused it, or the event's label says that the self-test was `not trusted`.
"""

from promptrail import frames
from promptrail.case import Case
from promptrail.findings.weak.checks.check import Answer, Material, Row, answered, not_testable
from promptrail.language import say, say_n

ID = "wrong-ca"
EVENT, CONTROL, PROVED = "untrusted-ca", "wrong-ca", "not trusted"
REFUSED = {"pinned", "tls-failed"}
READ = "read"


def untrusted(case: Case, runs: list[str]) -> list[str]:
    """Those of these runs whose proxy had no CA that the device trusts."""
    marked = set(case.events.loc[case.events["event"] == EVENT, "run"])
    marked |= set(case.runs.loc[case.runs["control"] == CONTROL, "run"])
    return sorted(marked & set(runs))


def proved(case: Case, run: str) -> str | None:
    """What shows that the CA was not trusted in this run; None: nothing does."""
    said = case.events[(case.events["run"] == run) & (case.events["event"] == EVENT)]["label"].dropna()
    if any(PROVED in str(label) for label in said):
        return say("the self-test")
    refused = case.connections[(case.connections["run"] == run) & case.connections["outcome"].isin(REFUSED)]
    if not len(refused):
        return None
    return say_n("{n} refused connection", "{n} refused connections", len(refused))


def look(material: Material) -> Answer:
    """Exchanges inside TLS that a proxy read in such a run."""
    if not material.untrusted:
        return not_testable(
            say("no run was recorded with a CA that the device does not trust (event `{event}`)", event=EVENT)
        )
    case = material.case
    known = {run: proved(case, run) for run in material.untrusted}
    if not any(known.values()):
        return not_testable(say("nothing shows that the CA was untrusted: no connection refused it"))
    there = case.connections[case.connections["run"].isin([run for run, how in known.items() if how])]
    met = there[
        there["outcome"].isin([READ, *REFUSED]) & there["tls_version"].notna()
        | there["outcome"].isin(REFUSED)
    ]
    read = met[(met["outcome"] == READ) & (met["read_by"].fillna("proxy") == "proxy")]
    flows = case.flows[
        case.flows["connection"].isin(read["connection"]) & case.flows["request_headers"].notna()
    ]
    by_connection = {str(name): tuple(part["flow"]) for name, part in flows.groupby("connection", sort=True)}
    rows = [
        Row(
            one.run,
            one.host or one.dest_ip,
            say_n(
                "the proxy's certificate was accepted and {n} exchange sent; untrusted by {proof}",
                "the proxy's certificate was accepted and {n} exchanges sent; untrusted by {proof}",
                len(by_connection[one.connection]),
                proof=known[one.run],
            ),
            (f"connection {one.connection}", *(f"flow {flow}" for flow in by_connection[one.connection])),
            by_connection[one.connection],
        )
        for one in frames.rows(read)
        if one.connection in by_connection
    ]
    hosts = int(met["host"].nunique())
    runs = sum(how is not None for how in known.values())
    looked = say(
        "{hosts} in {runs} with an untrusted CA",
        hosts=say_n("{n} host", "{n} hosts", hosts),
        runs=say_n("{n} run", "{n} runs", runs),
    )
    return answered(rows, looked, hosts=met["host"].dropna())

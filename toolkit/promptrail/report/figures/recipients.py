"""Who received what: sightings in, a Sankey of kind, host, operator, and group with its country of establishment out.

A host whose operator nobody names stands under the owner of its domain, and says so. Refuses a case without a sighting:
the block then says so in words.
"""

import pandas as pd
import plotly.graph_objects as go

from promptrail.attribute.rows import ORGANISATIONS
from promptrail.language import mark, say, say_n
from promptrail.report.figures.flow import COLOURS_SAY, Stop, broken, flow, rare
from promptrail.report.text import label
from promptrail.report.view import PLURAL, UNKNOWN, Host, View, count_tiers, known

MOST = 12
"""Nodes in a column; the rarest beyond are one."""
LINE = 26
"""Letters of a label before it breaks."""
STOPS = ("kind_", "host_", "who_", "group_")


def recipients(view: View) -> go.Figure:
    """Kind of value, host, who runs it, and to which group and country of establishment that belongs."""
    frame = _columns(view)
    stops = [
        Stop("kind_", say("what"), 0.001, _kind),
        Stop("host_", say("which host"), 0.28, _host),
        Stop("who_", say("who runs it"), 0.6, _words),
        Stop("group_", say("group, established in"), 0.999, _words),
    ]
    return flow(view, frame, stops, _alt(frame), _caption(frame))


def _columns(view: View) -> pd.DataFrame:
    """The sightings with the four names under which the figure draws them."""
    frame = view.sightings.copy()
    hosts = [view.hosts.get(h) for h in frame["host"]]
    frame["kind_"] = [say(PLURAL.get(k, k)) for k in frame["kind"]]
    frame["host_"] = rare(list(frame["host"]), MOST, mark("hosts more"))
    frame["who_"] = rare([_who(host) for host in hosts], MOST, mark("operators more"))
    frame["group_"] = rare([_group(host) for host in hosts], MOST, mark("groups more"))
    return frame


def _who(host: Host | None) -> str:
    if host is None:
        return say(UNKNOWN)
    if operator := host.best("service_operator"):
        return operator
    owner = host.best("domain_owner")
    return say("not known who (domain of {owner})", owner=owner) if owner else say(UNKNOWN)


def _group(host: Host | None) -> str:
    country = _established(host) if host else None
    group = host.best("corporate_group") if host else None
    where = say("in {country}", country=country) if country else say("country not known")
    return f"{group or say('group not known')}, {where}"


def _established(host: Host) -> str | None:
    """Where the organisation is established: its own row, or what stands beside the operator or owner."""
    beside = [r.get("country") for q in ORGANISATIONS for r in host.answers.get(q, []) if known(r["answer"])]
    return host.best("established_in") or next((str(c) for c in beside if known(c)), None)


def _kind(part: pd.DataFrame, name: str) -> str:
    return f"<b>{label(name)}</b><br>{say('{n} found', n=part['probe'].nunique())}"


def _host(part: pd.DataFrame, name: str) -> str:
    return f"<b>{_broken(name, '.')}</b><br>{count_tiers(part)}"


def _words(part: pd.DataFrame, name: str) -> str:
    return _broken(name, " ")


def _broken(name: str, at: str) -> str:
    """Broken before a dot of a host, or at a space."""
    return broken(name.replace(at, f"\n{at}").split("\n"), LINE)


def _alt(frame: pd.DataFrame) -> str:
    rows = []
    for (kind, host, who, group), part in frame.groupby(list(STOPS), sort=True):
        rows.append(
            say(
                "{kind} to {host}, run by {who} ({group}): {tiers}",
                kind=kind,
                host=host,
                who=who,
                group=group,
                tiers=count_tiers(part),
            )
        )
    return say("Flow picture. {rows}.", rows="; ".join(rows))


def _caption(frame: pd.DataFrame) -> str:
    over = say_n(
        "Sightings over {n} run, from what was typed or held to the group of who runs the host, and where that "
        "organisation is established, which is not where an address lies or data is stored.",
        "Sightings over {n} runs, from what was typed or held to the group of who runs the host, and where that "
        "organisation is established, which is not where an address lies or data is stored.",
        frame["run"].nunique(),
    )
    return f"{over} {say(COLOURS_SAY)}"

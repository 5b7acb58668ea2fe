"""A claims pack: what others reported about an app, as data to test a capture against. TOML in, `Pack` out.

Each claim keeps apart what was claimed and what was not, with source, date and the grade of its evidence. Refused are
unknown keys, tests and grades, with file and line; a pack about real companies for a simulated case, and the other
way round; a pack about another app.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from promptrail import shipped
from promptrail.attribute.subjects import subject
from promptrail.attribute.toml_rows import Rows
from promptrail.case import Case
from promptrail.case.settings import NOT_STATED
from promptrail.errors import ParameterError
from promptrail.findings.parameters import Parameter
from promptrail.language import mark
from promptrail.model import GRADES, PROBE_KINDS

NONE = "none"
CLAIMS = Parameter(
    "claims",
    str,
    "",
    "a pack of claims: deepseek-2025, a file, or none; empty: the one about this app",
)
TESTS = {
    "contact": mark("the hosts are contacted"),
    "content": mark("values of these kinds reach the hosts"),
    "absence": mark("values of these kinds do not reach the hosts"),
    "cleartext": mark("requests to the hosts are not encrypted"),
    "untestable": mark("no capture shows it"),
}
"""How a claim is put to the test, each with what it says of a capture."""
ANY = "*"
PACK = ("id", "title", "app", "package", "simulated", "note")
CLAIM = (
    "id",
    "by",
    "date",
    "grade",
    "said",
    "not_said",
    "source",
    "url",
    "test",
    "hosts",
    "kinds",
    "app_versions",
    "since",
    "until",
    "untestable",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that somebody said, and what would show it."""

    id: str
    by: str
    date: str
    grade: str
    """Of the evidence that they had, not of ours."""
    said: str
    not_said: str
    """What the claim is often taken for, and is not."""
    source: str
    url: str
    test: str
    hosts: tuple[str, ...] = ()
    """Domains, each with all below it; `*`: any host."""
    kinds: tuple[str, ...] = ()
    app_versions: tuple[str, ...] = ()
    """Only runs of these versions; empty: any."""
    since: str | None = None
    """Only runs from this day on, UTC."""
    until: str | None = None
    """Only runs up to the end of this day, UTC."""
    untestable: str | None = None
    """Why no capture can show it."""

    def fits(self, host: str | None) -> bool:
        """Whether a host is one that would show the claim: label by label, never by a part of a name."""
        if ANY in self.hosts:
            return True
        name = (subject(host).name or "") if host else ""
        while name:
            if name in self.hosts:
                return True
            name = name.partition(".")[2]
        return False


@dataclass(frozen=True, slots=True)
class Pack:
    """The claims about one app."""

    id: str
    title: str
    app: str
    package: str
    simulated: bool
    note: str
    file: str
    claims: tuple[Claim, ...]


def shipped_packs() -> dict[str, Path]:
    """The packs that come with promptrail, by id."""
    folder = shipped.sample().parent / "claims"
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def choose(case: Case, given: str) -> Pack | None:
    """The pack that a notebook is to test. ParameterError where it cannot be tested on this case."""
    packs = shipped_packs()
    if given == NONE:
        return None
    if not given:
        package = case.app["package"]
        about = [read(file) for file in packs.values()]
        return next((p for p in about if p.package == package and p.simulated == case.simulated), None)
    file = packs.get(given) or Path(given).expanduser()
    if not file.is_file():
        raise ParameterError(
            f"no claims pack {given!r}. Shipped are: {', '.join(packs)}; or give a .toml file."
        )
    pack = read(file)
    permit(case, pack)
    return pack


def permit(case: Case, pack: Pack) -> None:
    """ParameterError where the pack speaks of another world, or another app, than the case."""
    if pack.simulated != case.simulated:
        ours, theirs = ("simulated", "real") if case.simulated else ("not simulated", "invented")
        raise ParameterError(
            f"{pack.file}: speaks of {theirs} companies, and this case is {ours}. Take a pack of the same kind, "
            "or none."
        )
    stated = case.app["package"]
    if stated not in (NOT_STATED, pack.package):
        raise ParameterError(
            f"{pack.file}: is about {pack.package}, and this case about {stated}. Take another pack."
        )


def read(file: Path) -> Pack:
    """A pack from its file. InputError names the file, the line and what to do."""
    rows = Rows.read(file)
    rows.known(rows.data, ("pack", "claim"))
    head = rows.data.get("pack")
    if not isinstance(head, dict):
        rows.fault("the table [pack] is missing", key="pack")
    rows.known(head, PACK)
    said = {key: rows.text_of(head, key, must=True) or "" for key in PACK if key != "simulated"}
    if not isinstance(head.get("simulated"), bool):
        rows.fault("simulated must be true or false", key="simulated")
    claims = tuple(_claim(rows, n, row) for n, row in enumerate(rows.array("claim")))
    seen: set[str] = set()
    for n, claim in enumerate(claims):
        if claim.id in seen:
            rows.fault(f"the id {claim.id} stands there twice", "claim", n, "id")
        seen.add(claim.id)
    return Pack(**said, simulated=head["simulated"], file=str(file.name), claims=claims)


def _claim(rows: Rows, n: int, row: dict[str, object]) -> Claim:
    rows.known(row, CLAIM, "claim", n)
    lists = {k: tuple(rows.texts_of(row, k, "claim", n)) for k in ("hosts", "kinds", "app_versions")}
    must = ("id", "by", "date", "grade", "said", "not_said", "source", "url", "test")
    texts = {k: rows.text_of(row, k, "claim", n, must=True) or "" for k in must}
    may = {k: rows.text_of(row, k, "claim", n, must=False) for k in ("since", "until", "untestable")}
    if texts["test"] not in TESTS:
        rows.fault(f"unknown test {texts['test']!r}; known: {', '.join(TESTS)}", "claim", n, "test")
    if texts["grade"] not in GRADES:
        rows.fault(f"unknown grade {texts['grade']!r}; known: {', '.join(GRADES)}", "claim", n, "grade")
    for key in ("date", "since", "until"):
        if (day := (texts | may).get(key)) and not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            rows.fault(f"{key} must be a day such as 2025-04-10", "claim", n, key)
    for kind in lists["kinds"]:
        if kind not in PROBE_KINDS:
            rows.fault(f"unknown kind {kind!r}; known: {', '.join(PROBE_KINDS)}", "claim", n, "kinds")
    for host in lists["hosts"]:
        if host != ANY and subject(host).name != host:
            rows.fault(f"{host!r} is no host name in A-labels and lower case", "claim", n, "hosts")
    if (texts["test"] == "untestable") != bool(may["untestable"]):
        rows.fault('untestable says why, with test = "untestable" and only with it', "claim", n, "test")
    if texts["test"] != "untestable" and not lists["hosts"]:
        rows.fault("hosts are missing: which would show it?", "claim", n, "hosts")
    if texts["test"] in ("content", "absence") and not lists["kinds"]:
        rows.fault("kinds are missing: values of which kind?", "claim", n, "kinds")
    return Claim(
        **texts,
        hosts=lists["hosts"],
        kinds=lists["kinds"],
        app_versions=lists["app_versions"],
        since=may["since"],
        until=may["until"],
        untestable=may["untestable"],
    )

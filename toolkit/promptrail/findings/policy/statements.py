"""What an annotation of a privacy policy is made of: statements, companies, answers, and the policy that they read.

Records alone; `policy_annotation` makes them from a file and refuses what does not hold.
"""

from dataclasses import dataclass

from promptrail.language import mark

SAYS = {
    mark("collects"): True,
    mark("shares"): True,
    mark("does not collect"): False,
    mark("does not share"): False,
}
"""What a statement may say; true: that the data go there."""
STATED, VAGUE, ABSENT = mark("stated"), mark("vague"), mark("absent")
IS = (STATED, VAGUE, ABSENT)


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that the policy says: these data go to these, or do not."""

    id: str
    quote: str
    data: tuple[str, ...]
    """Terms of the ontology; the policy's own terms are put in theirs."""
    entity: tuple[str, ...]
    """Terms of the ontology, or names of companies."""
    says: str
    purpose: str | None = None
    country: str | None = None
    exception_to: tuple[str, ...] = ()
    """Statements that this one is an exception to: they do not speak of what it speaks of."""

    @property
    def positive(self) -> bool:
        return SAYS[self.says]


@dataclass(frozen=True, slots=True)
class Company:
    """A company that the annotator names, with its other names and what it is in the ontology's words."""

    name: str
    names: frozenset[str]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the policy says to one item of a checklist."""

    item: str
    status: str
    quote: str | None


@dataclass(frozen=True, slots=True)
class About:
    """The policy itself: the same in every annotation of it."""

    title: str
    company: str
    url: str
    language: str
    captured: str
    in_force: str
    until: str | None
    """The last day on which it was in force; None: not known to have ended."""
    app_versions: tuple[str, ...]
    """Only the app's runs of these versions; empty: any."""
    simulated: bool
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotator's reading."""

    name: str
    """Of its file."""
    about: About
    by: str
    on: str
    statements: tuple[Statement, ...]
    companies: tuple[Company, ...]
    answers: tuple[Answer, ...]
    quotes: int
    found: str
    """SHA-256 of the text as it lies there now."""

    @property
    def changed(self) -> bool:
        """Whether the text is another one than was annotated; its quotes were not looked up then."""
        return self.found != self.about.sha256

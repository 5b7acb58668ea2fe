"""The words of findings and pages in the language of a report: an English message in, the same said in that language.

English stands in the code, marked by one of the functions here; `messages.pot` lists all of it, and `ko.po` is the
Korean translation (gettext's PO format: any translator's tool opens it). A language is added by adding its file. What
a translation lacks is said in English. Codes stay English whatever the language: ids, verdicts, grades, tiers, names
of controls and of facts; they are translated where they are shown.

A message names its values: say("seen in {n} runs", n=4). They are filled in as they are and never read as a format,
and a translation that names others than its original is not used.
"""

import os
import string
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from promptrail.errors import MissingTool, ParameterError

FOLDER = Path(__file__).parent
ENGLISH = "en"
VARIABLE = "PROMPTRAIL_LANGUAGE"
"""Of the environment: the language of this process, and of the kernels that it starts."""
_preferred = ""
"""Where the environment names none."""

Message = str | tuple[str, ...] | list[str]
"""One text, or one for each plural form."""


@cache
def known() -> tuple[str, ...]:
    """The languages that a report can be in."""
    return (ENGLISH, *sorted(file.stem for file in FOLDER.glob("*.po")))


def current() -> str:
    """The language of this process. ParameterError if it is none that is known."""
    return check(os.environ.get(VARIABLE) or _preferred or ENGLISH)


def chosen(case: str, asked: str = "") -> str:
    """The language that was asked for, else the environment's, else the case's, else English. ParameterError if it is
    none that is known, MissingTool if it cannot be read here.
    """
    language = check(asked or os.environ.get(VARIABLE) or case or ENGLISH)
    if language != ENGLISH:
        catalogue(language)
    return language


def prefer(case: str) -> None:
    """Speak a case's language from now on, unless the environment names one. Errors as from `chosen`."""
    global _preferred
    chosen(case)
    _preferred = case


def check(language: str) -> str:
    """The language as given. ParameterError if it is none that is known."""
    if language not in known():
        raise ParameterError(f"no report can be written in {language!r}. Languages: {', '.join(known())}.")
    return language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language here and in kernels that are started meanwhile. ParameterError if it is not known."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = check(language)
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def name_of(language: str) -> str:
    """A language by the name that it has in itself."""
    if language == ENGLISH:
        return "English"
    from babel import Locale

    return str(Locale.parse(language).get_display_name(language))


def say(message: str, /, **values: object) -> str:
    """The message in the present language, its values filled in."""
    language = current()
    if message and language != ENGLISH:
        message = catalogue(language).gettext(message)
    return message.format(**values) if values else message


def say_n(one: str, many: str, n: int, /, **values: object) -> str:
    """The message for n things, whose number is `{n}` in it: `one` for 1 and `many` for all else in English."""
    language = current()
    if language == ENGLISH:
        message = one if n == 1 else many
    else:
        message = catalogue(language).ngettext(one, many, n)
    return message.format(**{"n": n, **values})


def mark(message: str) -> str:
    """The message as it is, listed for translators: a constant that `say` is given later."""
    return message


def paragraphs(markdown: str) -> str:
    """Markdown in the present language, paragraph by paragraph; fenced code stays as it is."""
    return "\n\n".join(p if p.startswith("```") else say(p) for p in split(markdown))


def split(markdown: str) -> list[str]:
    """The paragraphs of a markdown text; a fenced block is one, whatever stands in it."""
    found: list[str] = []
    fenced = False
    for piece in markdown.split("\n\n"):
        if fenced:
            found[-1] += f"\n\n{piece}"
        else:
            found.append(piece)
        fenced ^= piece.count("```") % 2 == 1
    return found


@cache
def catalogue(language: str) -> GNUTranslations:
    """A translation as its PO file holds it, without what does not fit its original. MissingTool without Babel."""
    try:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po
    except ImportError as fault:
        raise MissingTool(
            f"A report in {language!r} needs the package Babel: pip install 'promptrail[languages]'."
        ) from fault
    with (FOLDER / f"{language}.po").open("rb") as file:
        read = read_po(file, locale=language)
    for entry in read:
        if entry.id and not fits(entry.id, entry.string):
            entry.string = "" if isinstance(entry.id, str) else ("",) * read.num_plurals
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return GNUTranslations(compiled)


def fits(original: Message, translation: Message | None) -> bool:
    """Whether a translation is filled in with the same values as its original; a number may be left unsaid in words."""
    if isinstance(original, str) and isinstance(translation, str):
        return _named(original) == _named(translation)
    given = _without_n(original[-1])
    return all(_without_n(form) == given for form in translation or ())


def _without_n(message: str) -> set[str]:
    return {name for name in _named(message) if not name.startswith("n:")}


def _named(message: str) -> set[str]:
    """What a message has values for, with how they are written (`{n:,}`); a text whose braces do not pair has none."""
    try:
        return {
            f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(message) if name is not None
        }
    except ValueError:
        return {message}

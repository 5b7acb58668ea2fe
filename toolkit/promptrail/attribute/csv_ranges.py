"""Country and network tables as CSV: ip-location-db, DB-IP and GeoLite2 in, a `Dataset` out.

Taken are start,end,country and start,end,number,name without a header (addresses or whole numbers), and GeoLite2's
Blocks files with theirs; its Country Blocks need the Locations file beside them. A row of another form, an address
that is none or a range that overlaps another is refused with its line.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NoReturn

from promptrail.attribute.dataset import Dataset, as_name
from promptrail.attribute.ranges import Overlap, Ranges, span, whole
from promptrail.attribute.table import Proof
from promptrail.attribute.text_file import text_of
from promptrail.errors import InputError

ID = "csv"
SHAPES = (
    "start,end,country (ip-location-db, DB-IP); start,end,AS number,AS name (the same); "
    "GeoLite2 Blocks with their header"
)
UNKNOWN = {"", "ZZ", "-"}
"""How the suppliers write that they do not know."""
Row = tuple[int, int, int, str]


def fits(name: str, head: bytes) -> bool:
    """Whether a file is to be read as CSV."""
    return name.lower().endswith(".csv")


def read(file: Path, proof: Proof, beside: Path | None = None) -> Dataset:
    """The ranges of a file. InputError names file, line and what is expected."""
    lines = _lines(file)
    first = next(lines, None)
    if first is None:
        raise InputError(f"{file}: is empty. Give a file of one of these forms: {SHAPES}.")
    header = [c.strip().lower() for c in first[1]]
    if header[:2] == ["network", "geoname_id"]:
        places = _locations(file, beside)
        found, countries = _blocks(file, lines, header, places), True
    elif header[:2] == ["network", "autonomous_system_number"]:
        found, countries = _networks(file, lines), False
    elif len(first[1]) in (3, 4):
        countries = len(first[1]) == 3
        found = _spans(file, [first], lines, countries)
    else:
        _fault(
            file,
            first[0],
            f"has the columns {', '.join(header[:6])}, which are none that are known: {SHAPES}",
        )
    places_of: list[int] = []
    try:
        ranges: Ranges[str] = Ranges(_counted(found, places_of))
    except Overlap as fault:
        at = places_of[fault.second]
        _fault(file, at, f"overlaps the range of line {places_of[fault.first]}")
    if not len(ranges):
        raise InputError(f"{file}: holds no range with an answer. Check that it is the right file.")
    if countries:
        return Dataset(ID, proof, country=ranges.find, size=len(ranges))
    return Dataset(ID, proof, network=ranges.find, size=len(ranges))


def _lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text_of(file), newline=""), strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as fault:
        _fault(file, reader.line_num, f"is no CSV: {fault}")


def _counted(rows: Iterator[tuple[int, Row]], places: list[int]) -> Iterator[Row]:
    for line, row in rows:
        places.append(line)
        yield row


def _spans(
    file: Path, first: list[tuple[int, list[str]]], rest: Iterator[tuple[int, list[str]]], countries: bool
) -> Iterator[tuple[int, Row]]:
    wanted = 3 if countries else 4
    for line, row in chain(first, rest):
        if len(row) != wanted:
            _fault(file, line, f"has {len(row)} columns where the first row has {wanted}")
        version, start = _number(file, line, row[0])
        other, end = _number(file, line, row[1])
        if (
            version != other and end >= 1 << 32
        ):  # whole numbers: only the last of a range may tell the version
            version = other
        if end < start:
            _fault(file, line, f"ends before it starts: {row[0]} to {row[1]}")
        value = _country(file, line, row[2]) if countries else as_name(row[2], row[3])
        if value:
            yield line, (version, start, end, value)


def _number(file: Path, line: int, text: str) -> tuple[int, int]:
    if text.isdecimal() and text.isascii() and len(text) <= 39:
        number = int(text)
        return (4 if number < 1 << 32 else 6), number
    try:
        return whole(text)
    except ValueError:
        _fault(file, line, f"{text[:60]!r} is no address; expected is one of: {SHAPES}")


def _country(file: Path, line: int, text: str) -> str | None:
    if text.upper() in UNKNOWN:
        return None
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        _fault(file, line, f"{text[:40]!r} is no country code of two letters (ISO 3166-1)")
    return text.upper()


def _networks(file: Path, lines: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, Row]]:
    for line, row in lines:
        if len(row) != 3:
            _fault(file, line, f"has {len(row)} columns where the header has 3")
        if value := as_name(row[1], row[2]):
            yield line, (*_span(file, line, row[0]), value)


def _blocks(
    file: Path, lines: Iterator[tuple[int, list[str]]], header: list[str], places: dict[str, str]
) -> Iterator[tuple[int, Row]]:
    for line, row in lines:
        if len(row) != len(header):
            _fault(file, line, f"has {len(row)} columns where the header has {len(header)}")
        cells = dict(zip(header, row, strict=True))
        if country := places.get(cells["geoname_id"]) or places.get(
            cells.get("registered_country_geoname_id", "")
        ):
            yield line, (*_span(file, line, row[0]), country)


def _span(file: Path, line: int, text: str) -> tuple[int, int, int]:
    try:
        return span(text)
    except ValueError as fault:
        _fault(file, line, f"no network: {fault}")


def locations_of(file: Path) -> Path:
    """The Locations file that GeoLite2's Country or City Blocks belong to; it lies beside them."""
    kind = "City" if "City" in file.name else "Country"
    return file.with_name(f"GeoLite2-{kind}-Locations-en.csv")


def needs_locations(file: Path) -> bool:
    """Whether a CSV file is one of GeoLite2's Blocks whose countries stand in another file."""
    with open(file, "rb") as stream:
        return stream.readline(200).lower().startswith(b"network,geoname_id")


def _locations(file: Path, beside: Path | None) -> dict[str, str]:
    place = beside or locations_of(file)
    if not place.is_file():
        raise InputError(
            f"{file}: its countries stand in {place.name}, which does not lie beside it. Put both in one folder."
        )
    lines = _lines(place)
    header = next(lines, (1, []))[1]
    if not {"geoname_id", "country_iso_code"} <= set(header):
        _fault(place, 1, "has no columns geoname_id and country_iso_code")
    key, code = header.index("geoname_id"), header.index("country_iso_code")
    return {row[key]: row[code] for _, row in lines if len(row) > max(key, code) and row[code]}


def _fault(file: Path, line: int, what: str) -> NoReturn:
    raise InputError(f"{file}, line {line}: {what}. Nothing was taken over: mend the file or get it anew.")

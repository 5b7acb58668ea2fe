"""Files that are uploaded: a document of a word processor, and compressed logs."""

from xml.sax.saxutils import escape

from promptrail.lab.encoders.archive import bzip2, xz, zip_archive
from promptrail.lab.encodings.shape import Encoding, body, document

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def docx(text: str) -> bytes:
    """The parts of an Office Open XML document that hold its text (ECMA-376)."""
    inside = f"<w:body><w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p></w:body>"
    whole = f'<w:document xmlns:w="{WORD}">{inside}</w:document>'
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return zip_archive(("[Content_Types].xml", types.encode()), ("word/document.xml", whole.encode()))


ENCODINGS = (
    Encoding("document in a ZIP file", ("zip", "markup"), body(docx, DOCX), pointer="file word/document.xml"),
    Encoding("bzip2", ("bzip2", "json"), body(lambda text: bzip2(document(text))), pointer="/prompt"),
    Encoding("xz", ("xz", "json"), body(lambda text: xz(document(text))), pointer="/prompt"),
)

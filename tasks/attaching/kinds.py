"""The kinds of files that can be attached, told by their content: a name and a header only claim.

What is not in ``KINDS`` cannot be attached at all: nothing that a browser or a system would run, and no SVG or HTML.
"""

from __future__ import annotations

import codecs
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Final

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tasks.attaching.names import ending_of

ZIP: Final = "application/zip"
OOXML: Final = "application/vnd.openxmlformats-officedocument."
ODF: Final = "application/vnd.oasis.opendocument."
CHUNK: Final = 64 * 1024  # bytes
# What `zipfile`, and what it unpacks with, raise for an archive that is broken, or made to break its reader.
BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
# A text has these and no other control characters.
LAYOUT: Final = b"\t\n\r\f"
CONTROLS: Final = bytes(set(range(32)) - set(LAYOUT))
ANYTHING: Final = {"", "application/octet-stream"}  # what a browser says that does not know


@dataclass(frozen=True)
class Kind:
    """``called`` are other content types that browsers and systems send for it."""

    content_type: str
    name: str
    endings: tuple[str, ...]
    called: tuple[str, ...] = ()

    def fits(self, name: str, claimed: str) -> bool:
        """Whether the ending of a name and a content type could be those of this kind."""
        named = not ending_of(name) or ending_of(name) in self.endings
        return named and (claimed in {self.content_type, *self.called} or _says_nothing(claimed))


def _kinds(*kinds: Kind) -> dict[str, Kind]:
    return {kind.content_type: kind for kind in kinds}


IMAGES: Final = _kinds(
    Kind("image/png", "PNG", (".png",), ("image/x-png",)),
    Kind("image/jpeg", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), ("image/jpg", "image/pjpeg")),
    Kind("image/gif", "GIF", (".gif",)),
    Kind("image/webp", "WebP", (".webp",)),
    Kind("image/avif", "AVIF", (".avif",)),
    Kind("image/heif", "HEIC", (".heic", ".heif"), ("image/heic",)),
)
PACKED: Final = _kinds(
    Kind(f"{OOXML}wordprocessingml.document", "Word (.docx)", (".docx",)),
    Kind(f"{OOXML}spreadsheetml.sheet", "Excel (.xlsx)", (".xlsx",)),
    Kind(f"{OOXML}presentationml.presentation", "PowerPoint (.pptx)", (".pptx",)),
    Kind(f"{ODF}text", "OpenDocument", (".odt",)),
    Kind(f"{ODF}spreadsheet", "OpenDocument", (".ods",)),
    Kind(f"{ODF}presentation", "OpenDocument", (".odp",)),
    Kind(ZIP, "ZIP", (".zip",), ("application/x-zip-compressed", "application/x-zip")),
)
TEXTS: Final = _kinds(
    Kind("text/plain", "text (.txt)", (".txt", ".text", ".log"), ("text/x-log",)),
    Kind("text/csv", "CSV", (".csv",), ("application/vnd.ms-excel", "application/csv", "text/plain")),
    Kind("text/markdown", "Markdown", (".md", ".markdown"), ("text/x-markdown", "text/plain")),
    Kind("application/json", "JSON", (".json",), ("text/json", "text/plain")),
    Kind("text/calendar", "iCalendar", (".ics",), ("text/plain",)),
)
PDF: Final = _kinds(Kind("application/pdf", "PDF", (".pdf",), ("application/x-pdf",)))
KINDS: Final = {**IMAGES, **PDF, **PACKED, **TEXTS}
PARTS: Final = {
    "word/": "wordprocessingml.document",
    "xl/": "spreadsheetml.sheet",
    "ppt/": "presentationml.presentation",
}


def allowed() -> list[Kind]:
    """The kinds that this installation takes."""
    wanted = settings.ATTACHMENT_TYPES
    return [kind for name, kind in KINDS.items() if not wanted or name in wanted]


def names_of_allowed() -> str:
    return ", ".join(dict.fromkeys(kind.name for kind in allowed()))


def endings_of_allowed() -> str:
    """What the browser's dialog offers, as an input's ``accept``."""
    return ",".join(ending for kind in allowed() for ending in kind.endings)


def kind_of(content: IO[bytes], name: str, claimed: str) -> Kind:
    """Of which kind a file is. Raises ValidationError if it cannot be attached, or is not what it claims to be."""
    types = set(_types_of(content))
    could_be = [kind for kind in allowed() if kind.content_type in types]
    if not could_be:
        raise _refusal(_("“%(name)s” cannot be attached. These kinds can: %(kinds)s."), name)
    fitting = [kind for kind in could_be if kind.fits(name, claimed.partition(";")[0].strip().lower())]
    if not fitting:
        raise _refusal(
            _(
                "“%(name)s” has another content than it says, or is of a kind that cannot be attached. "
                "These kinds can: %(kinds)s."
            ),
            name,
        )
    return fitting[0]


def _refusal(sentence: str, name: str) -> ValidationError:
    return ValidationError(sentence, code="kind", params={"name": name, "kinds": names_of_allowed()})


def _says_nothing(claimed: str) -> bool:
    """Whether a content type claims nothing that could be wrong: it is none, or one that nobody here knows."""
    if claimed in ANYTHING:
        return True
    known = {name for kind in KINDS.values() for name in (kind.content_type, *kind.called)}
    return claimed not in known and claimed.partition("/")[0] not in {"image", "audio", "video", "font"}


# --- What the content is -------------------------------------------------------------------------------


def _types_of(content: IO[bytes]) -> Iterator[str]:
    """Every content type of ``KINDS`` that these bytes can be."""
    content.seek(0)
    if content.read(4) in {b"PK\3\4", b"PK\5\6"}:
        yield from _packed_types(content)
    else:
        yield from (name for name in _magic_types(content) if name in {**IMAGES, **PDF})
    if _is_text(content):
        yield from TEXTS


def _magic_types(content: IO[bytes]) -> list[str]:
    content.seek(0)
    try:
        return [match.mime_type for match in puremagic.magic_stream(content)]
    except (puremagic.PureError, ValueError):  # nothing known, or less than a byte
        return []


def _packed_types(content: IO[bytes]) -> Iterator[str]:
    """A ZIP, and the document that may be in it."""
    try:
        with zipfile.ZipFile(content) as packed:
            names = packed.namelist()
            kind = _open_document(packed) if "mimetype" in names else ""
    except BROKEN:
        return
    if "[Content_Types].xml" in names:
        yield from (
            OOXML + kind for part, kind in PARTS.items() if any(name.startswith(part) for name in names)
        )
    if kind in PACKED:
        yield kind
    yield ZIP


def _open_document(packed: zipfile.ZipFile) -> str:
    """What an OpenDocument says that it is, in its first file."""
    with packed.open("mimetype") as said:
        return said.read(100).decode("ascii", "replace").strip()


def _is_text(content: IO[bytes]) -> bool:
    """Whether it is UTF-8 throughout, without control characters."""
    content.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in iter(partial(content.read, CHUNK), b""):
            if chunk.translate(None, CONTROLS) != chunk:
                return False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True

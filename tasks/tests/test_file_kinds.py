"""What an attached file may be called and contain."""

import io
import struct
import unicodedata
import zipfile

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tasks.attaching.kinds import KINDS, OOXML, kind_of
from tasks.attaching.names import NAME_LENGTH, safe_name
from tasks.tests import files

ODT = "application/vnd.oasis.opendocument.text"


def found(name, content, claimed=""):
    return kind_of(io.BytesIO(content), name, claimed).content_type


# --- Kinds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.png", files.PNG, "image/png"),
        ("a.JPG", files.JPEG, "image/jpeg"),
        ("a.gif", files.GIF, "image/gif"),
        ("a.webp", files.WEBP, "image/webp"),
        ("a.avif", files.AVIF, "image/avif"),
        ("a.heic", files.HEIC, "image/heif"),
        ("a.pdf", files.PDF, "application/pdf"),
        ("a.docx", files.DOCX, f"{OOXML}wordprocessingml.document"),
        ("a.xlsx", files.packed("[Content_Types].xml", "xl/workbook.xml"), f"{OOXML}spreadsheetml.sheet"),
        ("a.odt", files.packed("content.xml", mimetype=ODT), ODT),
        ("a.zip", files.packed("a.txt"), "application/zip"),
        ("a.zip", files.DOCX, "application/zip"),
        ("a.txt", "Grüße, 世界\r\n".encode(), "text/plain"),
        ("a.csv", b"a;b\n1;2\n", "text/csv"),
        ("a.md", b"# Notes", "text/markdown"),
        ("a.json", b'{"a": 1}', "application/json"),
        ("README", b"Read me", "text/plain"),
        ("picture", files.PNG, "image/png"),
        ("film.txt", b"GIF89a is how a GIF begins", "text/plain"),
    ],
)
def test_the_content_says_what_it_is(name, content, kind):
    assert found(name, content) == kind


@pytest.mark.parametrize(
    ("name", "content", "claimed"),
    [
        ("a.png", files.JPEG, ""),
        ("a.png", b"<script>alert(1)</script>", "image/png"),
        ("a.pdf", b"Just a text", "application/pdf"),
        ("a.docx", files.packed("a.txt"), ""),
        ("a.txt", files.PNG, "text/plain"),
        ("a.png", files.PNG, "image/svg+xml"),
        ("a.png", files.PNG, "application/pdf"),
        ("a.exe", b"Just a text", ""),
        ("a.html", b"<p>Hello", "text/html"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        ("a.txt.js", b"alert(1)", ""),
    ],
)
def test_what_claims_to_be_something_else_is_refused(name, content, claimed):
    with pytest.raises(ValidationError, match="PNG, JPEG"):
        found(name, content, claimed)


@pytest.mark.parametrize(
    "content",
    [files.PROGRAM, b"\x7fELF" + bytes(40), b"a\0b", b"\xff\xfe\x41", "\ufeffa".encode("utf-16"), b"\x1b[2Ja"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a", "a.txt", "a.png", "a.zip"])
def test_what_is_none_of_the_kinds_is_refused(name, content):
    with pytest.raises(ValidationError, match="cannot be attached"):
        found(name, content)


def archive(method=0, size=0, offset=0, extra=b"", content=b""):
    """A ZIP with a file, `mimetype`, of which its directory says this. Source: APPNOTE.TXT, 4.3.7 to 4.3.16."""
    name = b"mimetype"
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0) + name + content
    fields = (20, 20, 0, method, 0, 33, 0, size, size, len(name), len(extra), 0, 0, 0, 0, offset)
    directory = struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + name + extra
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(local), 0)
    return local + directory + end


FAR = struct.pack("<HHQ", 1, 8, 2**64 - 1)  # the place of the file, as ZIP64 has it


@pytest.mark.parametrize(
    "content",
    [
        files.packed("a.txt")[:20],
        archive(method=8, size=40),  # not what zlib has packed
        archive(method=14, size=40, content=b"\t\4\5\0" + b"\xff" * 36),  # nor lzma
        archive(method=99),
        archive(size=1000),  # more than there is
        archive(offset=2**32 - 1, extra=FAR),
    ],
)
def test_a_broken_archive_is_none(content):
    with pytest.raises(ValidationError):
        found("a.zip", content)


def test_a_file_is_looked_into_once(monkeypatch):
    looks = []
    unpacked = zipfile.ZipFile
    monkeypatch.setattr(
        "tasks.attaching.kinds.zipfile.ZipFile", lambda file: looks.append(file) or unpacked(file)
    )
    assert found("a.zip", archive()) == "application/zip"
    assert len(looks) == 1


@pytest.mark.parametrize(
    "claimed", ["text/csv", "application/vnd.ms-excel", "text/plain; charset=utf-8", "", "x/y"]
)
def test_what_systems_call_it_is_let_pass(claimed):
    assert found("a.csv", b"1,2", claimed) == "text/csv"


def test_an_installation_allows_less(settings):
    settings.ATTACHMENT_TYPES = ["application/pdf"]
    assert found("a.pdf", files.PDF) == "application/pdf"
    with pytest.raises(ValidationError, match=r"These kinds can: PDF\."):
        found("a.png", files.PNG)


def test_no_kind_is_one_that_a_browser_runs():
    assert not {"text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript"} & set(KINDS)


# --- Names ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("/etc/passwd", "passwd"),
        (r"C:\Users\x\report.pdf", "report.pdf"),
        ("../../.bashrc", "bashrc"),
        ("annexe\u202egpj.exe", "annexegpj.exe"),
        ("a\r\nb\0.txt", "ab.txt"),
        ("  a   b .txt ", "a b .txt"),
        ("cafe\u0301.txt", "café.txt"),
        ("👩\u200d💻.png", "👩\u200d💻.png"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_a_name_is_made_safe(given_name, kept):
    assert safe_name(given_name) == kept


@given(st.text(max_size=600))
def test_no_name_is_dangerous(name):
    kept = safe_name(name)
    assert 1 <= len(kept) <= NAME_LENGTH
    assert not {"/", "\\"} & set(kept)
    assert not {unicodedata.category(c) for c in kept} & {"Cc", "Zl", "Zp", "Cs"}
    assert not kept.startswith(".")
    assert safe_name(kept) == kept

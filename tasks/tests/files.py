"""Files as tests attach them: the least that makes each of its kind."""

from __future__ import annotations

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17) + b"\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1" + bytes(30) + b"\xff\xd9"
GIF = b"GIF89a" + bytes(30)
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + bytes(30)
AVIF = b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(20)
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(20)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\nendobj\n%%EOF\n"
PROGRAM = b"MZ\x90\0\3" + bytes(200)


def packed(*names: str, mimetype: str = "") -> bytes:
    """A ZIP with files of these names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


DOCX = packed("[Content_Types].xml", "word/document.xml")


def upload(name: str, content: bytes = b"Hello", claimed: str = "") -> SimpleUploadedFile:
    """What a browser sends. ``claimed`` is the content type in its header."""
    return SimpleUploadedFile(name, content, claimed)

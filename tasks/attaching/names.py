"""The name of an attached file: shown to others, and what it is saved as when they download it."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final

NAME_LENGTH: Final = 255  # characters
JOINERS: Final = {"\u200c", "\u200d"}  # words of some scripts and some emoji need them
# Control characters, and formats such as those that turn the direction: "annexe\u202egpj.exe" reads as a picture.
UNWANTED: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
UNNAMED: Final = "file"


def safe_name(given: str) -> str:
    """A name without folders, control characters and leading dots, of 1 to ``NAME_LENGTH`` characters."""
    last = re.split(r"[/\\]", given)[-1]
    kept = "".join(c for c in unicodedata.normalize("NFC", last) if _is_wanted(c))
    name = " ".join(kept.split()).lstrip(". ").rstrip(". ")
    return _shortened(name) or UNNAMED


def _is_wanted(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character) not in UNWANTED


def _shortened(name: str) -> str:
    """What is too long loses the end of its stem; its ending says what it is."""
    if len(name) <= NAME_LENGTH:
        return name
    ending = PurePosixPath(name).suffix[: NAME_LENGTH // 2]
    return name[: NAME_LENGTH - len(ending)].rstrip() + ending


def ending_of(name: str) -> str:
    """What follows its last dot, with the dot and in small letters; "" where there is none."""
    return PurePosixPath(name).suffix.lower()

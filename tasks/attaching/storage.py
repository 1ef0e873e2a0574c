"""Where attached files are kept: what ``STORAGES["attachments"]`` names."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import Storage, storages

log = logging.getLogger(__name__)


def storage() -> Storage:
    return storages["attachments"]


def keep(content: File) -> str:
    """Store a file under a random name, which is returned: nobody can guess it, and it says nothing."""
    content.seek(0)
    return storage().save(uuid4().hex, content)


def forget(name: str) -> None:
    """Remove a stored file; one that is not there is gone already."""
    storage().delete(name)


def kept_before(moment: datetime) -> Iterator[str]:
    """The names of all files that were stored before a moment."""
    try:
        _folders, names = storage().listdir("")
    except FileNotFoundError:  # the folder comes with the first file
        return
    for name in names:
        if storage().get_modified_time(name) < moment:
            yield name

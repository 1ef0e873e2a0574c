"""One thread in each web process reads the event log for all pages that are open there."""

from __future__ import annotations

import logging
import threading
import time
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, connections

from events import log_signal
from todo_project.live import changes
from todo_project.live.changes import News
from todo_project.live.stream import Stream, message

log = logging.getLogger(__name__)
LOOK_SECONDS: Final = 0.5  # other processes write the log, too; in this one it is announced
OF_ONE_PERSON: Final = 8  # open pages of one person in one process; further ones ask now and then
FAILED_SECONDS: Final = 5.0  # until the next look while the database is away


class Hub:
    """Tells each open page what its reader may see. It looks for news only while there is a page."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._position = 0
        self._seen: set[int] = set()

    def open(self, user_id: UUID) -> Stream | None:
        """A new stream for a person; None where there is no room, for them or at all."""
        with self._lock:
            mine = sum(stream.user_id == user_id for stream in self._streams)
            if mine >= OF_ONE_PERSON or len(self._streams) >= settings.LIVE_STREAMS:
                return None
            stream = Stream(user_id)
            self._streams.add(stream)
            if self._thread is None:
                self._position = changes.position(changes.SETTLED)
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
            return stream

    def close(self, stream: Stream) -> None:
        stream.close()
        with self._lock:
            self._streams.discard(stream)

    def stop(self) -> None:
        """Let every stream end: the process is about to."""
        for stream in list(self._streams):
            self.close(stream)

    def __len__(self) -> int:
        return len(self._streams)

    # --- The thread ------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while self._goes_on():
                self._round()
        finally:
            connections.close_all()

    def _goes_on(self) -> bool:
        with self._lock:
            self._streams = {stream for stream in self._streams if stream.is_open}
            if not self._streams:
                self._thread = None
            return bool(self._streams)

    def _round(self) -> None:
        log_signal.wait(LOOK_SECONDS)
        close_old_connections()
        try:
            self.look()
        except Exception:
            log.exception("Open pages learn nothing for a moment")
            time.sleep(FAILED_SECONDS)
        for stream in list(self._streams):
            stream.flush()

    def look(self) -> None:
        """Tell every stream what is new to it."""
        entries, position = changes.read(self._position)
        fresh = [entry for entry in entries if entry.id not in self._seen]
        told = changes.readers(fresh) if fresh else {}
        unread = changes.unread_of({stream.user_id for stream in list(self._streams)})
        for stream in list(self._streams):
            mine, number = told.get(stream.user_id, []), unread.get(stream.user_id, stream.unread)
            if mine or number != stream.unread:
                stream.send(message(News(position, mine, None if number == stream.unread else number)))
                stream.unread = number
        self._seen = {entry.id for entry in entries if entry.id > position}
        self._position = position


HUB: Final = Hub()

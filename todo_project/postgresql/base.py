"""The module that Django looks for in a database backend."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """``CONN_HEALTH_CHECKS`` asks at the start of each request whether the kept connection still works."""

    def is_usable(self) -> bool:
        """Between requests a server has nothing to say, unless it closed the connection: then it is asked.

        A server that vanished without closing it is noticed by the statement that follows, as it would be a moment
        after any check.
        """
        if self.connection is None or self.connection.closed:
            return False
        arrived = select.poll()
        arrived.register(self.connection.pgconn.socket, select.POLLIN)
        return super().is_usable() if arrived.poll(0) else True

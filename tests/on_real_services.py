"""``python -m tests.on_real_services``: all but looks once more, on PostgreSQL, and the tests of the real stack.

``postgresql`` or ``stack`` as the first argument: only that part. Further arguments go to pytest. Without the services
it says so and does nothing; in CI that is a failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

import psycopg

from deploy.local import installed
from deploy.local.failure import StackError
from deploy.local.service import ROOT
from deploy.local.stack import Stack
from tests.real_stack import new_stack

PYTEST = (sys.executable, "-m", "pytest", "-q")
ELSEWHERE = ("image", "chart", "delivery", "looks", "stack")  # run once, or by themselves
PARTS = {
    "postgresql": ("-n", "2", "--dist", "loadgroup", "-m", " and ".join(f"not {name}" for name in ELSEWHERE)),
    "stack": ("-n", "0", "-m", "stack"),
}
# What only costs time where nothing has to survive: the tests' own databases are gone afterwards.
CARELESS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


def main() -> int:
    part, *more = sys.argv[1:] if sys.argv[1:2] and sys.argv[1] in PARTS else ("", *sys.argv[1:])
    try:
        installed.check_all()
    except StackError as error:
        print(f"\nNOT RUN: the suite on PostgreSQL, Redis, Kafka and daprd.\n{error}\n", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0
    with new_stack() as stack, tempfile.TemporaryDirectory(prefix="todo-tests-") as folder:
        stack.up(only=["postgres"])
        _be_careless(stack)
        environment = {**os.environ, **settings(stack, folder)}
        runs = [[*PYTEST, *options, *more] for name, options in PARTS.items() if part in {"", name}]
        return max(subprocess.run(run, cwd=ROOT, env=environment, check=False).returncode for run in runs)


def settings(stack: Stack, folder: str) -> dict[str, str]:
    """The application on this PostgreSQL. Whatever needs more of the stack starts its own."""
    return {
        "DATABASE_URL": stack.databases.url(),
        "SECRET_KEY": stack.keys["secret"],
        "FIRST_ACCOUNT_IS_STAFF": "true",
        "VAR_DIR": folder,
    }


def _be_careless(stack: Stack) -> None:
    with psycopg.connect(stack.databases.url("postgres"), autocommit=True) as session:
        for setting in CARELESS:
            session.execute(f"ALTER SYSTEM SET {setting}")
        session.execute("SELECT pg_reload_conf()")


if __name__ == "__main__":
    sys.exit(main())

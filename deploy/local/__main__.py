"""The stack on one machine as a person runs it.

up       start everything and wait until it answers
down     stop everything; the data stays
status   what runs; exit status 1 when something does not answer
smoke    follow one task through it, with the time of each hop
manage   run a command of manage.py on it: manage create_user you@example.com
destroy  stop everything and remove the folder with all data

Exit status: 0 done or everything runs, 1 something is wrong, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import NoReturn

from deploy.local import status
from deploy.local.failure import StackError
from deploy.local.service import ROOT
from deploy.local.smoke import smoke
from deploy.local.stack import DEFAULT_FOLDER, Stack


def main() -> int:
    arguments = _arguments()
    stack = Stack(arguments.folder)
    try:
        if arguments.command == "manage":
            manage(stack, arguments.arguments)
        return COMMANDS[arguments.command](stack)
    except StackError as error:
        print(f"stack: {error}", file=sys.stderr)
        return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.local",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--folder", type=Path, default=DEFAULT_FOLDER, help="data, logs and pids (default: %(default)s)"
    )
    parser.add_argument("command", choices=[*COMMANDS, "manage"])
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of manage")
    arguments = parser.parse_args()
    if arguments.arguments and arguments.command != "manage":
        parser.error(f"{arguments.command} takes no further arguments")
    return arguments


def up(stack: Stack) -> int:
    began = time.monotonic()
    stack.up(say=lambda line: print(f"  {time.monotonic() - began:5.1f} s  {line}", flush=True))
    print(f"Everything runs. Todo is at {stack.url}; the logs are in {stack.folder / 'logs'}")
    return 0


def down(stack: Stack) -> int:
    stack.down()
    print("Nothing of the stack runs any more. Its data stays in", stack.folder)
    return 0


def show_status(stack: Stack) -> int:
    found = status.standings(stack)
    print(status.table(found))
    return 0 if all(standing.answers for standing in found) else 1


def follow_one_task(stack: Stack) -> int:
    smoke(stack, print)
    return 0


def destroy(stack: Stack) -> int:
    stack.destroy()
    print(f"{stack.folder} is gone.")
    return 0


def manage(stack: Stack, arguments: list[str]) -> NoReturn:
    """Become ``manage.py``: it may ask questions, and its exit status is the whole."""
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "manage.py", *arguments], stack.environment_of_commands())  # noqa: S606


COMMANDS = {"up": up, "down": down, "status": show_status, "smoke": follow_one_task, "destroy": destroy}

if __name__ == "__main__":
    sys.exit(main())

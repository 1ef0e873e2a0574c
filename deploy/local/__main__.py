"""``python -m deploy.local up|down|status|smoke``: the stack on one machine as a person runs it."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from deploy.local import status
from deploy.local.failure import StackError
from deploy.local.smoke import smoke
from deploy.local.stack import DEFAULT_FOLDER, Stack


def main() -> int:
    """Exit status: 0 done or everything runs, 1 something is wrong, 2 wrong usage."""
    arguments = _arguments()
    try:
        return COMMANDS[arguments.command](Stack(arguments.folder))
    except StackError as error:
        print(f"stack: {error}", file=sys.stderr)
        return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument(
        "--folder", type=Path, default=DEFAULT_FOLDER, help="data, logs and pids (default: %(default)s)"
    )
    return parser.parse_args()


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


COMMANDS = {"up": up, "down": down, "status": show_status, "smoke": follow_one_task}

if __name__ == "__main__":
    sys.exit(main())

"""A Kubernetes without machines as a person runs it, to try the chart on.

up       start it; prints the line that lets kubectl and helm find it
down     stop it; it can be started again
destroy  stop it and remove its folder
status   what runs; exit status 1 when something does not answer
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.cluster.cluster import DEFAULT_FOLDER, Cluster
from deploy.cluster.installed import helm, program
from deploy.local.failure import StackError


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.cluster",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--folder", type=Path, default=DEFAULT_FOLDER, help="data, logs and keys (default: %(default)s)"
    )
    parser.add_argument("command", choices=COMMANDS)
    arguments = parser.parse_args()
    try:
        return COMMANDS[arguments.command](Cluster(arguments.folder))
    except StackError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1


def up(cluster: Cluster) -> int:
    cluster.up(say=lambda line: print(f"  {line}", flush=True))
    print(f"export KUBECONFIG={cluster.access.kubeconfig('admin')}")
    print(f"kubectl is {program('kubectl')}, helm is {helm()}")
    return 0


def down(cluster: Cluster) -> int:
    cluster.down()
    return 0


def destroy(cluster: Cluster) -> int:
    cluster.destroy()
    return 0


def status(cluster: Cluster) -> int:
    answers = {name: service.answers() for name, service in cluster.services.items()}
    for name, answer in answers.items():
        print(f"{name:25} {'answers' if answer else 'does not answer'}")
    return 0 if all(answers.values()) else 1


COMMANDS = {"up": up, "down": down, "destroy": destroy, "status": status}

if __name__ == "__main__":
    sys.exit(main())

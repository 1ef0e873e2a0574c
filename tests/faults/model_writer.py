"""A program that changes tasks through the model at a steady rate and notes what was committed.

    python -m tests.faults.model_writer EMAIL RATE [--writers N] [--slow SECONDS]

A line ``go`` or ``rest`` on its standard input starts and ends the work. On its standard output ``ready`` comes first,
each committed change is a line ``ID VERSION``, and ``resting`` says that nothing is under way any more.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from contextlib import nullcontext

import django

OPEN_TASKS = 300  # that one writer has at hand


class Writer(threading.Thread):
    """Changes tasks of its own, so its changes conflict with nobody's. ``rate`` is in changes a second."""

    def __init__(self, number: int, email: str, rate: float, slow: float) -> None:
        super().__init__(daemon=True)
        from accounts.actor import Actor
        from accounts.models import User
        from tasks.models import Project

        user = User.objects.get(email=email)
        self.number, self.rate, self.slow = number, rate, slow
        self.by, self.inbox = Actor.of(user, "api"), Project.objects.inbox_of(user)
        self.random = random.Random(number)
        self.tasks: list = []
        self.working, self.resting = threading.Event(), threading.Event()
        self.made = 0

    def run(self) -> None:
        next_at = time.monotonic()
        while True:
            if not self.working.is_set():
                self.resting.set()
                self.working.wait()
                self.resting.clear()
                next_at = time.monotonic()
            self._try()
            next_at = max(next_at + 1 / self.rate, time.monotonic() - 0.5)
            time.sleep(max(0.0, next_at - time.monotonic()))

    def _try(self) -> None:
        """One change. When it fails nobody knows whether it was committed: its task is left alone from then on."""
        from django.db import Error, close_old_connections

        task = self._choose()
        try:
            self._change(task)
        except Error:
            self.tasks = [one for one in self.tasks if one is not task]
            close_old_connections()
            time.sleep(0.1)
        else:
            print(f"{task.pk} {task.version}", flush=True)

    def _choose(self):
        from tasks.models import Task

        if self.tasks and self.random.random() > 0.5:
            return self.random.choice(self.tasks)
        self.made += 1
        task = Task(project=self.inbox, title=f"Model {self.number} {self.made}", tags=["load"])
        self.tasks = [*self.tasks[-OPEN_TASKS:], task]
        return task

    def _change(self, task) -> None:
        from django.db import transaction

        with transaction.atomic() if self.slow else nullcontext():
            self._save(task)
            time.sleep(self.random.uniform(0, self.slow))

    def _save(self, task) -> None:
        if task._state.adding:
            task.save(by=self.by)
        elif self.random.random() < 0.2:
            task.toggle(self.by)
        else:
            task.change(self.by, title=f"{task.title.partition(':')[0]}: {task.version}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("email")
    parser.add_argument("rate", type=float)
    parser.add_argument("--writers", type=int, default=1)
    parser.add_argument("--slow", type=float, default=0.0)
    arguments = parser.parse_args()
    django.setup()
    share = arguments.rate / arguments.writers
    writers = [Writer(n, arguments.email, share, arguments.slow) for n in range(arguments.writers)]
    for writer in writers:
        writer.start()
    print("ready", flush=True)
    for line in sys.stdin:
        _obey(line.strip(), writers)


def _obey(order: str, writers: list[Writer]) -> None:
    for writer in writers:
        writer.working.set() if order == "go" else writer.working.clear()
    if order == "rest":
        for writer in writers:
            writer.resting.wait()
        print("resting", flush=True)


if __name__ == "__main__":
    main()

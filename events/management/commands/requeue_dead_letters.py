"""``manage.py requeue_dead_letters``: gives dead letters another chance, or gives them up."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from events import broker, consumers, deliveries
from events.models import DeadLetter
from events.models.dead_letter import DeadLetterQuerySet, State

WRONG_USAGE = 2  # the exit status of a command line that means nothing, as argparse has it
BECAME = {
    State.REQUEUED: "in the queue again",
    State.RESOLVED: "handled",
    State.RETRYING: "failed again, tried again later",
    State.DEAD: "failed again, dead",
    State.DISCARDED: "discarded",
}


class Command(BaseCommand):
    help = (
        "Requeue dead letters: those that all given conditions fit. With --discard, give them up instead. "
        "Exit status: 0 done, 1 some of them could not be requeued, 2 wrong usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--consumer", help="only those of this consumer; 'delivery': those that nobody could read"
        )
        parser.add_argument(
            "--type", dest="event_type", help="only those of this event type, as task.created"
        )
        parser.add_argument("--id", dest="ids", type=int, nargs="+", metavar="N", help="only these letters")
        parser.add_argument("--all", dest="everything", action="store_true", help="all dead letters")
        parser.add_argument("--discard", action="store_true", help="give them up; needs --reason")
        parser.add_argument("--reason", default="", help="why they are given up; kept with the letter")

    def handle(self, *, discard: bool, reason: str, **options: Any) -> None:
        letters = self._chosen(**options)
        if discard and not reason.strip():
            raise CommandError("--discard needs --reason: say why.", returncode=WRONG_USAGE)
        results, failures = Counter[str](), []
        for letter in letters:
            try:
                results[_discard(letter, reason) if discard else _requeue(letter)] += 1
            except ValueError as error:
                failures.append(f"{letter.pk} ({letter}): {error}")
        self._sum_up(results, failures)

    def _chosen(
        self,
        consumer: str | None,
        event_type: str | None,
        ids: list[int] | None,
        everything: bool,
        **_: Any,
    ) -> DeadLetterQuerySet:
        wanted = {"consumer": consumer, "type": event_type, "pk__in": ids}
        conditions = {name: value for name, value in wanted.items() if value}
        if bool(conditions) == everything:
            raise CommandError("Give --consumer, --type or --id, or else --all.", returncode=WRONG_USAGE)
        letters = DeadLetter.objects.dead().filter(**conditions).order_by("id")
        if unknown := sorted(set(ids or ()) - set(letters.values_list("pk", flat=True))):
            raise CommandError(
                f"Not among the dead letters: {', '.join(map(str, unknown))}. Nothing was done."
            )
        return letters

    def _sum_up(self, results: Counter[str], failures: list[str]) -> None:
        if not results and not failures:
            self.stdout.write("There is no such dead letter.")
        for result, number in results.most_common():
            self.stdout.write(f"{number} {result}")
        if failures:
            raise CommandError("\n".join([f"{len(failures)} stay dead:", *failures]))


def _requeue(letter: DeadLetter) -> str:
    """A queue in this command's memory would end with it, so there the consumer runs here and now."""
    deliveries.requeue(letter, None, consumers.consume_here if broker.in_memory() else consumers.hand_over)
    return BECAME[State(letter.state)]


def _discard(letter: DeadLetter, reason: str) -> str:
    letter.discard(None, reason)
    return BECAME[State.DISCARDED]

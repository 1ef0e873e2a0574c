"""Hands over again, from the outbox, what a verification found missing.

The consumers run in this process, past every queue: a command's queue in memory would end with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction

from events import consumers
from events.findings import REPAIRABLE, Finding, Kind, Report
from events.models import ConsumedEvent, OutboxEvent, TaskEventLog

BATCH = 200  # events handled in one transaction


def repair(report: Report) -> int:
    """Mend what can be mended. Returns how many findings were taken up; verify again to see what is left."""
    _restore_to_outbox(report.of(Kind.NOT_IN_OUTBOX))
    for consumer, findings in _by_consumer(report.of(Kind.NOT_LOGGED, Kind.NO_SUCCESSOR)):
        _hand_over(consumer, findings, forget_receipts=True)
    for consumer, findings in _by_consumer(report.of(Kind.NOT_RECEIVED)):
        _hand_over(consumer, findings, forget_receipts=False)
    return len(report.of(*REPAIRABLE))


def _by_consumer(findings: Iterable[Finding]) -> Iterable[tuple[str, list[Finding]]]:
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.consumer].append(finding)
    return groups.items()


def _batches(findings: Sequence[Finding]) -> Iterator[Sequence[Finding]]:
    for start in range(0, len(findings), BATCH):
        yield findings[start : start + BATCH]


def _hand_over(consumer: str, findings: Sequence[Finding], *, forget_receipts: bool) -> None:
    """Let a consumer handle the events again. A receipt without its effect is void and must go first."""
    for batch in _batches(findings):
        ids = [finding.event_id for finding in batch]
        rows = OutboxEvent.objects.filter(event_id__in=ids).order_by("id")
        envelopes = list(rows.values_list("envelope", flat=True))
        if not forget_receipts:
            consumers.consume_here(consumer, envelopes)
            continue
        with transaction.atomic():
            ConsumedEvent.objects.filter(consumer=consumer, event_id__in=ids).delete()
            consumers.consume_here(consumer, envelopes)


def _restore_to_outbox(findings: Sequence[Finding]) -> None:
    """Put events back into the outbox that only the log still has. The relay sends them once more, to no effect."""
    for batch in _batches(findings):
        entries = TaskEventLog.objects.filter(event_id__in=[finding.event_id for finding in batch])
        OutboxEvent.objects.bulk_create(_outbox_rows(entries.order_by("id")), ignore_conflicts=True)


def _outbox_rows(entries: Iterable[TaskEventLog]) -> Iterator[OutboxEvent]:
    for entry in entries:
        yield OutboxEvent(
            event_id=entry.event_id,
            type=entry.type,
            key=entry.task_id,
            sequence=entry.version,
            envelope=entry.envelope,
            created_at=entry.occurred_at,
        )

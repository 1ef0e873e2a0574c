"""The outbox of the usual relay: a column says what is published."""

from django.db import models


class UsualOutbox(models.Model):
    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField()
    type = models.CharField(max_length=64)
    key = models.UUIDField()
    envelope = models.TextField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "bench_relay"
        db_table = "bench_usual_outbox"
        indexes = [models.Index("id", condition=models.Q(published_at=None), name="bench_unpublished")]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"

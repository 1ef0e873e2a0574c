"""On PostgreSQL the outbox and the receipts become partitioned tables; on SQLite nothing changes.

The outbox's rows get the number of their transaction. Its column comes first: defaults are worked out from left to
right, so a row's transaction has its number before the row has its id.
"""

from django.db import migrations

OUTBOX = """
CREATE TABLE events_outboxevent_new (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id bigint NOT NULL,
    event_id uuid NOT NULL PRIMARY KEY,
    type varchar(64) NOT NULL,
    key uuid NOT NULL,
    sequence integer CHECK (sequence >= 0),
    envelope text NOT NULL,
    created_at timestamptz NOT NULL
) PARTITION BY RANGE (event_id);
CREATE SEQUENCE events_outboxevent_new_id_seq OWNED BY events_outboxevent_new.id;
ALTER TABLE events_outboxevent_new ALTER COLUMN id SET DEFAULT nextval('events_outboxevent_new_id_seq');
CREATE TABLE events_outboxevent_default PARTITION OF events_outboxevent_new DEFAULT;
CREATE UNIQUE INDEX ON events_outboxevent_default (key, sequence);
INSERT INTO events_outboxevent_new (id, event_id, type, key, sequence, envelope, created_at)
    SELECT id, event_id, type, key, sequence, envelope, created_at FROM events_outboxevent ORDER BY id;
SELECT setval('events_outboxevent_new_id_seq', coalesce(max(id), 0) + 1, false) FROM events_outboxevent;
DROP TABLE events_outboxevent;
ALTER TABLE events_outboxevent_new RENAME TO events_outboxevent;
ALTER SEQUENCE events_outboxevent_new_id_seq RENAME TO events_outboxevent_id_seq;
CREATE INDEX outbox_by_transaction ON events_outboxevent (xid);
CREATE INDEX outbox_by_id ON events_outboxevent (id);
CREATE INDEX outbox_by_key ON events_outboxevent (key, sequence);
"""
RECEIPTS = """
CREATE TABLE events_consumedevent_new (
    id bigint NOT NULL,
    consumer varchar(32) NOT NULL,
    event_id uuid NOT NULL,
    handled_at timestamptz NOT NULL,
    PRIMARY KEY (event_id, consumer)
) PARTITION BY RANGE (event_id);
CREATE SEQUENCE events_consumedevent_new_id_seq OWNED BY events_consumedevent_new.id;
ALTER TABLE events_consumedevent_new ALTER COLUMN id SET DEFAULT nextval('events_consumedevent_new_id_seq');
CREATE TABLE events_consumedevent_default PARTITION OF events_consumedevent_new DEFAULT;
INSERT INTO events_consumedevent_new SELECT id, consumer, event_id, handled_at FROM events_consumedevent;
SELECT setval('events_consumedevent_new_id_seq', coalesce(max(id), 0) + 1, false) FROM events_consumedevent;
DROP TABLE events_consumedevent;
ALTER TABLE events_consumedevent_new RENAME TO events_consumedevent;
ALTER SEQUENCE events_consumedevent_new_id_seq RENAME TO events_consumedevent_id_seq;
CREATE INDEX receipts_by_id ON events_consumedevent (id);
"""


def partition(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(OUTBOX, params=None)
        schema_editor.execute(RECEIPTS, params=None)


class Migration(migrations.Migration):
    dependencies = [("events", "0002_snapshot_reader")]
    operations = [migrations.RunPython(partition, migrations.RunPython.noop)]

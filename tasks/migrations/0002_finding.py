"""What finds tasks by their words and tags on PostgreSQL: one index that knows the project, too.

A search looks at the tasks of a few projects. With the project in the same index its cost follows what those
projects have, however common a word is among all tasks. SQLite serves one person or a few and needs none of it.
"""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations

# ICU's small letters of ICU's capitals are Python's casefold, but for the sigma at a word's end and the capital
# sharp s. The cost is in the planner's units: it says that the index is cheaper than folding the texts of a project one by one.
CASEFOLD = """
CREATE FUNCTION todo_casefold(words text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 300 AS $$
BEGIN
    IF octet_length(words) = char_length(words) THEN
        RETURN lower(words COLLATE "C");
    END IF;
    RETURN replace(replace(lower(upper(words COLLATE "und-x-icu")), 'ς', 'σ'), 'ß', 'ss');
END $$
"""
# New entries wait in a list that every search reads through; a short one keeps that cheap.
FINDING = """
CREATE INDEX task_finding ON tasks_task
USING gin (project_id, (todo_casefold(title || E'\\n' || description) COLLATE "C") gin_trgm_ops, tags jsonb_path_ops)
WITH (gin_pending_list_limit = 256) WHERE deleted_at IS NULL
"""
# Of a database whose character type is "C", pg_trgm indexes the letters a to z only: a search in another
# alphabet would read the whole index. There the tasks of a project are looked through instead.
KNOWS_LETTERS = "SELECT show_trgm('жук') <> '{}'"


def make(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(CASEFOLD)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(KNOWS_LETTERS)
        if cursor.fetchone()[0]:
            cursor.execute(FINDING)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS task_finding")
        schema_editor.execute("DROP FUNCTION todo_casefold(text)")


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial")]

    operations = [BtreeGinExtension(), TrigramExtension(), migrations.RunPython(make, remove)]

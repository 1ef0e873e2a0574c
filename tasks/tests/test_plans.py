"""On PostgreSQL no list and no tick reads the whole table: the plans name the indexes that serve them."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from tasks import scheduler
from tasks.api.task_list import filtered, order_of
from tasks.models import Task
from tasks.search import has_trigram

pytestmark = pytest.mark.postgresql
PEOPLE, TASKS = 200, 100  # tasks of each

# Each of the people gets a project, and each project copies of one task, with words, tags and dates of their own.
FILL = """
INSERT INTO accounts_user (id, password, is_superuser, is_staff, is_active, date_joined, email, display_name,
                           time_zone, locale, week_start)
SELECT md5('user' || n)::uuid, '', false, false, true, now(), n || '@example.com', '', 'UTC', 'en', 0
FROM generate_series(1, %(people)s) n;
INSERT INTO tasks_project (id, owner_id, name, colour, is_inbox, created_at, updated_at)
SELECT md5('project' || n)::uuid, md5('user' || n)::uuid, 'Home', 'grey', true, now(), now()
FROM generate_series(1, %(people)s) n;
INSERT INTO tasks_membership (project_id, user_id, role, created_at)
SELECT id, owner_id, 'owner', now() FROM tasks_project WHERE owner_id <> %(owner)s;
INSERT INTO tasks_task (id, owner_id, project_id, title, description, status, priority, tags, due_date, due_all_day,
                        reminders, position, completed_at, created_at, updated_at, version, deadline_at,
                        due_soon_told, overdue_told)
SELECT gen_random_uuid(), md5('user' || n)::uuid, md5('project' || n)::uuid,
       'Water the plants in room ' || t, 'Ask ' || md5(n || ' ' || t) || ' about milk',
       CASE WHEN t %% 2 = 0 THEN 'completed' ELSE 'pending' END, 1, jsonb_build_array('tag' || t %% 7), due, false,
       '[]', lpad(t::text, 10, '0'), CASE WHEN t %% 2 = 0 THEN now() END, now(), now(), 1, due, true, true
FROM generate_series(1, %(people)s) n, generate_series(1, %(tasks)s) t,
     LATERAL (SELECT now() + (t - 50) * interval '1 day' AS due) dates;
INSERT INTO tasks_reminder (id, task_id, wish, fire_at, planned_at)
SELECT gen_random_uuid(), id, 'a', now() + interval '1 day' + random() * interval '90 days', now() FROM tasks_task;
ANALYZE
"""


@pytest.fixture
def reader(owner):
    with connection.cursor() as cursor:
        for statement in FILL.split(";"):
            cursor.execute(statement, {"people": PEOPLE, "tasks": TASKS, "owner": owner.pk})
    assert Task.objects.count() == PEOPLE * TASKS
    return User.objects.get(email="7@example.com")


def plan(statement, params=()):
    """The scans of a statement: (kind, table or index)."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", params)
        found = cursor.fetchone()[0]
    root = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return list(_scans(root))


def _scans(node):
    if "Scan" in node["Node Type"]:
        yield node["Node Type"], node.get("Index Name") or node.get("Relation Name", "")
    for inner in node.get("Plans", ()):
        yield from _scans(inner)


def indexes(rows):
    """What serves the tasks of a query; it must not be the whole table."""
    scans = plan(*rows.query.sql_with_params())
    assert ("Seq Scan", "tasks_task") not in scans
    return {name for _, name in scans}


LISTS = {
    "all": {},
    "open, by their date": {"status": ["pending"], "sort_by": "due_date"},
    "by title": {"sort_by": "title"},
    "overdue": {"overdue": True},
    "with a tag": {"tag": ["tag5"]},
    "of a word": {"search": "milk"},
    "of a word in any case": {"search": "MILCH"},
    "of two letters": {"search": "mi"},
}


def test_lists_of_one_among_many(reader):
    for name, values in LISTS.items():
        rows = filtered(Task.objects.visible_to(reader), values, timezone.now())
        used = indexes(order_of(values).sort(rows)[:50])
        assert any(index.startswith("task") for index in used), name


def test_today_and_what_was_done_today(reader):
    now, mine = timezone.now(), Task.objects.visible_to(reader)
    assert indexes(mine.open().due_until_end_of(reader, now).order_by("due_date"))
    assert indexes(mine.completed().filter(completed_at__gte=now).order_by("-completed_at"))


def test_a_search_by_words_uses_their_index(reader):
    mine = Task.objects.visible_to(reader)
    assert "task_finding" in indexes(mine.search("milk"))
    assert "task_finding" in indexes(mine.search("ROOM 77"))


def test_words_too_short_for_the_index_do_not_read_all_of_it(reader):
    for words in ["mi", "м", "a b c", "++", "%_%", "n 7"]:
        assert not has_trigram(words)
        assert "task_finding" not in indexes(Task.objects.visible_to(reader).search(words)), words


def test_a_tick_reads_what_is_due(reader):
    statements = []

    def note(execute, sql, params, many, context):
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        scheduler.tick(timezone.now())
    read = [each for each in statements if each[0].startswith("SELECT")]
    scans = {name for statement in read for kind, name in plan(*statement) if kind != "Seq Scan"}
    assert scans >= {"pending_reminders", "pending_due_soon", "pending_overdue", "task_trash"}
    whole = {name for statement in read for kind, name in plan(*statement) if kind == "Seq Scan"}
    assert not whole & {"tasks_task", "tasks_reminder"}


@pytest.mark.parametrize("text", ["Straße", "ΟΔΟΣ", "İstanbul", "ẞ", "Ǆ", "ﬁn", "ASCII only", "ŉ", "ΣΑΣ"])
def test_cases_are_taken_away_as_python_does(db, text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT todo_casefold(%s), todo_casefold(todo_casefold(%s))", [text, text])
        assert cursor.fetchone() == (text.casefold(), text.casefold())


def test_every_letter_of_unicode(db):
    """Dotless i has a capital of its own only in Turkish; the small letters of Cherokee are the folded ones."""
    letters = [chr(code) for code in range(1, 0x3000) if chr(code).isalpha()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT l, todo_casefold(l) FROM unnest(%s::text[]) l", [letters])
        other = {letter for letter, folded in cursor.fetchall() if folded != letter.casefold()}
    assert {letter for letter in other if not "Ꭰ" <= letter <= "ᏽ"} <= {"ı"}

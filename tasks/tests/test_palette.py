"""The command palette: what it lists, for whom, and at what price."""

import re

import pytest

from tasks.models import Project, SavedFilter, Task
from tasks.tests.page_reading import HTMX


@pytest.fixture
def look(client, reader):
    def groups(words="", **query):
        answer = client.get("/palette", {"q": words, **query}, headers=HTMX)
        assert answer.status_code == 200
        return {
            group.name: [re.sub("<[^>]+>", "", each.label) for each in group.entries]
            for group in answer.context["palette_groups"]
        }

    return groups


def save(title, project, by, **fields):
    task = Task(project=project, title=title, **fields)
    task.save(by=by)
    return task


def test_places_and_commands_are_there_before_a_word_is_typed(look):
    groups = look()
    assert list(groups) == ["places", "commands"]
    assert {"Inbox", "Today", "Upcoming", "Completed", "Trash"} <= set(groups["places"])
    assert groups["commands"] == ["Add a task", "Undo", "Keyboard shortcuts"]


def test_words_find_open_tasks_places_and_projects_in_any_case(look, inbox, by, owner, reader):
    Project.objects.create(owner=owner, name="Todos at home")
    task = save("Water TODAY's plants", inbox, by)
    save("Done today", inbox, by).complete(by)
    save("Deleted today", inbox, by).trash(by)
    groups = look("today")
    assert groups["tasks"] == ["Water TODAY's plants".replace("'", "&#x27;")]
    assert groups["places"] == ["Today"]
    assert groups["commands"] == ["Add task “today”", "Search all tasks for “today”"]
    assert look("TODOS")["places"] == ["Todos at home"]
    assert task.pk


def test_saved_filters_lead_to_what_they_find(look, client, owner, outsider):
    SavedFilter.objects.create(owner=owner, name="Calls this week", query="q=%40calls+due%3Aweek")
    SavedFilter.objects.create(owner=outsider, name="Calls of others", query="q=x")
    assert look("calls")["places"] == ["Calls this week"]
    text = client.get("/palette", {"q": "calls"}, headers=HTMX).content.decode()
    assert 'data-href="/tasks?q=%40calls+due%3Aweek"' in text


def test_what_others_own_is_not_found(look, outsider):
    project = Project.objects.create(owner=outsider, name="Secret plans")
    Task.objects.create(project=project, title="Secret deed")
    assert list(look("secret")) == ["commands"]


def test_actions_are_offered_where_the_keyboard_is_on_a_task(look):
    assert "Complete or reopen this task" in look(task="1")["task"]
    assert "task" not in look()


def test_what_was_typed_is_marked_and_never_markup(client, reader, inbox, by):
    save("<img src=x> paint", inbox, by)
    text = client.get("/palette", {"q": "<IMG"}, headers=HTMX).content.decode()
    assert "<mark>&lt;img</mark> src=x&gt; paint" in text
    assert "<img" not in text
    assert "<IMG" not in text


def test_each_option_leads_somewhere_or_does_something(client, reader, inbox, by):
    task = save("Paint", inbox, by)
    text = client.get("/palette", {"q": "paint", "task": "1"}, headers=HTMX).content.decode()
    options = re.findall(r'<div class="menu-item"[^>]*>', text)
    assert options
    assert all("data-href=" in option or re.search(r'data-run="[^"]+"', option) for option in options)
    assert f'data-href="/tasks/{task.pk}"' in text
    assert 'data-href="/quick-add?q=paint"' in text


def test_without_a_script_it_is_the_search_page(client, reader):
    assert client.get("/palette?q=milk")["Location"] == "/tasks?q=milk"


def test_strangers_sign_in_first(client, db):
    assert client.get("/palette")["Location"].startswith("/accounts/login/")
    assert client.get("/palette", headers=HTMX).status_code == 403


@pytest.mark.parametrize(("words", "queries"), [("", 4), ("plants", 5)])
def test_queries(client, reader, inbox, by, django_assert_num_queries, words, queries):
    """The session, its user, the filters and projects; with words the tasks, too."""
    for number in range(8):
        save(f"Water plants {number}", inbox, by)
    with django_assert_num_queries(queries):
        client.get("/palette", {"q": words}, headers=HTMX)

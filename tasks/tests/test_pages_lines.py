"""Several pasted lines: shown first, added together, taken back by one undo."""

import re

from tasks.models import Membership, Project, RecurringTask, Role, Task
from tasks.tests.list_reading import HTMX, body_of, text_of, toasts_in, undo_in


def preview(client, text, **more):
    return client.post("/quick-add/lines", {"text": text, **more})


def add(client, lines, **more):
    return client.post("/quick-add/lines/add", {"line": lines, "next": "/inbox", **more}, follow=True)


def test_the_preview_says_what_each_line_becomes_and_adds_nothing(client, reader, shared):
    text = "Call mum p1\n\n- [ ] Pay rent every 1st 9am #Website\n* #new-project\n"
    body = body_of(preview(client, text))
    assert "Add 3 tasks" in body
    boxes = re.findall(r'<input type="checkbox" name="line" value="([^"]*)"( checked)?', body)
    assert boxes == [
        ("Call mum p1", " checked"),
        ("Pay rent every 1st 9am #Website", " checked"),
        ("#new-project", ""),
    ]
    words = text_of(body)
    assert "Priority 1" in words
    assert "New project new-project" in words
    assert "the task has no title" in words
    assert not Task.objects.exists()
    assert not Project.objects.filter(name="new-project").exists()


def test_fifty_lines_are_added_at_once_and_taken_back_at_once(client, reader, inbox):
    lines = [f"Task {number} p{number % 4 + 1} @tag" for number in range(50)]
    assert body_of(preview(client, "\n".join(lines))).count('name="line"') == 50
    response = add(client, lines)
    assert toasts_in(response) == ["Added 50 tasks Undo"]
    assert list(inbox.tasks.order_by("position", "pk").values_list("title", flat=True)) == [
        f"Task {number}" for number in range(50)
    ]
    address, values = undo_in(response)
    assert toasts_in(client.post(address, values, follow=True)) == ["Took back 50 changes"]
    assert not Task.objects.alive().exists()
    assert Task.objects.in_trash().count() == 50


def test_only_the_ticked_lines_are_added_where_the_page_says(client, reader, shared):
    add(client, ["One"], project=str(shared.pk), due="today")
    task = Task.objects.get()
    assert (task.project, task.due_date.date()) == (shared, reader.today())
    assert toasts_in(add(client, [])) == ["Nothing was ticked, so nothing was added."]


def test_a_project_that_a_line_makes_takes_the_others(client, reader):
    add(client, ["One #Garden", "Two #Garden", "Three #garden"])
    assert Project.objects.get(name="Garden").tasks.count() == 3


def test_all_or_none(client, reader):
    response = client.post("/quick-add/lines/add", {"line": ["Good #Garden", "x" * 201, "Other"]})
    assert response.status_code == 422
    assert "200 is the most" in body_of(response)
    assert not Task.objects.exists()
    assert not Project.objects.filter(name="Garden").exists()


def test_undo_ends_what_would_have_repeated(client, reader, drain):
    response = add(client, ["Water the plants every day", "Once"])
    client.post(*undo_in(response))
    drain()
    assert not Task.objects.alive().exists()
    assert not RecurringTask.objects.get().is_active


def test_undo_takes_back_projects_that_the_lines_made_and_nothing_else_uses(client, reader, shared, by):
    response = add(client, ["One #Garden", "Two #garden", "Three #Kept", "Four #Website"])
    Task(project=Project.objects.get(name="Kept"), title="Added since").save(by=by)
    client.post(*undo_in(response))
    living = Project.objects.visible_to(reader).filter(is_inbox=False)
    assert set(living.values_list("name", flat=True)) == {"Kept", "Website"}
    assert list(Task.objects.alive().values_list("title", flat=True)) == ["Added since"]


def test_undo_keeps_a_project_that_somebody_was_invited_to(client, reader, member):
    response = add(client, ["One #Garden"])
    project = Project.objects.get(name="Garden")
    Membership.objects.create(project=project, user=member, role=Role.VIEWER)
    client.post(*undo_in(response))
    assert Project.objects.visible_to(reader).filter(name="Garden").exists()


def test_more_lines_than_can_be_added_at_once_are_told(client, reader):
    body = body_of(preview(client, "\n".join(f"Task {number}" for number in range(203))))
    assert body.count('name="line"') == 200
    assert "3 lines are left out" in body


def test_the_dialog_is_the_form_alone(client, reader):
    response = client.post("/quick-add/lines", {"text": "One\nTwo"}, headers=HTMX)
    assert "<html" not in body_of(response)
    assert 'hx-post="/quick-add/lines/add"' in body_of(response)
    added = client.post("/quick-add/lines/add", {"line": ["One", "Two"]}, headers=HTMX)
    assert "task-changed" in added["HX-Trigger"]
    assert toasts_in(added) == ["Added 2 tasks Undo"]


def test_without_a_script_there_is_a_page(client, reader, outsider):
    assert 'href="/quick-add/lines"' in body_of(client.get("/quick-add"))
    assert "<textarea" in body_of(client.get("/quick-add/lines"))
    foreign = Project.objects.inbox_of(outsider)
    assert preview(client, "One", project=str(foreign.pk)).status_code == 404


def test_a_preview_of_fifty_lines_reads_little(client, reader, django_assert_max_num_queries):
    preview(client, "One")
    with django_assert_max_num_queries(8):
        preview(client, "\n".join(f"Task {number} #Garden every day" for number in range(50)))

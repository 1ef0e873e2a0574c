"""Quick add on the pages: with and without a script, what is understood, what is wrong, and who may add where."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from events.models import OutboxEvent
from tasks.models import Membership, Project, RecurringTask, Role, Task
from tasks.tests.list_reading import HTMX, body_of, events_of, last_actor_of, text_of, toasts_in

pytestmark = pytest.mark.usefixtures("on_friday")

ADD, PREVIEW = "tasks:quick-add", "tasks:quick-add-preview"


def post(client, view, q, headers=None, **data):
    return client.post(reverse(view), {"q": q, **data}, headers=headers)


def chips_in(response):
    found = re.findall(r'<li class="chip"[^>]*>(.*?)</li>', body_of(response), re.DOTALL)
    return [text_of(each) for each in found]


def summary_in(response):
    return text_of(
        re.search(r'<p class="small muted" role="status">(.*?)</p>', body_of(response), re.DOTALL)[1]
    )


def errors_in(response):
    return [
        text_of(each) for each in re.findall(r'<p class="field-error".*?</p>', body_of(response), re.DOTALL)
    ]


def line_in(response):
    return re.search(r'id="quick-add-line"[^>]* value="([^"]*)"', body_of(response))[1]


# --- Adding ---------------------------------------------------------------------------------------------


def test_without_a_script_it_adds_and_returns_to_the_page(client, reader, inbox):
    referer = {"Referer": "http://testserver/inbox"}
    response = post(client, ADD, "Call mum tomorrow 5pm", referer)
    assert (response.status_code, response["Location"]) == (302, "http://testserver/inbox")
    task = Task.objects.get()
    assert (task.title, task.project, task.due_date) == (
        "Call mum", inbox, datetime(2026, 11, 21, 16, tzinfo=UTC),
    )  # fmt: skip
    assert events_of(task) == ["task.created"]
    assert last_actor_of(task)["via"] == "web"
    page = client.get("/inbox")
    assert toasts_in(page) == ["Added “Call mum” to Inbox, due Sat 21 Nov, 17:00"]


def test_with_a_script_the_answer_is_a_fresh_line_and_a_toast(client, reader):
    response = post(client, ADD, "Buy <milk>", HTMX, due="today")
    assert response.status_code == 200
    assert toasts_in(response) == ["Added “Buy <milk>” to Inbox, due Fri 20 Nov"]
    assert line_in(response) == ""
    assert "autofocus" in body_of(response)
    assert 'name="due" value="today"' in body_of(response)
    task = Task.objects.get()
    assert json.loads(response["HX-Trigger"]) == {
        "task-changed": {"task": str(task.pk), "version": task.version}
    }
    assert (task.due_date, task.due_all_day) == (datetime(2026, 11, 20, tzinfo=UTC), True)


def test_today_is_the_readers(client, reader):
    reader.time_zone = "Pacific/Kiritimati"
    reader.save()
    post(client, ADD, "Buy milk", due="today")
    assert Task.objects.get().due_date == datetime(2026, 11, 21, tzinfo=UTC)


def test_the_page_of_a_project_adds_to_it(client, reader, shared):
    response = post(client, ADD, "Fix the menu", HTMX, project=str(shared.pk))
    assert Task.objects.get().project == shared
    assert f'name="project" value="{shared.pk}"' in body_of(response)


def test_a_repeat_begins_a_series(client, reader):
    response = post(client, ADD, "Pay rent every 1st 9am", HTMX)
    assert toasts_in(response) == ["Added “Pay rent” to Inbox, due Tue 1 Dec, 09:00"]
    assert set(json.loads(response["HX-Trigger"])) == {"task-changed", "next-occurrence"}
    assert RecurringTask.objects.get().occurrences.count() == 1


@pytest.mark.parametrize("headers", [None, HTMX])
def test_an_error_keeps_the_line_and_says_what_is_wrong(client, reader, headers):
    line = 'Call "Jo" !30m'
    response = post(client, ADD, line, headers, due="today")
    assert response.status_code == 422
    assert line_in(response) == "Call &quot;Jo&quot; !30m"
    assert errors_in(response) == ["A reminder needs a due date to count back from, such as “tomorrow 9am”."]
    assert 'aria-invalid="true"' in body_of(response)
    assert 'name="due" value="today"' in body_of(response)
    assert ("<!doctype html>" in body_of(response)) == (headers is None)
    assert not Task.objects.exists()


@pytest.mark.parametrize("line", ["", "   ", "#Home p1", "x" * 201, "word " * 300])
def test_what_is_no_task_is_refused(client, reader, line):
    response = post(client, ADD, line, HTMX)
    assert (response.status_code, len(errors_in(response))) == (422, 1)
    assert not Task.objects.exists()
    assert not Project.objects.filter(is_inbox=False).exists()


def test_a_new_project_is_made(client, reader):
    post(client, ADD, "Book the flight #Lisbon")
    assert Task.objects.get().project == Project.objects.get(name="Lisbon", owner=reader)


def test_on_its_own_page_it_leads_back_to_where_it_was_opened(client, reader):
    page = client.get(reverse(ADD), headers={"Referer": "http://testserver/upcoming"})
    following = re.search(r'name="next" value="([^"]*)"', body_of(page))[1]
    assert following == "http://testserver/upcoming"
    form = re.search(r"<form[^>]*id=\"quick-add\"[^>]*>", body_of(page))[0]
    assert "hx-post" not in form
    assert post(client, ADD, "Buy milk", next=following)["Location"] == "http://testserver/upcoming"


def test_a_line_can_come_with_the_address(client, reader):
    page = client.get(reverse(ADD), {"q": "Buy milk tomorrow"})
    assert line_in(page) == "Buy milk tomorrow"
    assert chips_in(page) == ["Sat 21 Nov"]
    assert not Task.objects.exists()


# --- Preview --------------------------------------------------------------------------------------------


def test_chips_say_what_is_understood(client, reader, shared):
    response = post(client, PREVIEW, "Pay rent every 1st 9am #website @bills p1 !30m", HTMX)
    assert chips_in(response) == [
        "Every month on the 1st, next Tue 1 Dec 09:00",
        "#Website",
        "@bills",
        "Priority 1",
        "30 min before",
    ]
    assert 'data-priority="1"' in body_of(response)
    assert summary_in(response) == (
        "Pay rent · Website · Tue 1 Dec, 09:00 · then Fri 1 Jan 2027, Mon 1 Feb 2027, Mon 1 Mar 2027"
    )
    assert not Task.objects.exists()
    assert not OutboxEvent.objects.filter(type="task.created").exists()


def test_it_says_where_the_task_goes_when_the_line_does_not(client, reader, shared):
    assert summary_in(post(client, PREVIEW, "Buy milk", HTMX)) == "Buy milk · Inbox"
    assert summary_in(post(client, PREVIEW, "Buy milk", HTMX, due="today")) == "Buy milk · Inbox · Fri 20 Nov"
    response = post(client, PREVIEW, "Buy milk 1 dec", HTMX, due="today", project=str(shared.pk))
    assert summary_in(response) == "Buy milk · Website · Tue 1 Dec"


def test_a_short_series_ends_in_the_preview(client, reader):
    response = post(client, PREVIEW, "Stretch every day for 3 times", HTMX)
    assert summary_in(response) == "Stretch · Inbox · Fri 20 Nov · then Sat 21 Nov, Sun 22 Nov"


def test_a_new_project_is_announced(client, reader):
    assert chips_in(post(client, PREVIEW, "Book #Lisbon", HTMX)) == ["New project Lisbon"]
    assert chips_in(post(client, PREVIEW, "Book #inbox", HTMX)) == ["#Inbox"]


def test_problems_show_once_there_is_a_title(client, reader):
    assert errors_in(post(client, PREVIEW, "!30m", HTMX)) == []
    assert len(errors_in(post(client, PREVIEW, "Call !30m", HTMX))) == 1


def test_an_empty_line_says_nothing(client, reader):
    assert chips_in(post(client, PREVIEW, "", HTMX)) == []


def test_a_chip_turns_back_into_text(client, reader):
    line = "Read the tomorrow  issue tomorrow @home"
    chip = re.search(r'name="escape" value="(\d+)"', body_of(post(client, PREVIEW, line, HTMX)))
    response = post(client, PREVIEW, line, HTMX, escape=chip[1])
    assert line_in(response) == "Read the tomorrow issue \\tomorrow @home"
    assert chips_in(response) == ["@home"]
    assert "autofocus" in body_of(response)
    assert 'hx-post="/quick-add"' in body_of(response)
    post(client, ADD, line_in(response))
    assert Task.objects.get().title == "Read the tomorrow issue tomorrow"


def test_a_chip_turns_back_into_text_without_a_script(client, reader):
    response = post(client, PREVIEW, "Buy milk tomorrow", escape="9", due="today", next="/today")
    assert "<!doctype html>" in body_of(response)
    assert line_in(response) == "Buy milk \\tomorrow"
    assert 'name="next" value="/today"' in body_of(response)


@pytest.mark.parametrize("place", ["-1", "999", "x", "²"])
def test_a_place_outside_the_line_escapes_nothing(client, reader, place):
    response = post(client, PREVIEW, "Buy milk tomorrow", HTMX, escape=place)
    assert chips_in(response) == ["Sat 21 Nov"]


def test_what_is_typed_is_escaped(client, reader):
    evil = '<script>alert("1")</script> @<b>'
    for view in (ADD, PREVIEW):
        assert "<script>alert" not in body_of(post(client, view, f"{evil} !30m", HTMX))


# --- Who ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [ADD, PREVIEW])
def test_nobody_adds_nothing(client, db, view):
    assert post(client, view, "Buy milk")["Location"].startswith(reverse("account_login"))
    assert post(client, view, "Buy milk", HTMX).status_code == 403
    assert not Task.objects.exists()


@pytest.mark.parametrize("view", [ADD, PREVIEW])
def test_only_who_may_edit_a_project_adds_to_it(
    client, owner, member, outsider, shared, django_user_model, view
):
    viewer = django_user_model.objects.create_user("vera@example.com", "correct horse")
    Membership.objects.create(project=shared, user=viewer, role=Role.VIEWER)
    for person, status in ((owner, 200), (member, 200), (viewer, 404), (outsider, 404)):
        client.force_login(person)
        assert post(client, view, "Fix the menu", HTMX, project=str(shared.pk)).status_code == status
    assert Task.objects.count() == (2 if view == ADD else 0)


def test_a_viewer_cannot_add_by_name(client, outsider, shared):
    Membership.objects.create(project=shared, user=outsider, role=Role.VIEWER)
    client.force_login(outsider)
    response = post(client, ADD, "Fix the menu #website", HTMX)
    assert errors_in(response) == ["You can see “Website”, but not add tasks to it."]
    assert not Task.objects.exists()


@pytest.mark.parametrize("project", ["x", "018f0000-0000-7000-8000-000000000000"])
def test_a_project_that_is_none_is_not_found(client, reader, project):
    assert post(client, ADD, "Buy milk", HTMX, project=project).status_code == 404


def test_a_preview_reads_little(client, reader, shared, django_assert_num_queries):
    post(client, PREVIEW, "Buy milk", HTMX)
    with django_assert_num_queries(3):
        post(client, PREVIEW, "Buy milk #website every friday", HTMX)

"""The pages of recurring tasks: the list, one series, a new one, and what can be done with them."""

from datetime import UTC, date, datetime, time

import pytest
from django.urls import reverse

from events.models import OutboxEvent
from tasks.models import Anchor, Project, RecurringTask, Task
from tasks.tests.page_reading import HTMX, form_of, text_of

pytestmark = pytest.mark.usefixtures("on_friday")

VERBS = ("recurring-skip", "recurring-pause", "recurring-resume", "recurring-end")


@pytest.fixture
def owner(owner):
    owner.time_zone = "Europe/Berlin"
    owner.save()
    return owner


def begun(project, by, title="Pay rent", **fields):
    pattern = {
        "rrule": "FREQ=MONTHLY;BYMONTHDAY=1", "start_date": date(2026, 11, 20), "start_time": time(9),
        "time_zone": "Europe/Berlin",
    }  # fmt: skip
    series = RecurringTask(project=project, title=title, **pattern | fields)
    series.begin(by)
    return series


@pytest.fixture
def series(shared, by):
    return begun(shared, by)


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


def at(name, series):
    return reverse(f"tasks:{name}", args=[series.pk])


def save(client, series, **fields):
    shown = client.get(at("recurring-detail", series))
    return client.post(
        at("recurring-detail", series), form_of(shown, at("recurring-detail", series)) | fields
    )


# --- Who -----------------------------------------------------------------------------------------------


def test_members_see_and_change(client, series, owner, member):
    for person in (owner, member):
        client.force_login(person)
        assert "Pay rent" in text_of(client.get(reverse("tasks:recurring")))
        assert at("recurring-end", series) in client.get(at("recurring-detail", series)).content.decode()


def test_a_viewer_only_looks(client, series, viewer):
    client.force_login(viewer)
    for address in (reverse("tasks:recurring"), at("recurring-detail", series)):
        html = client.get(address).content.decode()
        assert "Pay rent" in html
        assert at("recurring-pause", series) not in html
    assert [client.post(at(name, series)).status_code for name in (*VERBS, "recurring-detail")] == [403] * 5
    assert client.get(at("recurring-end", series)).status_code == 403
    series.refresh_from_db()
    assert series.is_active


def test_it_does_not_exist_for_an_outsider(client, series, outsider):
    client.force_login(outsider)
    assert "Nothing repeats yet" in text_of(client.get(reverse("tasks:recurring")))
    assert client.get(at("recurring-detail", series)).status_code == 404
    assert [client.post(at(name, series)).status_code for name in (*VERBS, "recurring-detail")] == [404] * 5


def test_a_stranger_signs_in_first(client, series):
    for address in (
        reverse("tasks:recurring"),
        reverse("tasks:recurring-new"),
        at("recurring-detail", series),
    ):
        assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    assert [client.post(at(name, series)).status_code for name in VERBS] == [302] * 4
    series.refresh_from_db()
    assert series.is_active


# --- The list ------------------------------------------------------------------------------------------


def test_the_list_says_what_comes_next_and_what_rests(page, shared, by, owner):
    begun(shared, by)
    begun(shared, by, "Water", rrule="FREQ=DAILY;INTERVAL=3", start_time=None, anchor=Anchor.COMPLETION)
    begun(shared, by, "Run", rrule="FREQ=WEEKLY;BYDAY=SU", start_time=None)
    begun(shared, by, "Retrospective", rrule="FREQ=WEEKLY").pause()
    shown = text_of(page.get(reverse("tasks:recurring")))
    assert "4 rules, 1 paused" in shown
    assert "Pay rent Every month on the 1st at 09:00 Website Fri 1 Jan 2027, 09:00" in shown
    assert "Run Every Sunday Website Sun 29 Nov Fri 20 Nov, 11:30 made once Active" in shown
    assert "Water 3 days after done Website When done" in shown
    order = [shown.index(title) for title in ("Run Every", "Pay rent", "Water", "Retrospective")]
    assert order == sorted(order)


def test_a_deleted_project_takes_its_series_along(page, shared, by, series):
    shared.trash(by)
    assert "Nothing repeats yet" in text_of(page.get(reverse("tasks:recurring")))
    assert page.get(at("recurring-detail", series)).status_code == 404


# --- A new one -----------------------------------------------------------------------------------------


def new_form(page, **fields):
    address = reverse("tasks:recurring-new")
    return page.post(address, form_of(page.get(address), address) | fields)


def test_a_new_series_makes_its_first_task(page, owner, inbox):
    response = new_form(page, title="Water", every="2", weekdays=["0"], time="07:30", tags="home @plants")
    series = RecurringTask.objects.get()
    assert response["Location"] == at("recurring-detail", series)
    assert (series.project, series.rrule) == (inbox, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")
    assert (series.start_date, series.start_time) == (date(2026, 11, 23), time(7, 30))
    task = Task.objects.get()
    assert (task.title, task.tags, task.recurring_task) == ("Water", ["home", "plants"], series)
    assert task.due_date == datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    types = OutboxEvent.objects.filter(key=task.pk).order_by("id").values_list("type", flat=True)
    assert list(types) == ["task.created", "task.recurring.triggered"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": ""}, "A recurring task needs a title."),
        ({"title": "x", "start": ""}, "This field is required."),
        ({"title": "x", "words": "now and then"}, "“now and then” is not clear."),
        ({"title": "x", "ends": "on", "until": "2026-01-01"}, "This rule has no date left from today on."),
        ({"title": "x", "start": "0999-01-01"}, "The start must lie in 1900 to 2999"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(page, fields, sentence):
    response = new_form(page, description="Keep me", **fields)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert form_of(response, reverse("tasks:recurring-new"))["description"] == ["Keep me"]
    assert RecurringTask.objects.count() == Task.objects.count() == 0


def test_nothing_is_put_into_a_project_that_one_only_sees(client, shared, viewer):
    client.force_login(viewer)
    assert new_form(client, title="x", project=str(shared.pk)).status_code == 422


def test_the_preview_says_what_the_form_would_do(page):
    address = reverse("tasks:recurring-preview")
    shown = text_of(page.get(address, {"start": "2026-11-24", "every": "1", "unit": "year"}, headers=HTMX))
    assert shown.startswith("Next dates Tue 24 Nov Wed 24 Nov 2027 Fri 24 Nov 2028")
    assert text_of(page.get(address, {"start": "2026-11-24", "words": "whenever"})) == ""
    over = page.get(address, {"start": "2020-01-01", "unit": "day", "ends": "on", "until": "2020-02-01"})
    assert text_of(over) == "This rule has no date left."
    assert RecurringTask.objects.count() == 0


# --- One series ----------------------------------------------------------------------------------------


def test_the_page_shows_the_next_ten_dates(page, series):
    shown = text_of(page.get(at("recurring-detail", series)))
    assert "Next dates FREQ=MONTHLY;BYMONTHDAY=1 Fri 1 Jan 2027, 09:00 Mon 1 Feb 2027, 09:00" in shown
    assert "Thu 1 Apr 2027, 09:00" in shown  # 09:00 on both sides of the change of clocks
    assert "Fri 1 Oct 2027, 09:00 09:00 stays 09:00" in shown
    assert "Latest tasks made once Tue 1 Dec, 09:00 Pending" in shown


def test_a_change_leaves_what_exists_as_it_is(page, series):
    first = Task.objects.get()
    response = save(page, series, title="Pay the rent", priority="4", time="10:00")
    assert response["Location"] == at("recurring-detail", series)
    series.refresh_from_db()
    assert (series.title, series.priority, series.start_time) == ("Pay the rent", 4, time(10))
    assert series.next_due_at == datetime(2027, 1, 1, 9, tzinfo=UTC)
    assert Task.objects.get().version == first.version


def test_saving_what_is_shown_changes_nothing(page, series):
    before = RecurringTask.objects.values().get()
    save(page, series)
    after = RecurringTask.objects.values().get()
    assert {name for name in before if before[name] != after[name]} <= {"updated_at"}


def test_the_same_value_changed_elsewhere_is_a_conflict(page, series):
    stale = form_of(page.get(at("recurring-detail", series)), at("recurring-detail", series))
    series.revise(title="Pay both rents")
    response = page.post(at("recurring-detail", series), stale | {"title": "Pay my rent"})
    assert response.status_code == 409
    assert "Changed elsewhere. It is now “Pay both rents”" in text_of(response)
    again = form_of(response, at("recurring-detail", series))
    assert again["title"] == ["Pay my rent"]
    assert page.post(at("recurring-detail", series), again).status_code == 302
    series.refresh_from_db()
    assert series.title == "Pay my rent"


def test_another_value_changed_elsewhere_is_kept(page, series):
    stale = form_of(page.get(at("recurring-detail", series)), at("recurring-detail", series))
    series.revise(title="Pay both rents", rrule="FREQ=MONTHLY;BYMONTHDAY=2")
    assert page.post(at("recurring-detail", series), stale | {"tags": "home"}).status_code == 302
    series.refresh_from_db()
    assert (series.title, series.tags) == ("Pay both rents", ["home"])
    assert series.rrule == "FREQ=MONTHLY;BYMONTHDAY=2"


def test_what_is_wrong_with_a_change_is_said(page, series):
    response = save(page, series, title="", words="FREQ=HOURLY")
    assert response.status_code == 422
    shown = text_of(response)
    assert "A recurring task needs a title." in shown
    assert "repeats within a day" in shown
    assert "<h1>Pay rent</h1>" in response.content.decode()


def test_skip_pause_and_resume(page, series):
    response = page.post(at("recurring-skip", series), follow=True)
    assert "“Pay rent” leaves out Fri 1 Jan 2027, 09:00" in text_of(response)
    series.refresh_from_db()
    assert series.next_due_at == datetime(2027, 2, 1, 8, tzinfo=UTC)
    back = at("recurring-detail", series)
    assert page.post(at("recurring-pause", series), {"next": back})["Location"] == back
    assert "Paused: nothing new comes until it goes on." in text_of(page.get(back))
    page.post(at("recurring-resume", series))
    series.refresh_from_db()
    assert series.is_active


def test_ending_asks_first(page, series):
    assert "No more tasks come of it." in text_of(page.get(at("recurring-end", series)))
    series.refresh_from_db()
    assert series.is_active
    assert page.post(at("recurring-end", series))["Location"] == reverse("tasks:recurring")
    series.refresh_from_db()
    task = Task.objects.get()
    assert (series.is_active, task.recurring_task, task.deleted_at) == (False, None, None)
    newest = OutboxEvent.objects.filter(key=task.pk).latest("id")
    assert newest.type == "task.updated"
    assert page.get(at("recurring-detail", series)).status_code == 404


# --- What it costs -------------------------------------------------------------------------------------


def test_queries(page, shared, by, owner, django_assert_num_queries):
    project = Project.objects.create(owner=owner, name="Home")
    rows = [begun(project if number % 2 else shared, by, f"Series {number}") for number in range(6)]
    page.get(reverse("tasks:recurring"))
    with django_assert_num_queries(4):  # session, user, series, the sidebar
        page.get(reverse("tasks:recurring"))
    with django_assert_num_queries(7):  # and the latest tasks, and (twice) the projects to choose from
        page.get(at("recurring-detail", rows[0]))
    with django_assert_num_queries(5):
        page.get(reverse("tasks:recurring-new"))
    with django_assert_num_queries(2):
        page.get(reverse("tasks:recurring-preview"), {"start": "2026-11-24"})

"""The pages of projects: all of them, one with its tasks, its name and colour, and deleting it."""

import pytest
from django.urls import reverse

from events.models import OutboxEvent
from tasks.models import Project, RecurringTask, Role, Task
from tasks.tests.page_reading import form_of, text_of


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


def at(name, project):
    return reverse(f"tasks:{name}", args=[project.pk])


def add(project, by, title, **fields):
    task = Task(project=project, title=title, **fields)
    task.save(by=by)
    return task


# --- Who -----------------------------------------------------------------------------------------------


def test_each_member_sees_the_project_as_their_role_allows(client, shared, owner, member, viewer):
    for person, can_add, can_change in ((owner, True, True), (member, True, False), (viewer, False, False)):
        client.force_login(person)
        html = client.get(at("project", shared)).content.decode()
        assert "Website" in html
        assert ('id="quick-add"' in html) == can_add
        assert (at("project-edit", shared) in html) == can_change


def test_only_the_owner_changes_or_deletes_it(client, shared, member, viewer):
    for person in (member, viewer):
        client.force_login(person)
        for name in ("project-edit", "project-delete"):
            assert client.get(at(name, shared)).status_code == 403
            assert client.post(at(name, shared), {"name": "Mine", "colour": "red"}).status_code == 403
    shared.refresh_from_db()
    assert (shared.name, shared.deleted_at) == ("Website", None)


def test_it_does_not_exist_for_an_outsider(client, shared, outsider):
    client.force_login(outsider)
    for name in ("project", "project-edit", "project-delete"):
        assert client.get(at(name, shared)).status_code == 404
    assert client.post(at("project-delete", shared)).status_code == 404
    assert "Website" not in text_of(client.get(reverse("tasks:projects")))


def test_a_stranger_signs_in_first(client, shared):
    addresses = [
        reverse("tasks:projects"),
        *(at(n, shared) for n in ("project", "project-edit", "project-delete")),
    ]
    for address in addresses:
        assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    client.post(at("project-delete", shared))
    shared.refresh_from_db()
    assert shared.deleted_at is None


def test_an_inbox_stays_what_it_is(page, inbox):
    assert page.get(at("project", inbox))["Location"] == reverse("tasks:inbox")
    for name in ("project-edit", "project-delete"):
        assert page.get(at(name, inbox)).status_code == 403
        assert page.post(at(name, inbox), {"name": "x", "colour": "red"}).status_code == 403


# --- All of them ---------------------------------------------------------------------------------------


def test_the_list_counts_open_tasks(page, shared, inbox, by):
    parent = add(shared, by, "Launch")
    add(shared, by, "Write", parent=parent)
    add(shared, by, "Done").complete(by)
    add(shared, by, "Gone").trash(by)
    shown = text_of(page.get(reverse("tasks:projects")))
    assert "Inbox 0 open tasks" in shown
    assert "Website 1 open task " in shown


def test_a_shared_project_names_its_owner(client, shared, member):
    client.force_login(member)
    assert "Website of Olga" in text_of(client.get(reverse("tasks:projects")))
    assert "0 open tasks · of Olga" in text_of(client.get(at("project", shared)))


def test_making_a_project(page, owner):
    response = page.post(reverse("tasks:projects"), {"name": " Home ", "colour": "green"})
    made = Project.objects.get(name="Home")
    assert response["Location"] == at("project", made)
    assert (made.owner, made.colour) == (owner, "green")
    assert made.memberships.get().role == Role.OWNER


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " ", "colour": "green"}, "A project needs a name."),
        ({"name": "x" * 121, "colour": "green"}, "at most 120 characters"),
        ({"name": "Home", "colour": "pink"}, "pink is not one of the available choices"),
    ],
)
def test_a_project_that_cannot_be(page, fields, sentence):
    response = page.post(reverse("tasks:projects"), fields)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert form_of(response, reverse("tasks:projects"))["name"] == [fields["name"]]
    assert not Project.objects.filter(is_inbox=False).exists()


# --- One -----------------------------------------------------------------------------------------------


def test_a_project_shows_its_open_tasks(page, shared, inbox, by):
    parent = add(shared, by, "Launch")
    add(shared, by, "Write", parent=parent)
    add(shared, by, "Done").complete(by)
    add(inbox, by, "Elsewhere")
    shown = text_of(page.get(at("project", shared)))
    assert "1 open task" in shown
    assert "Launch" in shown
    assert "0 of 1 subtasks" in shown
    assert not any(title in shown for title in ("Done", "Elsewhere"))


def test_quick_add_adds_to_it(page, shared):
    sent = form_of(page.get(at("project", shared)), reverse("tasks:quick-add"))
    page.post(reverse("tasks:quick-add"), sent | {"q": "Call the printer"})
    assert Task.objects.get().project == shared


def test_an_empty_project_says_so(page, shared):
    assert "Nothing to do here" in text_of(page.get(at("project", shared)))


def test_changing_name_and_colour(page, shared):
    sent = form_of(page.get(at("project-edit", shared)), at("project-edit", shared))
    assert (sent["name"], sent["colour"]) == (["Website"], ["grey"])
    response = page.post(at("project-edit", shared), sent | {"name": "Site", "colour": "red"})
    assert response["Location"] == at("project", shared)
    shared.refresh_from_db()
    assert (shared.name, shared.colour) == ("Site", "red")


def test_the_same_value_changed_elsewhere_is_a_conflict(page, shared):
    stale = form_of(page.get(at("project-edit", shared)), at("project-edit", shared))
    Project.objects.filter(pk=shared.pk).update(name="Their site", colour="teal")
    response = page.post(at("project-edit", shared), stale | {"name": "My site"})
    assert response.status_code == 409
    assert "It is now “Their site”, Teal." in text_of(response)
    again = form_of(response, at("project-edit", shared))
    assert again["name"] == ["My site"]
    assert page.post(at("project-edit", shared), again).status_code == 302
    shared.refresh_from_db()
    assert shared.name == "My site"


def test_another_value_changed_elsewhere_is_kept(page, shared):
    stale = form_of(page.get(at("project-edit", shared)), at("project-edit", shared))
    Project.objects.filter(pk=shared.pk).update(colour="teal")
    page.post(at("project-edit", shared), stale | {"name": "My site"})
    shared.refresh_from_db()
    assert (shared.name, shared.colour) == ("My site", "teal")


def test_a_name_that_cannot_be_stays_in_the_form(page, shared):
    response = page.post(at("project-edit", shared), {"name": "", "colour": "red"})
    assert response.status_code == 422
    assert "A project needs a name." in text_of(response)


def test_deleting_says_what_happens_and_then_does_it(page, shared, by):
    task = add(shared, by, "Launch")
    series = RecurringTask(
        project=shared, title="Report", rrule="FREQ=WEEKLY", start_date=task.created_at.date(), time_zone="UTC"
    )  # fmt: skip
    series.begin(by)
    shown = text_of(page.get(at("project-delete", shared)))
    assert "2 tasks move to the trash." in shown
    assert "1 recurring task stops." in shown
    shared.refresh_from_db()
    assert shared.deleted_at is None

    response = page.post(at("project-delete", shared), follow=True)
    assert "Deleted “Website”. Its tasks are in the trash." in text_of(response)
    task.refresh_from_db()
    series.refresh_from_db()
    assert task.deleted_at is not None
    assert (series.create_at, series.occurrences.get().deleted_at) == (None, task.deleted_at)
    assert OutboxEvent.objects.filter(key=task.pk).latest("id").type == "task.deleted"
    assert page.get(at("project", shared)).status_code == 404


# --- What it costs -------------------------------------------------------------------------------------


def test_queries(page, shared, by, django_assert_num_queries):
    for number in range(5):
        add(shared, by, f"Task {number}", tags=["x"])
    page.get(reverse("tasks:projects"))
    with django_assert_num_queries(4):  # session, user, projects, the sidebar
        page.get(reverse("tasks:projects"))
    with django_assert_num_queries(5):  # session, user, project, tasks, the sidebar
        page.get(at("project", shared))
    with django_assert_num_queries(6):
        page.get(at("project-delete", shared))

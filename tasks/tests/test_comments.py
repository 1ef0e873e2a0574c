"""Comments on a task, and whom they mention."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from events.models import OutboxEvent
from tasks.markdown import render
from tasks.mentions import Handles
from tasks.models import Comment, Membership, Role, Task
from tasks.tests.factories import TaskFactory
from tasks.tests.page_reading import HTMX, form_of, text_of


@pytest.fixture
def task(shared):
    return TaskFactory(project=shared, title="Launch")


def at(name, task, *more):
    return reverse(f"tasks:{name}", args=[task.pk, *more])


def write(task, text, author):
    return Comment.objects.write(Task.objects.get_current(task.pk), text, author, Actor.of(author, "web"))


def page(client, task):
    return client.get(at("task", task))


# --- Writing -------------------------------------------------------------------------------------------


def test_a_comment_is_an_event_of_its_task(task, member, events_of, last_actor_of):
    write(task, "Looks **good**", member)
    assert events_of(task.pk) == ["task.created", "task.commented"]
    assert last_actor_of(task.pk) == ("Milo", "web")
    task.refresh_from_db()
    assert task.version == 2


def test_editing_and_deleting_are_events_too(task, member, events_of):
    by, comment = Actor.of(member, "web"), write(task, "One", member)
    comment.edit("One", by)
    comment.edit("Two", by)
    comment.remove(by)
    assert events_of(task.pk)[1:] == ["task.commented", "task.comment.edited", "task.comment.deleted"]
    assert not Comment.objects.exists()


@pytest.mark.parametrize("text", ["", " \n ", "x" * 10_001, "\0"])
def test_a_comment_that_cannot_be(task, member, text, events_of):
    with pytest.raises(ValidationError):
        write(task, text, member)
    assert events_of(task.pk) == ["task.created"]


# --- Mentions ------------------------------------------------------------------------------------------


@pytest.fixture
def people(db):
    make = User.objects.create_user
    return [
        make("anna@example.com", "x", display_name="Anna Lindberg"),
        make("bb@example.com", "x", display_name="Bo Berg"),
        make("bobo@example.com", "x", display_name="Bo Stone"),
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Anna look", [0]),
        ("ask @annalindberg, please", [0]),
        ("@BoBerg and (@bobo)", [1, 2]),
        ("@Bo is two people, but an address says who: @bb", [1]),
        ("anna@example.com is an address, @nobody is nobody", []),
        ("@anna @ANNA", [0]),
        ("", []),
    ],
)
def test_who_is_named(people, text, named):
    assert Handles(people).named_in(text) == [people[number] for number in named]


def test_a_mention_is_marked_and_nothing_else_gets_through(people):
    html = render("@anna `@anna` [@anna](https://x.example) @nobody <b>@anna</b>", Handles(people))
    assert html.count('<span class="mention">@anna</span>') == 2
    assert "<b>" not in html
    assert render('<span class="stage">x</span>').count("<span") == 0


def test_the_event_names_members_only(task, owner, member, outsider):
    write(task, "@milo @otto @olga", owner)
    data = OutboxEvent.objects.latest("id").envelope
    assert str(member.pk) in data
    assert str(outsider.pk) not in data


# --- On the page ---------------------------------------------------------------------------------------


def test_members_read_and_write(client, task, viewer, member, django_assert_max_num_queries):
    write(task, "First, @vera", member)
    client.force_login(viewer)
    assert client.post(at("comment-add", task), {"text": "Second"})["Location"] == at("task", task)
    page(client, task)
    with django_assert_max_num_queries(10):
        response = page(client, task)
    shown = text_of(response)
    assert shown.index("Milo") < shown.index("First,") < shown.index("Second")
    assert '<span class="mention">@vera</span>' in response.content.decode()


def test_with_htmx_the_list_comes_back_and_an_empty_form(client, task, member):
    client.force_login(member)
    response = client.post(at("comment-add", task), {"text": "Hello"}, headers=HTMX)
    assert "Hello" in text_of(response)
    assert form_of(response, at("comment-add", task))["text"] == [""]
    refused = client.post(at("comment-add", task), {"text": " "}, headers=HTMX)
    assert (refused.status_code, refused["HX-Retarget"]) == (422, "#composer")
    plain = client.post(at("comment-add", task), {"text": " "})
    assert (plain.status_code, "Write something." in text_of(plain)) == (422, True)


def test_the_author_edits_and_deletes(client, task, member):
    comment = write(task, "Frist", member)
    client.force_login(member)
    edit = at("comment-edit", task, comment.pk)
    assert edit in page(client, task).content.decode()
    assert "Frist" in text_of(client.get(edit))
    assert client.post(edit, {"text": ""}).status_code == 422
    assert client.post(edit, {"text": "First"})["Location"] == at("task", task)
    comment.refresh_from_db()
    assert (comment.text, comment.edited_at is not None) == ("First", True)
    client.post(at("comment-delete", task, comment.pk))
    assert not Comment.objects.exists()


def test_nobody_changes_anothers_comment(client, task, owner, member, outsider):
    comment = write(task, "Mine", member)
    for person in (owner, outsider):
        client.force_login(person)
        assert client.post(at("comment-edit", task, comment.pk), {"text": "Yours"}).status_code == 404
        assert client.post(at("comment-delete", task, comment.pk)).status_code == 404
    Membership.objects.get(user=member, project=task.project).end(Actor.of(owner, "web"))
    client.force_login(member)
    assert client.post(at("comment-delete", task, comment.pk)).status_code == 404
    comment.refresh_from_db()
    assert comment.text == "Mine"


def test_an_outsider_writes_nothing(client, task, outsider):
    client.force_login(outsider)
    assert client.post(at("comment-add", task), {"text": "x"}).status_code == 404


# --- In the API ----------------------------------------------------------------------------------------


def test_comments_through_the_api(api, task, viewer, member, django_assert_max_num_queries):
    client, path = api(viewer), f"/api/tasks/{task.pk}/comments"
    made = client.post(path, {"text": "Hello"})
    assert made.status_code == 201
    assert set(made.json()) == {"id", "author", "author_name", "text", "created_at", "edited_at"}
    with django_assert_max_num_queries(5):
        assert client.get(path).json()["items"] == [made.json()]
    one = f"{path}/{made.json()['id']}"
    assert client.patch(one, {"text": "Hi"}).json()["text"] == "Hi"
    assert client.patch(one, {"text": ""}).status_code == 400
    assert api(member).patch(one, {"text": "Ha"}).status_code == 403
    assert api(member).delete(one).status_code == 403
    assert client.delete(one).status_code == 204
    assert client.delete(one).status_code == 404


# --- Assignees -----------------------------------------------------------------------------------------


def test_only_members_can_be_assignees(client, api, task, owner, member, outsider):
    client.force_login(owner)
    form = client.get(at("property-edit", task, "assignee"))
    assert ("Milo" in text_of(form), "Otto" in text_of(form)) == (True, False)
    refused = client.post(at("property", task, "assignee"), {"assignee": outsider.pk})
    assert refused.status_code == 422
    path = f"/api/tasks/{task.pk}"
    assert api(owner).patch(path, {"assignee": str(outsider.pk)}).status_code == 400
    assert api(owner).patch(path, {"assignee": str(member.pk)}).json()["assignee"] == str(member.pk)
    assert [item["id"] for item in api(owner).get(f"/api/tasks?assignee={member.pk}").json()["items"]] == [
        str(task.pk)
    ]
    assert api(owner).get(f"/api/tasks?assignee={owner.pk}").json()["items"] == []


def test_a_member_of_another_project_is_refused(api, task, owner, member, outsider):
    other = TaskFactory(project__owner=owner)
    Membership.objects.create(project=other.project, user=outsider, role=Role.EDITOR)
    assert api(owner).patch(f"/api/tasks/{task.pk}", {"assignee": str(outsider.pk)}).status_code == 400


def test_giving_a_task_is_an_event_of_its_own(api, client, task, owner, member, events_of):
    client.force_login(owner)
    client.post(at("property", task, "assignee"), {"assignee": member.pk})
    client.post(at("property", task, "assignee"), {"assignee": ""})
    assert events_of(task.pk) == ["task.created", "task.assigned", "task.updated"]
    body = {"title": "New", "project": str(task.project_id), "assignee": str(member.pk)}
    made = api(owner).post("/api/tasks", body).json()
    assert events_of(made["id"]) == ["task.created", "task.assigned"]


def test_what_moves_away_from_its_assignee_is_nobodys(task, inbox, member, by):
    task.change(by, assignee=member)
    task.change(by, project=inbox)
    task.refresh_from_db()
    assert task.assignee is None


def test_the_page_and_the_row_show_who_does_it(client, task, owner, member, by):
    task.change(by, assignee=member)
    client.force_login(owner)
    assert "Assignee Milo" in text_of(page(client, task))
    assert (
        'aria-label="For Milo"'
        in client.get(reverse("tasks:project", args=[task.project_id])).content.decode()
    )


# --- While writing -------------------------------------------------------------------------------------


def test_whom_one_can_mention(client, task, viewer, people, django_assert_num_queries):
    for person in people:
        Membership.objects.create(project=task.project, user=person, role=Role.VIEWER)
    client.force_login(viewer)
    with django_assert_num_queries(4):  # session, user, task, members
        shown = client.get(at("mentions", task))
    words = re.findall(r'data-word="([^"]*)"', shown.content.decode())
    assert words == ["anna", "boberg", "bostone", "milo", "olga", "vera"]
    assert at("mentions", task) in page(client, task).content.decode()


def test_every_offered_word_names_its_person(people):
    handles = Handles(people)
    assert [handles.named_in(f"@{word}") for _person, word in handles.words()] == [[each] for each in people]


def test_a_comment_is_changed_in_its_place(client, task, member):
    comment = write(task, "Frist", member)
    client.force_login(member)
    edit = at("comment-edit", task, comment.pk)
    form = client.get(edit, headers=HTMX)
    assert form_of(form, edit)["text"] == ["Frist"]
    assert "<html" not in form.content.decode()
    refused = client.post(edit, {"text": " "}, headers=HTMX)
    assert (refused.status_code, refused["HX-Retarget"]) == (422, f"#comment-{comment.pk}")
    assert "Write something." in text_of(refused)
    saved = client.post(edit, {"text": "First"}, headers=HTMX).content.decode()
    assert 'id="part-comments"' in saved
    assert "First" in saved
    assert "composer" not in saved  # what is being written below stays


def test_cancelling_shows_the_comment_again(client, task, viewer, member):
    comment = write(task, "Hello @vera", member)
    client.force_login(viewer)
    shown = client.get(at("comment", task, comment.pk), headers=HTMX)
    assert '<span class="mention">@vera</span>' in shown.content.decode()
    assert client.get(at("comment", task, comment.pk))["Location"] == at("task", task)

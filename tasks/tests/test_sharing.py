"""Sharing: who becomes a member, who stays one, and what becomes of their tasks."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tasks import inviting
from tasks.models import Invitation, Membership, Project, RecurringTask, Role, Task
from tasks.tests.factories import TaskFactory
from tasks.tests.page_reading import text_of


def membership(project, user):
    return Membership.objects.get(project=project, user=user)


def role_of(project, user):
    return Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()


def link_in(message):
    return next(word for word in message.body.split() if "/invitations/" in word).partition("8000")[2]


@pytest.fixture
def invited(shared, owner):
    """The path that a mail to otto@example.com leads to."""
    inviting.invite(shared, "otto@example.com", Role.EDITOR, owner)
    return link_in(mail.outbox[-1])


# --- Owners --------------------------------------------------------------------------------------------


def test_a_project_can_have_several_owners(shared, owner, member, by):
    membership(shared, member).change_role(Role.OWNER, by)
    for person in (owner, member):
        assert list(Project.objects.owned_by(person).filter(is_inbox=False)) == [shared]


def test_the_last_owner_stays_one(shared, owner, by):
    for refused in (lambda m: m.change_role(Role.VIEWER, by), lambda m: m.end(by), lambda m: m.delete()):
        with pytest.raises(ValidationError):
            refused(membership(shared, owner))
    assert role_of(shared, owner) == Role.OWNER


def test_when_an_owner_leaves_another_takes_the_tasks_over(shared, owner, member, by):
    member.time_zone = "Pacific/Auckland"
    member.save()
    due = timezone.now() + timedelta(days=2)
    task = TaskFactory(project=shared, due_date=due, due_all_day=True)
    series = RecurringTask(
        project=shared, title="Again", rrule="FREQ=DAILY", start_date="2026-01-01", time_zone="UTC"
    )
    series.begin(by)
    before, version = task.deadline_at, task.version
    membership(shared, member).change_role(Role.OWNER, by)
    membership(shared, owner).end(by)
    for row in (shared, task, series):
        row.refresh_from_db()
        assert row.owner_id == member.pk
    assert before - task.deadline_at in {timedelta(hours=12), timedelta(hours=13)}
    assert task.version == version


def test_handing_over_makes_an_editor_of_the_owner(shared, owner, member, by):
    membership(shared, owner).hand_over(membership(shared, member), by)
    shared.refresh_from_db()
    assert (role_of(shared, owner), role_of(shared, member)) == (Role.EDITOR, Role.OWNER)
    assert shared.owner == member


# --- Leaving -------------------------------------------------------------------------------------------


def test_what_a_leaving_person_was_to_do_is_nobodys(shared, inbox, member, by, events_of, last_actor_of):
    theirs = TaskFactory(project=shared, assignee=member)
    done = TaskFactory(project=shared, assignee=member)
    done.complete(by)
    trashed = TaskFactory(project=shared, assignee=member)
    trashed.trash(by)
    elsewhere = TaskFactory(project=Project.objects.inbox_of(member), assignee=member)
    membership(shared, member).end(by)
    assert not Task.objects.filter(project=shared, assignee=member).exists()
    assert events_of(theirs.pk) == ["task.created", "task.updated"]
    assert last_actor_of(theirs.pk) == ("Olga", "web")
    elsewhere.refresh_from_db()
    assert elsewhere.assignee == member
    assert not Task.objects.visible_to(member).filter(project=shared).exists()


# --- Inviting ------------------------------------------------------------------------------------------


def test_an_invitation_is_accepted_by_whom_it_is_for(client, shared, outsider, invited):
    client.force_login(outsider)
    assert "Olga invites you to “Website”" in text_of(client.get(invited))
    response = client.post(invited)
    assert response["Location"] == reverse("tasks:project", args=[shared.pk])
    assert role_of(shared, outsider) == Role.EDITOR
    assert client.get(invited).status_code == 404


def test_the_secret_is_only_in_the_mail(invited):
    secret = invited.rpartition("/")[2]
    [row] = Invitation.objects.values()
    assert secret not in str(row)
    assert secret in mail.outbox[0].alternatives[0][0]
    assert mail.outbox[0].subject == "Olga invites you to “Website”"
    assert mail.outbox[0].to == ["otto@example.com"]


def test_the_link_alone_does_not_let_another_account_in(client, shared, invited):
    stranger = User.objects.create_user("eve@example.com", "correct horse")
    client.force_login(stranger)
    assert "signed in as eve@example.com" in text_of(client.get(invited))
    assert client.post(invited).status_code == 403
    assert role_of(shared, stranger) is None


def test_whoever_has_no_account_signs_up_and_comes_back(client, shared, owner):
    inviting.invite(shared, "New@Example.com", Role.VIEWER, owner)
    link = link_in(mail.outbox[-1])
    assert f'href="/accounts/signup/?next={link}"' in client.get(link).content.decode()
    assert client.post(link)["Location"] == f"/accounts/login/?next={link}"
    fields = {
        "email": "new@example.com",
        "password1": "correct horse battery",
        "display_name": "Nora",
        "next": link,
    }
    response = client.post("/accounts/signup/", {**fields, "time_zone": "UTC"})
    assert response["Location"] == link
    client.post(link)
    assert role_of(shared, User.objects.get(email="new@example.com")) == Role.VIEWER


@pytest.mark.parametrize("end", ["revoked", "expired", "sender removed", "project deleted", "invited again"])
def test_what_ends_an_invitation(client, shared, owner, member, outsider, by, invited, time_machine, end):
    if end == "revoked":
        Invitation.objects.get().revoke(by)
    elif end == "expired":
        Invitation.objects.update(expires_at=timezone.now())
    elif end == "sender removed":
        membership(shared, owner).hand_over(membership(shared, member), by)
    elif end == "project deleted":
        shared.trash(by)
    else:
        inviting.invite(shared, "otto@example.com", Role.VIEWER, owner)
    client.force_login(outsider)
    assert client.get(invited).status_code == 404
    assert client.post(invited).status_code == 404
    assert role_of(shared, outsider) is None


def test_an_invitation_lasts_fourteen_days(invited):
    made = Invitation.objects.get()
    assert made.expires_at - made.created_at == pytest.approx(timedelta(days=14), abs=timedelta(seconds=1))


def test_an_inbox_is_never_shared(inbox, owner):
    with pytest.raises(ValidationError):
        inviting.invite(inbox, "otto@example.com", Role.VIEWER, owner)


def test_only_owners_invite(shared, member):
    with pytest.raises(PermissionDenied):
        inviting.invite(shared, "otto@example.com", Role.VIEWER, member)


def test_members_are_not_invited_again(shared, owner):
    with pytest.raises(ValidationError, match="member already"):
        inviting.invite(shared, "Milo@example.com", Role.VIEWER, owner)


def test_invitations_are_limited_by_sender_and_day(shared, owner, settings):
    settings.INVITATIONS_PER_DAY = 2
    for name in ("a", "b"):
        inviting.invite(shared, f"{name}@example.com", Role.VIEWER, owner)
    with pytest.raises(ValidationError, match="2 invitations"):
        inviting.invite(shared, "c@example.com", Role.VIEWER, owner)
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=1))
    inviting.invite(shared, "c@example.com", Role.VIEWER, owner)


def test_no_invitation_is_left_of_a_mail_that_could_not_be_sent(client, shared, owner, monkeypatch):
    def refuse(*_args, **_how):
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    client.force_login(owner)
    page = client.post(
        reverse("tasks:project-sharing", args=[shared.pk]), {"email": "a@example.com", "role": "viewer"}
    )
    assert (page.status_code, "could not be sent" in text_of(page)) == (422, True)
    assert not Invitation.objects.open().exists()


# --- The page ------------------------------------------------------------------------------------------


@pytest.fixture
def page(shared):
    return reverse("tasks:project-sharing", args=[shared.pk])


def act(client, name, project, user, **fields):
    return client.post(reverse(f"tasks:{name}", args=[project.pk, user.pk]), fields)


def test_an_owner_sees_members_and_invitations(
    client, owner, page, shared, viewer, invited, django_assert_max_num_queries
):
    client.force_login(owner)
    client.get(page)
    with django_assert_max_num_queries(10):
        shown = text_of(client.get(page))
    for words in ("Olga (you)", "milo@example.com", "Vera", "otto@example.com", "Invited as: Editor"):
        assert words in shown
    assert page in client.get(reverse("tasks:project", args=[shared.pk])).content.decode()


def test_others_see_members_and_can_leave(client, shared, member, page, invited):
    client.force_login(member)
    shown = text_of(client.get(page))
    assert "Olga" in shown
    assert "otto@example.com" not in shown
    assert act(client, "member-remove", shared, member)["Location"] == reverse("tasks:projects")
    assert client.get(page).status_code == 404


def test_an_owner_changes_roles_hands_over_and_removes(client, shared, owner, member, viewer, page):
    client.force_login(owner)
    assert act(client, "member-role", shared, member, role="viewer")["Location"] == page
    assert role_of(shared, member) == Role.VIEWER
    act(client, "member-remove", shared, viewer)
    assert role_of(shared, viewer) is None
    act(client, "member-hand-over", shared, member)
    assert (role_of(shared, owner), role_of(shared, member)) == (Role.EDITOR, Role.OWNER)
    assert act(client, "member-remove", shared, member).status_code == 403


def test_the_last_owner_is_told_why_they_cannot_leave(client, shared, owner, page):
    client.force_login(owner)
    response = client.post(reverse("tasks:member-remove", args=[shared.pk, owner.pk]), follow=True)
    assert "A project needs an owner" in text_of(response)
    assert "Leave the project" not in text_of(response)


def test_inviting_on_the_page_and_taking_it_back(client, shared, owner, page):
    client.force_login(owner)
    assert client.post(page, {"email": "a@example.com", "role": "viewer"})["Location"] == page
    made = Invitation.objects.get()
    assert (made.email, made.role, made.invited_by) == ("a@example.com", "viewer", owner)
    client.post(reverse("tasks:invitation-revoke", args=[shared.pk, made.pk]))
    assert not Invitation.objects.open().exists()
    refused = client.post(page, {"email": "milo@example.com", "role": "viewer"})
    assert (refused.status_code, "member already" in text_of(refused)) == (422, True)


def test_an_inbox_has_no_such_page(client, owner, inbox):
    client.force_login(owner)
    assert client.get(reverse("tasks:project-sharing", args=[inbox.pk])).status_code == 404
    assert act(client, "member-remove", inbox, owner).status_code == 403


# --- The API -------------------------------------------------------------------------------------------


def test_members_through_the_api(api, shared, owner, member, viewer, django_assert_max_num_queries):
    client, path = api(owner), f"/api/projects/{shared.pk}/members"
    with django_assert_max_num_queries(5):
        items = client.get(path).json()["items"]
    assert [(item["name"], item["role"]) for item in items] == [
        ("Olga", "owner"),
        ("Milo", "editor"),
        ("Vera", "viewer"),
    ]
    assert set(items[0]) == {"id", "name", "email", "role", "created_at"}
    first = client.get(f"{path}?cursor=&page_size=2").json()
    assert client.get(f"{path}?cursor={first['next_cursor']}").json()["items"] == items[2:]
    changed = client.patch(f"{path}/{member.pk}", {"role": "viewer"})
    assert (changed.status_code, changed.json()["role"]) == (200, "viewer")
    assert client.patch(f"{path}/{owner.pk}", {"role": "viewer"}).status_code == 409
    assert client.delete(f"{path}/{viewer.pk}").status_code == 204
    assert client.post(f"{path}/{member.pk}/hand-over").json()["role"] == "owner"
    assert client.delete(f"{path}/{owner.pk}").status_code == 204  # leaves
    assert client.get(path).status_code == 404


def test_invitations_through_the_api(api, shared, owner, outsider):
    client, path = api(owner), f"/api/projects/{shared.pk}/invitations"
    made = client.post(path, {"email": "otto@example.com", "role": "viewer"})
    assert made.status_code == 201
    assert set(made.json()) == {"id", "email", "role", "invited_by", "created_at", "expires_at"}
    assert client.get(path).json()["items"] == [made.json()]
    secret = link_in(mail.outbox[0]).rpartition("/")[2]
    assert client.post("/api/invitations/accept", {"token": secret}).status_code == 403
    assert api(outsider).post("/api/invitations/accept", {"token": secret}).json()["role"] == "viewer"
    assert api(outsider).post("/api/invitations/accept", {"token": secret}).status_code == 404
    again = client.post(path, {"email": "eve@example.com"}).json()
    assert client.delete(f"{path}/{again['id']}").status_code == 204
    assert client.get(path).json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [{}, {"email": "nobody"}, {"email": "milo@example.com"}, {"email": "a@example.com", "role": "king"}],
)
def test_an_invitation_that_cannot_be(api, shared, owner, body):
    refused = api(owner).post(f"/api/projects/{shared.pk}/invitations", body)
    assert refused.status_code == 400
    assert set(refused.json()["errors"]) <= {"email", "role"}

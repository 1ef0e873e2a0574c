"""Who shares a project, as events: recorded with the change, logged, verified, and shown to its members."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from rest_framework.test import APIClient

from accounts.actor import SYSTEM, Actor
from accounts.models import User
from events.models import OutboxEvent, ProjectEventLog
from events.repair import repair
from events.verify import verify
from tasks import inviting
from tasks.models import Invitation, Membership, Project, Role

NOW = timedelta(0)  # what an event may take


def recorded(project):
    """The events of a project: (type, data), in order."""
    rows = OutboxEvent.objects.filter(key=project.pk).order_by("id")
    return [(row.type, json.loads(row.envelope)["data"]) for row in rows]


def kinds(project):
    return [kind.removeprefix("project.") for kind, _data in recorded(project)]


@pytest.fixture
def garden(owner):
    """A project of its owner alone, of which nothing is told yet."""
    return Project.objects.create(owner=owner, name="Garden")


def of(project, user):
    return Membership.objects.select_related("project", "user").get(project=project, user=user)


def test_that_its_owner_is_in_a_project_goes_without_saying(garden, inbox):
    assert recorded(garden) == recorded(inbox) == []


def test_somebody_who_accepts_an_invitation_joins_by_their_own_doing(garden, owner, outsider):
    invitation, _secret = Invitation.objects.invite(garden, outsider.email, Role.EDITOR, owner, "api")
    invitation.accept(outsider)
    (sent, about), (added, who) = recorded(garden)
    assert (sent, about["actor"]["name"], about["actor"]["via"]) == ("project.invitation.sent", "Olga", "api")
    assert about["invitation_id"] == who["invitation_id"] == str(invitation.pk)
    assert outsider.email not in json.dumps(about)
    assert (added, who["actor"]["id"], who["role"]) == ("project.member.added", str(outsider.pk), "editor")
    invitation.accepted_at = None
    invitation.save()
    invitation.accept(outsider)  # who is in it already: nothing happens
    assert len(recorded(garden)) == 2


def test_roles_hand_over_and_leaving_are_told(garden, owner, outsider, by):
    Membership.objects.create(project=garden, user=outsider, role=Role.VIEWER)
    of(garden, outsider).change_role(Role.EDITOR, by)
    of(garden, outsider).change_role(Role.EDITOR, by)  # as it was
    of(garden, owner).hand_over(of(garden, outsider), by)
    of(garden, owner).end(Actor.of(owner, "web"))
    assert kinds(garden) == [
        "member.added",
        "member.changed",
        "member.changed",
        "handed_over",
        "member.changed",
        "member.removed",
    ]
    told = [data for _kind, data in recorded(garden)]
    assert (told[0]["actor"]["via"], told[0]["member_name"]) == ("system", "Otto")
    assert told[1]["changes"] == {"role": {"from": "viewer", "to": "editor"}}
    assert (told[3]["owner_id"], told[5]["role"]) == (str(outsider.pk), "editor")


def test_what_is_refused_is_no_event(garden, owner, by):
    with pytest.raises(ValidationError):
        of(garden, owner).end(by)
    assert recorded(garden) == []


def test_an_invitation_taken_back_and_a_project_deleted_are_told(garden, owner, by):
    Invitation.objects.invite(garden, "nora@example.com", Role.VIEWER, owner)[0].revoke(by)
    garden.trash(by)
    assert kinds(garden) == ["invitation.sent", "invitation.revoked", "deleted"]


def test_what_is_over_already_is_not_told_again(garden, owner, outsider, by):
    invitation, _secret = Invitation.objects.invite(garden, outsider.email, Role.VIEWER, owner)
    late = Invitation.objects.get(pk=invitation.pk)
    invitation.accept(outsider)
    assert late.revoke(by) is False
    other, _secret = Invitation.objects.invite(garden, "nora@example.com", Role.VIEWER, owner)
    assert [Invitation.objects.get(pk=other.pk).revoke(by), other.revoke(by)] == [True, False]
    twice = [Project.objects.get(pk=garden.pk) for _ in range(2)]
    for project in twice:
        project.trash(by)
    assert kinds(garden) == [
        "invitation.sent",
        "member.added",
        "invitation.sent",
        "invitation.revoked",
        "deleted",
    ]


def test_a_mail_that_was_not_sent_takes_its_invitation_back(garden, owner, monkeypatch):
    monkeypatch.setattr(
        "tasks.inviting.EmailMultiAlternatives.send", lambda *_: (_ for _ in ()).throw(OSError)
    )
    with pytest.raises(inviting.NotSent):
        inviting.invite(garden, "nora@example.com", Role.VIEWER, owner)
    assert kinds(garden) == ["invitation.sent", "invitation.revoked"]


def test_staff_who_add_somebody_are_named(client, garden, outsider, db):
    root = User.objects.create_superuser("root@example.com", "correct horse")
    client.force_login(root)
    page = f"/admin/tasks/project/{garden.pk}/change/"
    form = {"name": "Garden", "colour": "grey", "_save": "Save"}
    for prefix in ("memberships", "memberships-2"):
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    form |= {
        "memberships-2-TOTAL_FORMS": 1,
        "memberships-2-0-user": outsider.pk,
        "memberships-2-0-role": "viewer",
    }
    assert client.post(page, form).status_code == 302
    ((kind, data),) = recorded(garden)
    assert (kind, data["actor"]["id"], data["actor"]["via"]) == (
        "project.member.added",
        str(root.pk),
        "admin",
    )


def test_the_log_has_them_and_what_is_lost_is_named_and_mended(garden, outsider, drain):
    Membership.objects.create(project=garden, user=outsider, role=Role.VIEWER)
    drain()
    assert [row.type for row in ProjectEventLog.objects.filter(project_id=garden.pk)] == [
        "project.member.added"
    ]
    assert verify(NOW).is_clean
    ProjectEventLog.objects.all().delete()
    report = verify(NOW)
    assert [(finding.kind, finding.about) for finding in report.findings] == [("not_logged", "project")]
    assert repair(report) == 1
    assert verify(NOW).is_clean


# --- For people and programs ----------------------------------------------------------------------------


@pytest.fixture
def story(garden, owner, outsider, by, drain):
    """What the members of a project can read."""
    invitation, _secret = Invitation.objects.invite(garden, outsider.email, Role.EDITOR, owner)
    invitation.accept(outsider)
    of(garden, outsider).change_role(Role.VIEWER, by)
    Invitation.objects.invite(garden, "nora@example.com", Role.VIEWER, owner)[0].revoke(by)
    drain()
    return garden


def history_of(person, project):
    client = APIClient()
    client.force_login(person)
    return client.get(f"/api/projects/{project.pk}/history")


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_the_page_tells_it_in_words(client, story, outsider, django_assert_num_queries):
    client.force_login(outsider)
    client.get("/today")
    with django_assert_num_queries(6):  # session, user, project, the log, addresses, the sidebar
        text = text_of(client.get(f"/projects/{story.pk}/history"))
    for sentence in (
        "<strong>Olga</strong> invited otto@example.com as: Editor",
        "<strong>Otto</strong> joined as: Editor",
        "<strong>Olga</strong> changed the role of Otto from Editor to Viewer",
        "<strong>Olga</strong> took the invitation of nora@example.com back",
    ):
        assert sentence in text
    assert "Who joined, left and was invited" in text_of(client.get(f"/projects/{story.pk}/sharing"))


def test_who_left_sees_nothing_of_it_any_more(client, story, outsider, by):
    of(story, outsider).end(by)
    client.force_login(outsider)
    assert client.get(f"/projects/{story.pk}/history").status_code == 404


def test_older_ones_are_a_page_away(client, story, owner, monkeypatch):
    monkeypatch.setattr("events.project_history.PAGE_SIZE", 2)
    client.force_login(owner)
    newest = text_of(client.get(f"/projects/{story.pk}/history"))
    assert "took the invitation" in newest
    assert "joined as" not in newest
    link = newest.partition('href="?before=')[2].partition('"')[0]
    assert "joined as" in text_of(client.get(f"/projects/{story.pk}/history", {"before": link}))
    assert client.get(f"/projects/{story.pk}/history", {"before": "x"}).status_code == 200


def test_programs_read_the_same(story, owner, outsider):
    answer = history_of(owner, story).json()
    assert [item["type"].removeprefix("project.") for item in answer["items"]] == [
        "invitation.revoked",
        "invitation.sent",
        "member.changed",
        "member.added",
        "invitation.sent",
    ]
    changed = answer["items"][2]
    assert (changed["actor"]["name"], changed["details"]["changes"]["role"]["to"]) == ("Olga", "viewer")
    of(story, outsider).end(SYSTEM)
    assert history_of(outsider, story).status_code == 404

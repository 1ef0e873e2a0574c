"""The operations page: its figures, and what staff can do with dead letters there."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command

from accounts.models import User
from events.models import DeadLetter, OutboxEvent, Projection
from events.models.dead_letter import State
from events.statistics import rebuild
from tasks.models import Task
from todo_project import letter_work

PAGE = "/admin/operations/"
LETTERS = "/admin/operations/letters/"
LOOK = 3  # queries for all figures: the outbox, how far the consumers are, and what there is to count


@pytest.fixture
def staff(client, db):
    """``staff("view", "change")`` signs somebody in who has these rights over dead letters."""

    def sign_in(*verbs):
        person = User.objects.create_user("stella@example.com", "correct horse", is_staff=True)
        names = [f"{verb}_deadletter" for verb in verbs]
        person.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def letters(inbox, by):
    """``letters(3)`` are dead letters of events that can be handled now."""

    def make(number, **fields):
        for _ in range(number):
            Task(project=inbox, title="One").save(by=by)
        rows = OutboxEvent.objects.order_by("-id")[:number]
        return [
            DeadLetter.objects.create(
                **{"consumer": "audit", "event_id": row.event_id, "type": row.type, "envelope": row.envelope,
                   "state": State.DEAD, "error": "ValueError: <no>", "attempts": 9, **fields}
            )
            for row in rows
        ]  # fmt: skip

    return make


def states():
    return sorted(DeadLetter.objects.values_list("state", flat=True))


def as_command():
    out = StringIO()
    with suppress(CommandError):  # there are dead letters, which it says by its exit status
        call_command("events_status", json=True, stdout=out)
    return json.loads(out.getvalue())


def test_the_figures_are_those_of_the_command(staff, letters, drain):
    letters(2)
    drain()
    client = staff("view")
    drain()
    DeadLetter.objects.update(state=State.DEAD)
    text, said = client.get(PAGE).content.decode(), as_command()
    tiles = dict(
        re.findall(
            r"<dt>(.*?)</dt><dd>(.*?)</dd>", text.partition('<dl class="tiles">')[2].partition("</dl>")[0]
        )
    )
    assert tiles == {
        "Outbox pending": str(said["pending"]),
        "Oldest pending": f"{said['oldest_pending_seconds']:.1f} s",
        "Events in the last minute": str(said["recorded_last_minute"]),
        "Dead letters": str(sum(one["dead"] for one in said["consumers"]) + said["unreadable"]),
    }
    assert said["recorded_last_minute"] > 2
    rows = re.findall(
        r'<th scope="row">(\w+)</th>\s*<td data-number>(\d+)</td>\s*<td data-number>(\d+)</td>', text
    )
    assert rows == [(one["name"], str(one["position"]), str(one["lag"])) for one in said["consumers"]]


def test_staff_without_the_right_see_figures_and_no_letters(staff, letters):
    letters(1)
    text = staff().get(PAGE).content.decode()
    assert "Outbox pending" in text
    assert "&lt;no&gt;" not in text


def test_who_may_only_look_cannot_act(staff, letters):
    letter = letters(1)[0]
    client = staff("view")
    text = client.get(PAGE).content.decode()
    assert "&lt;no&gt;" in text
    assert 'name="act"' not in text
    answer = client.post(LETTERS, {"act": "requeue", "letter": letter.pk})
    assert (answer.status_code, states()) == (403, ["dead"])


def test_who_is_no_staff_is_sent_away(client, owner, letters):
    letter = letters(1)[0]
    client.force_login(owner)
    assert client.post(LETTERS, {"act": "requeue", "letter": letter.pk}).status_code == 302
    assert states() == ["dead"]


def test_the_filter_is_in_the_address(staff, letters):
    letters(1)
    letters(1, state=State.DISCARDED, reason="Too old", consumer="email")
    client = staff("view")
    assert client.get(PAGE, {"state": "discarded"}).content.decode().count("Too old") == 1
    assert "There are none." in client.get(PAGE, {"consumer": "email"}).content.decode()
    assert "There are none." in client.get(PAGE, {"type": "task.deleted"}).content.decode()
    assert "&lt;no&gt;" in client.get(PAGE, {"state": "nonsense"}).content.decode()


def test_selected_letters_are_requeued_and_that_is_noted(staff, letters, drain):
    first, second, _third = letters(3)
    answer = staff("view", "change").post(
        LETTERS, {"act": "requeue", "letter": [first.pk, second.pk]}, follow=True
    )
    assert "2 letters requeued." in answer.content.decode()
    assert states() == ["dead", "requeued", "requeued"]
    assert sorted(LogEntry.objects.values_list("object_id", flat=True)) == sorted(
        [str(first.pk), str(second.pk)]
    )
    drain()
    assert set(DeadLetter.objects.filter(pk__in=[first.pk, second.pk]).values_list("state", flat=True)) == {
        "resolved"
    }


def test_discarding_takes_a_reason_and_notes_it(staff, letters):
    letter = letters(1)[0]
    client = staff("view", "change")
    answer = client.post(LETTERS, {"act": "discard", "letter": letter.pk, "reason": " "}, follow=True)
    assert "Say why they are discarded." in answer.content.decode()
    assert states() == ["dead"]
    client.post(LETTERS, {"act": "discard", "letter": letter.pk, "reason": "Too old"})
    letter.refresh_from_db()
    assert (letter.state, letter.reason, letter.resolved_by.email) == (
        "discarded",
        "Too old",
        "stella@example.com",
    )
    assert LogEntry.objects.get().change_message == "Discarded: Too old"


def test_nothing_happens_to_letters_that_nobody_chose(staff, letters):
    letters(2)
    answer = staff("view", "change").post(LETTERS, {"act": "requeue"}, follow=True)
    assert "Select letters" in answer.content.decode()
    assert states() == ["dead", "dead"]


def go_on(client, answer):
    """What the page, or its button, sends next."""
    form = answer.content.decode().partition('id="work"')[2].partition("</form>")[0]
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)">', form)
    return client.post(LETTERS, {name: value for name, value in fields if name != "csrfmiddlewaretoken"})


def test_many_are_done_in_portions_with_their_progress(staff, letters, monkeypatch):
    monkeypatch.setattr(letter_work, "PORTION", 3)
    letters(7)
    letters(1, consumer="recurrence")
    letters(1, envelope="{}")  # cannot be read: it stays
    client = staff("view", "change")
    answer = client.post(LETTERS, {"act": "requeue", "all": "on", "consumer": "audit", "state": "dead"})
    progress = []
    while answer.status_code == 200:
        progress.append(
            tuple(
                map(int, re.search(r'<progress value="(\d+)" max="(\d+)"', answer.content.decode()).groups())
            )
        )
        answer = go_on(client, answer)
    assert progress == [(3, 8), (6, 8)]
    assert states() == ["dead", "dead", *["requeued"] * 7]
    assert "7 letters requeued, 1 could not be." in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "given",
    [{"act": "erase"}, {"act": "requeue", "letter": "x"}, {"act": "requeue", "all": "on", "upto": "-1"}],
)
def test_what_no_page_asks_for_is_unknown(staff, letters, given):
    letters(1)
    assert staff("view", "change").post(LETTERS, given).status_code == 404
    assert states() == ["dead"]


def test_a_letter_that_was_settled_meanwhile_stays_as_it_is(staff, letters, owner, monkeypatch):
    letter = letters(1)[0]
    monkeypatch.setattr(
        letter_work.Work, "_letters", lambda self: DeadLetter.objects.filter(pk=letter.pk)
    )  # as it was read before somebody else was quicker
    letter.discard(owner, "Mine")
    answer = staff("view", "change").post(
        LETTERS, {"act": "discard", "letter": letter.pk, "reason": "Theirs"}, follow=True
    )
    assert "0 letters discarded, 1 could not be." in answer.content.decode()
    letter.refresh_from_db()
    assert letter.reason == "Mine"


def test_unreadable_deliveries_are_shown_too(staff, db):
    DeadLetter.objects.create(
        consumer="delivery", event_id=None, envelope=str(uuid4()), state=State.DEAD, error="?"
    )
    assert "unreadable" in staff("view").get(PAGE).content.decode()


def test_a_build_of_the_statistics_is_begun_here_and_its_progress_shown(client, db):
    root = User.objects.create_superuser("root@example.com", "correct horse")
    client.force_login(root)
    client.post("/admin/operations/statistics/")
    assert Projection.objects.building().count() == 1
    assert "Rebuilding, 0 %" in client.get(PAGE).content.decode()
    rebuild.advance(30)
    assert "Rebuilding" not in client.get(PAGE).content.decode()
    assert LogEntry.objects.count() == 1


def test_building_the_statistics_takes_a_right_of_its_own(staff):
    assert staff("view", "change").post("/admin/operations/statistics/").status_code == 403
    assert Projection.objects.count() == 0


def test_the_page_needs_few_queries_however_many_letters_there_are(
    client, letters, django_assert_num_queries
):
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse"))
    letters(1)
    client.get(PAGE)
    for more in (2, 30):
        letters(more)
        with django_assert_num_queries(3 + LOOK + 2):  # session, user, sidebar; the letters, due reminders
            client.get(PAGE)
        with django_assert_num_queries(2 + LOOK):
            client.get(PAGE, headers={"HX-Request": "true"})


def test_rights_that_are_given_one_by_one_cost_two_more(staff, letters, django_assert_num_queries):
    letters(3)
    client = staff("view", "change")
    client.get(PAGE)
    with django_assert_num_queries(3 + 2 + LOOK + 2):
        client.get(PAGE)

"""The page of one's statistics, and the same by the API."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import Deed, Projection
from events.statistics import charts, rebuild
from events.statistics.figures import Day
from tasks.models import Project, Task

PAGE = "/statistics"
API = "/api/statistics"


@pytest.fixture(autouse=True)
def _built(db):
    """The statistics of an installation that is running."""
    rebuild.begin()
    rebuild.advance(30)


@pytest.fixture
def done(inbox, owner, by, drain):
    """Three tasks of today, two of them completed, one of these in a project with a tag."""
    garden = Project.objects.create(owner=owner, name="Garden <b>", colour="green")
    Task(project=inbox, title="Open", due_date=timezone.now() - timedelta(days=2), due_all_day=False).save(
        by=by
    )
    for task in (Task(project=inbox, title="One"), Task(project=garden, title="Two", tags=["out"])):
        task.save(by=by)
        task.complete(by)
    drain()
    return garden


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return lambda query="": client.get(PAGE + query)


def tiles(answer):
    """The number on each tile."""
    shown = answer.content.decode().partition('<dl class="tiles">')[2].partition("</dl>")[0]
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", shown)
    return dict(found)


def test_strangers_sign_in_first(client):
    assert client.get(PAGE).status_code == 302


def test_it_shows_what_was_done(page, done):
    answer = page()
    assert tiles(answer) == {
        "Completed this week": "2",
        "Streak": "1 day",
        "Done on time": "–",
        "Overdue now": "1",
    }
    text = answer.content.decode()
    assert "Garden &lt;b&gt;: 1 completed" in text
    assert "@out: 1 completed" in text
    assert text.count("<details") == 3
    assert "style=" not in text.partition("<main")[2]


def test_somebody_who_did_nothing_is_told_how_to_begin(client, outsider, done):
    client.force_login(outsider)
    text = client.get(PAGE).content.decode()
    assert "Nothing to count yet" in text
    assert 'class="tiles"' not in text


def test_nobody_learns_of_anothers_project(client, member, done, by):
    client.force_login(member)
    assert "Garden" not in client.get(PAGE).content.decode()


def test_what_was_done_in_a_project_that_one_left_has_no_name(page, done, owner):
    done.memberships.all().delete()
    text = page().content.decode()
    assert "Another project: 1 completed" in text
    assert "Garden" not in text


@pytest.mark.parametrize(
    ("query", "weeks"), [("", 8), ("?period=2-weeks", 2), ("?period=year", 52), ("?period=x", 8)]
)
def test_the_period_is_in_the_address(page, done, query, weeks):
    text = page(query).content.decode()
    numbers = text.partition("Numbers: Week from")[2].partition("</table>")[0]
    assert numbers.count('<th scope="row">') == weeks
    assert text.count('aria-current="true"') == 1


def test_while_the_statistics_are_built_it_says_so(page, done):
    Deed.objects.all().delete()
    Projection.objects.all().delete()
    rebuild.begin()
    assert "being worked out" in page().content.decode()
    rebuild.advance(30)
    assert "being worked out" not in page().content.decode()


@pytest.mark.parametrize("period", ["2-weeks", "year"])
def test_how_many_queries_the_page_needs(page, done, period, django_assert_num_queries):
    # session, user, build, days, projects and tags, overdue, names, the sidebar
    with django_assert_num_queries(8):
        page(f"?period={period}")


# --- Shapes --------------------------------------------------------------------------------------------


def test_bars_stand_on_the_axis_and_the_highest_reaches_the_top_line():
    drawn = charts.bars([0, 5, 10], ["a", "b", "c"])
    assert [bar.path == "" for bar in drawn.bars] == [True, False, False]
    assert [tick.number for tick in drawn.ticks] == [0, 5, 10]
    assert f"V{drawn.ticks[-1].y + charts.ROUND}q" in drawn.bars[2].path
    assert [bar.is_highest for bar in drawn.bars] == [False, False, True]


@pytest.mark.parametrize("most", [0, 1, 2, 3, 9, 17, 99, 1234, 56_789, 10_000_000])
def test_an_axis_has_room_for_everything_and_whole_numbers(most):
    ticks = charts.bars([0, most], ["", ""]).ticks
    assert ticks[-1].number >= most
    assert ticks[1].number * 2 == ticks[2].number


def test_the_darkest_square_is_the_day_with_the_most_and_an_empty_one_has_no_shade():
    today = timezone.now().date()
    days = [Day(today + timedelta(days=n), completed=number) for n, number in enumerate((0, 1, 8, 4))]
    assert [square.level for square in charts.heat(days, 0).squares] == [0, 1, 4, 2]


# --- The API -------------------------------------------------------------------------------------------


@pytest.fixture
def api(owner):
    client = APIClient()
    client.force_login(owner)
    return client


def test_the_api_says_the_same(api, done, owner, inbox):
    answer = api.get(API).json()
    today = str(owner.today(timezone.now()))
    assert (answer["last_day"], len(answer["days"]), answer["is_building"]) == (today, 56, False)
    assert answer["days"][-1] == {"date": today, "created": 3, "completed": 2}
    assert (answer["created"], answer["completed"], answer["with_due_date"]) == (3, 2, 0)
    assert answer["streak"] == {"current": 1, "longest": 1, "longest_ended": today}
    assert {row["project_id"]: row["completed"] for row in answer["projects"]} == {
        str(done.pk): 1,
        str(inbox.pk): 1,
    }
    assert answer["tags"] == [{"tag": "out", "completed": 1}]


def test_any_days_can_be_asked_for(api, done):
    answer = api.get(API, {"from": "2020-01-01", "to": "2020-12-31"}).json()
    assert (len(answer["days"]), answer["created"], answer["projects"]) == (366, 0, [])


@pytest.mark.parametrize(
    "query", [{"from": "soon"}, {"to": "2026-02-30"}, {"from": "2020-01-01", "to": "2021-01-01"}, {"zone": "UTC"},
              {"from": "2026-01-02", "to": "2026-01-01"}]
)  # fmt: skip
def test_what_makes_no_sense_is_refused(api, query):
    assert api.get(API, query).status_code == 400


def test_the_api_needs_few_queries(api, done, django_assert_num_queries):
    with django_assert_num_queries(5):  # session, user, build, days, projects and tags
        api.get(API)

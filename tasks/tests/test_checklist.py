"""Checklists in descriptions: which boxes there are, and ticking one by one change."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.markdown import all_open, render, tick
from tasks.models import RecurringTask, Task
from tasks.tests.page_reading import HTMX, text_of

TEXT = "Pack\n\n- [ ] tent\n- [x] stove\n  1. [ ] gas\n\n> * [X] map\n\n[ ] no item\n\n    - [ ] code"


@pytest.fixture
def task(shared, by):
    made = Task(project=shared, title="Hike", description=TEXT)
    made.save(by=by)
    return made


@pytest.fixture
def page(client, member):
    client.force_login(member)
    return client


def shown(client, task):
    return client.get(reverse("tasks:task", args=[task.pk]))


def boxes(response):
    """The boxes that can be ticked: where to send them, what is sent, whether they are done, and their text."""
    pattern = r'formaction="([^"]*)" name="seen" value="([^"]*)".*?aria-checked="(\w+)" aria-label="([^"]*)"'
    return re.findall(pattern, response.content.decode())


def test_a_checklist_has_its_boxes(page, task):
    found = [(label, done) for _address, _seen, done, label in boxes(shown(page, task))]
    assert found == [("tent", "false"), ("stove", "true"), ("gas", "false"), ("map", "true")]


def test_who_may_only_look_sees_signs(client, viewer, task):
    client.force_login(viewer)
    response = shown(client, task)
    assert boxes(response) == []
    assert "☐ tent ☑ stove" in text_of(response)


@pytest.mark.parametrize(
    ("number", "old", "new"),
    [
        (0, "[ ] tent", "[x] tent"),
        (1, "[x] stove", "[ ] stove"),
        (2, "[ ] gas", "[x] gas"),
        (3, "[X] map", "[ ] map"),
    ],
)
def test_ticking_is_one_change(page, task, events_of, number, old, new):
    address, seen, *_rest = boxes(shown(page, task))[number]
    assert page.post(address, {"seen": seen})["Location"] == reverse("tasks:task", args=[task.pk])
    task.refresh_from_db()
    assert task.description == TEXT.replace(old, new)
    assert events_of(task.pk) == ["task.created", "task.updated"]


def test_with_htmx_the_description_comes_back(page, task):
    address, seen, *_rest = boxes(shown(page, task))[0]
    answer = page.post(address, {"seen": seen}, headers=HTMX)
    assert 'id="part-description"' in answer.content.decode()
    assert boxes(answer)[0][2] == "true"


def test_a_description_that_changed_meanwhile_stays(page, task, by, events_of):
    address, seen, *_rest = boxes(shown(page, task))[0]
    task.change(by, description="- [ ] another")
    answer = page.post(address, {"seen": seen}, headers=HTMX)
    assert "The description was changed elsewhere." in text_of(answer)
    assert boxes(answer)[0][3] == "another"
    task.refresh_from_db()
    assert task.description == "- [ ] another"


def test_there_is_no_such_box(page, task):
    _address, seen, *_rest = boxes(shown(page, task))[0]
    assert page.post(reverse("tasks:check", args=[task.pk, 4]), {"seen": seen}).status_code == 404


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_line_keeps_its_end(end):
    text = end.join(["a", "", "- [ ] b", "- [ ] c", ""])
    assert tick(text, 1) == text.replace("[ ] c", "[x] c")


@pytest.mark.parametrize(
    "text", ["", "[ ] x", "- [] x", "`- [ ] x`", "- [ ]x", "```\n- [ ] x\n```", "- a [ ] b"]
)
def test_what_is_no_box(text):
    assert tick(text, 0) is None


def test_nobody_writes_a_box_by_hand():
    html = render(
        '<span class="box"></span> - [ ] x\n\n- [ ] <b>y</b>',
        box=lambda number, box: f"({number} {box.text})",
    )
    assert html.count("(0 ") == 1
    assert "<b>" not in html.split("(0 ")[0]


def test_the_text_of_a_box_is_escaped(page, task, by):
    task.change(by, description='- [ ] "><script>alert(1)</script>')
    html = shown(page, task).content.decode()
    assert "<script>alert" not in html
    assert boxes(shown(page, task))[0][3].startswith("&quot;&gt;&lt;script&gt;")


def test_the_next_occurrence_begins_with_open_boxes(inbox, by, drain):
    series = RecurringTask(
        project=inbox, title="Clean", rrule="FREQ=DAILY", start_date=timezone.now().date(), time_zone="UTC",
        description="- [ ] floor\n- [ ] sink",
    )  # fmt: skip
    task = series.begin(by)
    task.change(by, description="- [x] floor\n- [x] sink\n- [ ] oven")
    task.complete(by)
    drain()
    following = series.occurrences.latest("occurrence_at")
    assert following.description == "- [ ] floor\n- [ ] sink\n- [ ] oven"
    assert all_open("no list") == "no list"

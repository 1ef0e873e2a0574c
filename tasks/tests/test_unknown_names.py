"""Names in the search field that nothing has: the page says so at the word, with the nearest one."""

import pytest

from tasks.models import Project, Task
from tasks.pages import unknown_names
from tasks.tests.list_reading import body_of, text_of, titles_in

BASE = 6  # session, user, projects, how many and which, the sidebar
EMPTY = BASE - 1  # nothing is found, so nothing is read


@pytest.fixture
def reader(client, owner, member, inbox, shared, by):
    Task(project=inbox, title="Call", tags=["calls"]).save(by=by)
    Project.objects.create(owner=owner, name="Work")
    client.force_login(owner)
    return client


def said(client, query):
    body = body_of(client.get("/tasks", {"q": query}))
    place = body.partition('id="filter-problem"')[2].partition("</div>")[0]
    return text_of(f"<p {place}")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("project:wrok p1", "There is no project “wrok”; did you mean “Work”? project:wrok p1"),
        ('p1 #"Wrk"', "There is no project “Wrk”; did you mean “Work”?"),
        ("project:zzz", "There is no project “zzz”."),
        ("project:work,hme", "There is no project “hme”."),
        ("@cals", "No task has the tag @cals; did you mean @calls?"),
        ("tag:@zzz", "No task has the tag @zzz."),
        ("assigned:Mlio", "Nobody here is called “Mlio”; did you mean “Milo”?"),
        ("-assigned:zzz", "Nobody here is called “zzz”."),
    ],
)
def test_an_unknown_name_is_said_at_its_word(reader, query, sentence):
    assert sentence in said(reader, query)


def test_the_word_is_marked(reader):
    assert "p1 <mark>project:wrok</mark> @calls</p>" in body_of(
        reader.get("/tasks", {"q": "p1 project:wrok @calls"})
    )


@pytest.mark.parametrize(
    "query",
    [
        "project:WORK",
        "#inbox",
        "@calls",
        "assigned:me",
        "assigned:nobody",
        "assigned:mil",
        '"project:wrok"',
        "wrok",
    ],
)
def test_of_what_there_is_nothing_is_said(reader, query):
    assert said(reader, query) == ""


def test_names_of_others_are_no_hint(reader, outsider, member, by):
    Project.objects.create(owner=outsider, name="Secret")
    task = Task(project=Project.objects.inbox_of(outsider), title="x", tags=["hush"])
    task.save(by=by)
    assert said(reader, "project:secrt").startswith("There is no project “secrt”. ")
    assert "hush" not in said(reader, "@hushh").replace("@hushh", "")
    assert "Otto" not in said(reader, "assigned:Ott").replace("Ott”", "")


def test_the_others_of_a_choice_are_found(reader):
    assert titles_in(reader.get("/tasks", {"q": "@calls or @nonsense"})) == ["Call"]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("call", BASE),
        ("@calls", BASE + 1),
        ("@calls or @calls or assigned:milo", BASE + 2),
        ("project:wrok", EMPTY),
        ("@cals", EMPTY + 1),
        ("assigned:milo", EMPTY + 1),
    ],
)
def test_names_cost_queries_only_where_there_are_some(reader, query, number, django_assert_num_queries):
    with django_assert_num_queries(number):
        reader.get("/tasks", {"q": query})


def test_a_tag_that_only_old_tasks_have_is_known(reader, inbox, by, monkeypatch):
    monkeypatch.setattr(unknown_names, "LATEST", 1)
    Task(project=inbox, title="Newer", tags=["new"]).save(by=by)
    assert said(reader, "@calls") == ""
    assert "did you mean @new?" in said(reader, "@newt")

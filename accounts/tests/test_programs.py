"""What the middlewares leave out for programs, and what programs get like everybody else."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from accounts.models import ApiToken
from accounts.programs import is_program

SECURITY = {
    "Content-Security-Policy",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
}


@pytest.fixture
def bearer(owner):
    return {"Authorization": "Bearer " + ApiToken.objects.issue(owner, "Laptop", ["tasks:write"])[1]}


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/api/tasks", {"Authorization": "Bearer x"}, True),
        ("/api/tasks", {"Authorization": "bearer x", "Accept": "application/json"}, True),
        ("/api/tasks", {"Authorization": "Bearer x", "Accept": "text/html,*/*"}, False),
        ("/api/tasks", {"Authorization": "Basic x"}, False),
        ("/api/tasks", {}, False),
        ("/today", {"Authorization": "Bearer x"}, False),
    ],
)
def test_what_is_a_program(path, headers, expected):
    assert is_program(RequestFactory().get(path, headers=headers)) is expected


def test_a_program_gets_the_security_headers_of_a_page(client, bearer):
    page, answer = client.get("/accounts/login/"), client.get("/api/tasks", headers=bearer)
    assert answer.status_code == 200
    assert {name: answer.get(name) for name in SECURITY - {"Content-Security-Policy"}} == {
        name: page.get(name) for name in SECURITY - {"Content-Security-Policy"}
    }
    policies = [set(each["Content-Security-Policy"].split("; ")) for each in (page, answer)]
    assert policies[0] == policies[1]


def test_a_program_gets_no_cookie_and_opens_no_session(client, bearer, owner):
    client.force_login(owner)
    answer = client.get("/api/tasks", headers=bearer)
    assert not answer.cookies
    assert "Cookie" not in answer["Vary"]


def test_a_script_with_a_wrong_token_is_refused_like_any_program(client, db):
    wrong = {"Authorization": "Bearer todo_pat_wrong", "HX-Request": "true"}
    assert client.get("/api/tasks", headers=wrong).status_code == 401
    assert client.get("/api/nothing", headers=wrong).status_code == 404


def test_a_browser_with_a_token_gets_the_browsable_page(client, bearer):
    page = client.get("/api/tasks", headers={**bearer, "Accept": "text/html"})
    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/html")

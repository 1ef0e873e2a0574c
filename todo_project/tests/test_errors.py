"""Pages for what goes wrong: a plain sentence, the request's id, one way back."""

import base64
import hashlib
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

REQUEST_ID = "quoted-by-people-1"


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


def denies(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def accepts(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


urlpatterns = [
    path("breaks", breaks),
    path("denies", denies),
    path("accepts", accepts),
    path("manifest.webmanifest", accepts, name="manifest"),  # every page names it
]
handler500 = "todo_project.errors.server_error"

pytestmark = pytest.mark.urls("todo_project.tests.test_errors")


def fetch(where: str, **kwargs: Any) -> tuple[HttpResponse, str]:
    client = Client(raise_request_exception=False, headers={"X-Request-ID": REQUEST_ID})
    response = client.get(where, **kwargs)
    return response, response.content.decode()


@pytest.mark.parametrize(
    ("where", "status", "heading"),
    [("/nowhere", 404, "There is nothing here"), ("/denies", 403, "This is not yours to open")],
)
@pytest.mark.django_db
def test_page_says_what_is_wrong_and_gives_the_request_id(where: str, status: int, heading: str) -> None:
    response, text = fetch(where)

    assert response.status_code == status
    assert heading in text
    assert REQUEST_ID in text
    assert 'href="/"' in text


def test_form_without_token_is_refused_in_plain_words() -> None:
    client = Client(enforce_csrf_checks=True, headers={"X-Request-ID": REQUEST_ID})

    response = client.post("/accepts")

    assert response.status_code == 403
    assert "This page was open too long" in response.content.decode()
    assert REQUEST_ID in response.content.decode()


def test_failure_of_ours_needs_neither_database_nor_static_files() -> None:
    response, text = fetch("/breaks")  # no django_db mark: a query would fail this test

    assert response.status_code == 500
    assert "Something broke on our side" in text
    assert REQUEST_ID in text
    assert "/static/" not in text


def test_failure_of_ours_is_told_in_the_language_that_the_browser_asks_for() -> None:
    response, text = fetch("/breaks", headers={"Accept-Language": "de-AT,de;q=0.9"})

    assert response["Content-Language"] == "de"
    assert '<html lang="de">' in text
    assert "Bei uns ist etwas kaputtgegangen" in text


@pytest.mark.django_db
def test_page_for_what_is_not_there_is_in_the_language_that_the_browser_asks_for() -> None:
    _response, text = fetch("/nowhere", headers={"Accept-Language": "de-AT,de;q=0.9"})

    assert "Hier ist nichts" in text


def test_policy_allows_the_style_of_the_failure_page_by_its_hash() -> None:
    response, text = fetch("/breaks")

    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in response["Content-Security-Policy"]
    assert "unsafe-inline" not in response["Content-Security-Policy"]

"""Installing: the manifest, the service worker and what it may keep for whom."""

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from tasks.models import Task
from todo_project.installable import SHELL

LINE = {"q": "Buy stamps tomorrow"}


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


def test_manifest_names_pages_and_icons_that_exist(client, db):
    answer = client.get("/manifest.webmanifest")
    manifest = json.loads(answer.content)
    assert answer["Content-Type"] == "application/manifest+json"
    assert (manifest["lang"], manifest["display"]) == ("en", "standalone")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))
    for page in (manifest["start_url"], *(each["url"] for each in manifest["shortcuts"])):
        assert client.get(page).status_code == 302, "it exists, and asks a stranger to sign in"


def test_service_worker_may_serve_every_page_and_is_asked_for_anew(client, db):
    answer = client.get("/service-worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "no-cache" in answer["Cache-Control"]
    assert "worker-src 'self'" in answer["Content-Security-Policy"]


def test_service_worker_keeps_what_every_page_is_made_of(signed_in):
    worker = signed_in.get("/service-worker.js").content.decode()
    kept = set(json.loads(re.search(r"const SHELL = (\[.*\]);", worker)[1]))
    page = signed_in.get("/today").content.decode()
    parts = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page)) - {"/static/icons/apple-touch-icon.png"}
    assert parts <= kept
    assert {f"/static/{name}" for name in SHELL} <= kept
    assert reverse("offline") in kept


def test_page_says_whose_it_is_and_no_page_does_after_signing_out(signed_in, owner, client):
    assert signed_in.get("/today")["X-Account"] == str(owner.pk)
    assert "X-Account" not in signed_in.post("/accounts/logout/")
    assert "X-Account" not in signed_in.get("/accounts/login/")


def test_page_for_being_offline_is_the_same_for_everybody(client, owner):
    stranger = client.get("/offline").content
    client.force_login(owner)
    owners = client.get("/offline").content
    request_id = re.compile(rb"nonce-[^']+")
    assert request_id.sub(b"", owners) == request_id.sub(b"", stranger)
    assert b"You are offline" in stranger
    assert owner.email.encode() not in owners


def test_line_of_quick_add_that_is_sent_again_adds_one_task(signed_in, transactional_db):
    headers = {"HX-Request": "true", "Idempotency-Key": "6d1fb2a0"}
    first = signed_in.post("/quick-add", LINE, headers=headers)
    again = signed_in.post("/quick-add", LINE, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again["Idempotency-Replayed"] == "true"
    assert (again.content, again["HX-Trigger"]) == (first.content, first["HX-Trigger"])
    assert list(Task.objects.values_list("title", flat=True)) == ["Buy stamps"]


def test_refused_line_may_be_sent_again_in_other_words(signed_in, transactional_db):
    headers = {"HX-Request": "true", "Idempotency-Key": "77aa"}
    assert signed_in.post("/quick-add", {"q": "p1"}, headers=headers).status_code == 422
    assert signed_in.post("/quick-add", LINE, headers=headers).status_code == 200

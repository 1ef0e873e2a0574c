"""Requests with an Idempotency-Key take effect once, on the embedded default and with Redis behind daprd."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
import time_machine
from django.db import OperationalError, connections
from rest_framework.test import APIClient

from accounts.models import ApiToken
from events.models import OutboxEvent
from tasks.api.tasks import TaskList
from tasks.models import Task
from todo_project import idempotency
from todo_project.blocks.sidecar import SIDECAR, Unavailable
from todo_project.blocks.state_database import DatabaseState
from todo_project.idempotency import CLAIM_SECONDS, KEPT_SECONDS, KeyedRequest
from todo_project.models import StoredValue
from todo_project.tests.daprd import free_port

KEPT = ("ETag", "Location", "Content-Type")


@pytest.fixture
def token(owner):
    return ApiToken.objects.issue(owner, "test", ["tasks:write"])


@pytest.fixture
def client(token, transport):
    return APIClient(headers={"Authorization": f"Bearer {token[1]}"}, raise_request_exception=False)


@pytest.fixture
def key():
    return str(uuid4())


def add(client, key, title="Milk"):
    return client.post("/api/tasks", {"title": title}, headers={"Idempotency-Key": key})


def test_a_repeat_gets_the_first_answer(client, key):
    first, again = add(client, key), add(client, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert [again[name] for name in KEPT] == [first[name] for name in KEPT]
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert Task.objects.count() == 1
    assert OutboxEvent.objects.filter(type="task.created").count() == 1


def test_patching(client, key):
    path = f"/api/tasks/{add(client, str(uuid4())).json()['id']}"
    headers = {"Idempotency-Key": key, "If-Match": '"1"'}
    first = client.patch(path, {"title": "Bread"}, headers=headers)
    again = client.patch(path, {"title": "Bread"}, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.content, again["ETag"]) == (first.content, first["ETag"])
    assert Task.objects.get().version == 2


def test_an_action_without_a_body(client, key):
    path = f"/api/tasks/{add(client, str(uuid4())).json()['id']}/complete"
    for _ in range(3):
        assert client.post(path, headers={"Idempotency-Key": key}).json()["status"] == "completed"


def test_without_a_key_every_request_is_a_new_one(client):
    for _ in range(2):
        assert client.post("/api/tasks", {"title": "Milk"}).status_code == 201
    assert Task.objects.count() == 2
    assert StoredValue.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "delete", "put"])
def test_other_methods_take_no_notice(client, key, method):
    path = f"/api/tasks/{add(client, str(uuid4())).json()['id']}"
    kept = StoredValue.objects.count()
    answer = getattr(client, method)(
        path, {"title": "x"} if method == "put" else None, headers={"Idempotency-Key": key}
    )
    assert answer.status_code in {200, 204}
    assert StoredValue.objects.count() == kept


def test_the_same_key_with_another_request_is_refused(client, key):
    first = add(client, key)
    for answer in (
        add(client, key, "Bread"),
        client.post("/api/projects", {"title": "Milk"}, headers={"Idempotency-Key": key}),
        client.patch(f"/api/tasks/{first.json()['id']}", {"title": "Milk"}, headers={"Idempotency-Key": key}),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
        assert "another request" in answer.json()["detail"]
        assert answer.json()["request_id"] == answer["X-Request-ID"]
    assert Task.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "a\tb"])
def test_what_is_no_key(client, key):
    answer = add(client, key)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert "1 to 255 printable" in answer.json()["detail"]
    assert Task.objects.count() == 0


def test_the_longest_key(client):
    assert add(client, "x" * 255).status_code == 201


def test_a_refusal_frees_the_key(client, key):
    assert add(client, key, title="").status_code == 400
    assert add(client, key).status_code == 201


def test_a_failure_frees_the_key_and_undoes_what_was_done(client, key, monkeypatch):
    with monkeypatch.context() as broken:
        create = TaskList.post

        def fail(view, request):
            create(view, request)
            raise RuntimeError("after the task was saved")

        broken.setattr(TaskList, "post", fail)
        assert add(client, key).status_code == 500
    assert Task.objects.count() == 0
    assert add(client, key).status_code == 201
    assert Task.objects.count() == 1


def test_a_repeat_while_the_first_is_under_way(client, key, monkeypatch):
    create, repeats = TaskList.post, []

    def meanwhile(view, request):
        if not repeats:
            repeats.append(add(client, key))
        return create(view, request)

    monkeypatch.setattr(TaskList, "post", meanwhile)
    assert add(client, key).status_code == 201
    assert (repeats[0].status_code, repeats[0]["Retry-After"]) == (409, "1")
    assert "under way" in repeats[0].json()["detail"]
    assert Task.objects.count() == 1


def test_keys_of_different_tokens_have_nothing_to_do_with_each_other(client, key, member, owner):
    tokens = [ApiToken.objects.issue(user, "other", ["tasks:write"])[1] for user in (member, owner)]
    others = [APIClient(headers={"Authorization": f"Bearer {secret}"}) for secret in tokens]
    answers = [add(each, key) for each in (client, *others)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 3


def test_a_session_has_keys_of_its_own(transport, owner, outsider, key):
    for user in (owner, outsider):
        client = APIClient()
        client.force_login(user)
        assert add(client, key).content == add(client, key).content
    assert Task.objects.count() == 2


def test_a_revoked_token_gets_no_stored_answer(client, token, key):
    add(client, key)
    token[0].revoke()
    assert add(client, key).status_code == 401


def test_nobody_gets_a_stored_answer(client, key):
    add(client, key)
    assert add(APIClient(), key).status_code == 401


def test_a_body_without_end_is_refused_as_ever(client, key):
    body = b'{"title": "' + b"x" * 1_100_000 + b'"}'
    headers = {"Idempotency-Key": key}
    answer = client.post("/api/tasks", body, content_type="application/json", headers=headers)
    assert answer.status_code == 413


def test_a_process_that_died_after_its_commit(client, key, monkeypatch):
    """Its claim is still there, its answer was not put in the claim's place: the receipt has it."""
    with monkeypatch.context() as dying:
        dying.setattr(KeyedRequest, "_settle", lambda keyed, record: None)
        first = add(client, key)
    assert add(client, key).status_code == 409
    forget_the_claim(key)
    again = add(client, key)
    assert (again.status_code, again.content) == (201, first.content)
    assert add(client, key).content == first.content
    assert Task.objects.count() == 1


def test_a_process_that_died_before_its_commit(client, key, monkeypatch):
    def die(keyed):
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(KeyedRequest, "_run", die)
        with pytest.raises(SystemExit):
            add(client, key)
    assert add(client, key).status_code == 409
    forget_the_claim(key)
    assert add(client, key).status_code == 201


def forget_the_claim(key):
    """As it is when its minute is over."""
    token = ApiToken.objects.get(name="test")
    name = f"idempotency:token:{token.pk}:{idempotency._digest(key.encode())}"
    store = idempotency.state_store()
    store.delete(name, store.get(name).etag)


def test_a_store_that_forgets_everything_doubles_nothing(client, key):
    first = add(client, key)
    forget_the_claim(key)
    again = add(client, key)
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert add(client, key, "Bread").status_code == 422
    assert Task.objects.count() == 1


def test_of_two_claims_at_once_one_has_an_effect(client, key, monkeypatch):
    """The first took longer than its claim: its repeat ran meanwhile, and committed."""
    run, repeats = KeyedRequest._run, []

    def slowly(keyed):
        if not repeats:
            repeats.append(None)
            forget_the_claim(key)
            repeats.append(add(client, key))
        return run(keyed)

    monkeypatch.setattr(KeyedRequest, "_run", slowly)
    first = add(client, key)
    assert (repeats[1].status_code, first.status_code) == (201, 409)
    assert Task.objects.count() == 1
    assert add(client, key).content == repeats[1].content


def test_a_store_that_is_away_refuses_instead_of_doubling(blocks, token, key, settings):
    client = APIClient(headers={"Authorization": f"Bearer {token[1]}"})
    settings.DAPR_HTTP_PORT = free_port()
    SIDECAR.forget()
    answer = add(client, key)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Nothing was done" in answer.json()["detail"]
    assert client.post("/api/tasks", {"title": "Bread"}).status_code == 201
    assert Task.objects.count() == 1


def test_a_database_that_is_away_leaves_no_claim_behind(client, key, monkeypatch):
    look_up = DatabaseState.get

    def goes(store, name):
        if name.startswith("receipt:"):
            raise OperationalError("gone")
        return look_up(store, name)

    with monkeypatch.context() as outage:
        outage.setattr(DatabaseState, "get", goes)
        answer = add(client, key)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert add(client, key).status_code == 201


def test_a_store_that_goes_away_meanwhile_holds_up_no_answer(client, key, monkeypatch, caplog):
    create = TaskList.post
    store = idempotency.state_store()

    def goes(view, request):
        monkeypatch.setattr(type(store), "get", lambda *_: (_ for _ in ()).throw(Unavailable("gone")))
        return create(view, request)

    with monkeypatch.context():
        monkeypatch.setattr(TaskList, "post", goes)
        first = add(client, key)
    monkeypatch.undo()
    assert first.status_code == 201
    assert "stays with its receipt" in caplog.text


def test_answers_are_kept_for_a_day(db, owner, token, key):
    client = APIClient(headers={"Authorization": f"Bearer {token[1]}"})
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        first = add(client, key)
        clock.shift(KEPT_SECONDS - 1)
        assert add(client, key).content == first.content
        clock.shift(2 * KEPT_SECONDS)
        assert add(client, key).json()["id"] != first.json()["id"]


def test_a_claim_is_void_after_a_minute(db, owner, token, key, monkeypatch):
    client = APIClient(headers={"Authorization": f"Bearer {token[1]}"})
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        monkeypatch.setattr(KeyedRequest, "_run", lambda keyed: keyed._busy())
        add(client, key)
        monkeypatch.undo()
        clock.shift(CLAIM_SECONDS - 1)
        assert add(client, key).status_code == 409
        clock.shift(2)
        assert add(client, key).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_task(client, token, key):
    answers = []

    def repeat() -> None:
        answers.append(add(APIClient(headers={"Authorization": f"Bearer {token[1]}"}), key).status_code)
        connections.close_all()

    threads = [threading.Thread(target=repeat) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Task.objects.count() == 1
    assert 201 in answers
    assert set(answers) <= {201, 409}


def test_the_api_says_which_requests_take_a_key(db):
    answer = APIClient().get("/api/schema", headers={"Accept": "application/json"})
    takes = {}
    for path, operations in answer.json()["paths"].items():
        for method, operation in operations.items():
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            takes[method, path] = "Idempotency-Key" in names
            assert "429" in operation["responses"], (method, path)
            if takes[method, path]:
                assert {"409", "422", "503"} <= set(operation["responses"]), (method, path)
    assert takes["post", "/api/tasks"]
    assert {method for (method, _path), is_so in takes.items() if is_so} == {"post", "patch"}
    assert {method for (method, _path), is_so in takes.items() if not is_so} == {"get", "put", "delete"}

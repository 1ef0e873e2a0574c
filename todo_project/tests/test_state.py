"""The state store: the same promises on the embedded default and on Redis behind daprd."""

from __future__ import annotations

import threading
import time
from uuid import uuid4

import pytest
from django.db import connections

from todo_project.blocks.state import Changed, StateStore, Stored, state_store
from todo_project.blocks.state_database import DatabaseState
from todo_project.models import StoredValue

MINUTE = 60  # seconds


@pytest.fixture
def store(transport: str) -> StateStore:
    return state_store()


@pytest.fixture
def key() -> str:
    return f"test:{uuid4()}"


def stored(store: StateStore, key: str) -> Stored:
    found = store.get(key)
    assert found is not None
    return found


def test_what_is_saved_is_there(store, key):
    assert store.get(key) is None
    store.save(key, b"\x00 any bytes \xff", MINUTE)
    assert stored(store, key).value == b"\x00 any bytes \xff"


def test_of_two_first_writes_the_first_wins(store, key):
    store.save(key, b"first", MINUTE)
    with pytest.raises(Changed):
        store.save(key, b"second", MINUTE)
    assert stored(store, key).value == b"first"


def test_a_write_that_names_the_present_etag_wins(store, key):
    store.save(key, b"1", MINUTE)
    store.save(key, b"2", MINUTE, stored(store, key).etag)
    assert stored(store, key).value == b"2"


def test_a_write_that_names_an_earlier_etag_is_refused(store, key):
    store.save(key, b"1", MINUTE)
    earlier = stored(store, key).etag
    store.save(key, b"2", MINUTE, earlier)
    with pytest.raises(Changed):
        store.save(key, b"3", MINUTE, earlier)
    assert stored(store, key).value == b"2"


def test_what_expired_is_gone_and_its_key_is_free(store, key):
    store.save(key, b"1", 1)
    etag = stored(store, key).etag
    time.sleep(1.2)
    assert store.get(key) is None
    store.save(key, b"2", 1, etag)
    time.sleep(1.2)
    store.save(key, b"3", MINUTE)
    assert stored(store, key).value == b"3"


def test_deleting(store, key):
    store.save(key, b"1", MINUTE)
    earlier = stored(store, key).etag
    store.save(key, b"2", MINUTE, earlier)
    with pytest.raises(Changed):
        store.delete(key, earlier)
    present = stored(store, key).etag
    store.delete(key, present)
    assert store.get(key) is None
    store.delete(key, present)  # what is gone needs no deleting


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_one_wins(store, key):
    start, won = threading.Barrier(8), []

    def claim(number: int) -> None:
        start.wait()
        try:
            store.save(key, str(number).encode(), MINUTE)
            won.append(number)
        except Changed:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert stored(store, key).value == str(won[0]).encode()


@pytest.mark.django_db(transaction=True)
def test_no_increment_is_lost(store, key):
    """Four threads count to 20 together, each trying again where another was quicker."""
    store.save(key, b"0", MINUTE)

    def count() -> None:
        for _ in range(5):
            while True:
                found = stored(store, key)
                try:
                    store.save(key, str(int(found.value) + 1).encode(), MINUTE, found.etag)
                    break
                except Changed:
                    continue
        connections.close_all()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored(store, key).value == b"20"


def test_what_the_database_keeps_can_be_purged(db, key):
    DatabaseState().save(key, b"1", -1)
    DatabaseState().save(f"{key}2", b"1", MINUTE)
    StoredValue.objects.expired().delete()
    assert list(StoredValue.objects.values_list("key", flat=True)) == [f"{key}2"]

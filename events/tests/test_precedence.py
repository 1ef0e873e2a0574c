"""What reaches outside gives way to what changes only the database, but not for ever."""

from __future__ import annotations

import threading

import pytest

from events.precedence import Precedence


@pytest.fixture
def precedence():
    return Precedence()


def in_a_thread(act):
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_nobody_waits_where_nobody_goes_first(precedence):
    with precedence.taken():
        pass
    assert precedence.give_way(60) == 0


def test_who_gives_way_goes_on_after_the_last_of_those_that_go_first(precedence):
    order, waiting = [], threading.Event()

    def give_way():
        waiting.set()
        precedence.give_way(60)
        order.append("second")

    with precedence.taken():
        with precedence.taken():
            thread = in_a_thread(give_way)
            waiting.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_patience_ends(precedence):
    with precedence.taken():
        assert precedence.give_way(0.01) >= 0.01
        assert precedence.give_way(-0.01) == 0


def test_who_fails_goes_first_no_longer(precedence):
    with pytest.raises(ZeroDivisionError), precedence.taken():
        1 / 0  # noqa: B018
    assert precedence.give_way(60) == 0

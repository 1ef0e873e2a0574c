"""Every text has a translation that fits, pages speak the language of who reads them, programs are answered in one."""

import re
from io import BytesIO

import polib
import pytest
import time_machine
from babel.messages.extract import extract
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

from accounts.models import User

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
PLACES = re.compile(r"%\(\w+\)[sd]|%%n|%[sd]|\{\w*\}")


def texts(language):
    return polib.pofile(str(settings.BASE_DIR / f"locale/{language}/LC_MESSAGES/django.po"))


def wordings(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    missing = [each.msgid for each in texts(language) if each.fuzzy or not all(wordings(each))]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translation_has_the_places_of_its_text(language):
    for each in texts(language):
        wanted = set(PLACES.findall(each.msgid_plural or each.msgid))
        *one, most = wordings(each)
        assert set(PLACES.findall(most)) == wanted, each.msgid
        for wording in one:  # "every day" needs no number
            assert set(PLACES.findall(wording)) <= wanted, each.msgid
        for wording in wordings(each):
            assert wording.startswith("\n") == each.msgid.startswith("\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_file_says_what_the_readable_one_says(language):
    compiled = polib.mofile(str(settings.BASE_DIR / f"locale/{language}/LC_MESSAGES/django.mo"))
    assert {(e.msgctxt, e.msgid): wordings(e) for e in compiled} == {
        (e.msgctxt, e.msgid): wordings(e) for e in texts(language)
    }


@time_machine.travel("2026-11-20T10:30:00Z", tick=False)
def test_page_speaks_the_readers_language_with_their_dates(client, owner):
    owner.locale = "de"
    owner.save()
    client.force_login(owner)
    text = client.get("/today").content.decode()
    assert '<html lang="de" dir="ltr">' in text
    assert "Freitag, 20. November" in text
    assert "Schreib auf, was dir als Erstes einfällt" in text
    assert "Schnellzugriff" in text


def test_stranger_is_addressed_as_their_browser_asks_and_keeps_that_language(client, db):
    page = client.get("/accounts/signup/", headers={"Accept-Language": "de-AT,de;q=0.9"})
    assert "Lege dein Konto an" in page.content.decode()
    form = {
        "email": "dora@example.com",
        "password1": "richtig lang genug",
        "display_name": "Dora",
        "time_zone": "UTC",
    }
    client.post("/accounts/signup/", form, headers={"Accept-Language": "de-AT,de;q=0.9"})
    assert User.objects.get(email="dora@example.com").locale == "de"


def test_language_is_chosen_in_the_settings(client, owner):
    client.force_login(owner)
    client.post("/settings/time", {"time_zone": "UTC", "locale": "de", "week_start": "0"})
    assert "Zeit und Sprache" in client.get("/settings/time").content.decode()


def test_program_is_answered_in_one_language(client, db):
    headers = {"Authorization": "Bearer todo_pat_x", "Accept-Language": "de", "Accept": "application/json"}
    with translation.override("de"):  # as a page left it in this thread
        answer = client.get("/api/tasks", headers=headers)
    assert "is not known" in answer.json()["detail"]


# --- What is in the files of texts is what code and templates say ---------------------------------------

FOLDERS = ("accounts", "events", "notifications", "tasks", "templates", "todo_project")
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (1,)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def texts_in_use():
    """The context and the (first) wording of every text that code and templates ask to have translated."""
    found = set()
    for path in (path for folder in FOLDERS for path in (settings.BASE_DIR / folder).rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and "tests" not in path.parts:
            found |= set(_texts_of(path))
    return found


def _texts_of(path):
    source = path.read_text()
    if (
        path.suffix != ".py"
    ):  # as makemessages does it: calls in the places of tags, between crossed out words
        source = "\n".join(line.strip() for line in templatize(source).splitlines())
    for _line, wording, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
        yield context, wording if isinstance(wording, str) else wording[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_in_use_is_in_the_file_and_nothing_else_is(language):
    known, used = {(each.msgctxt, each.msgid) for each in texts(language)}, texts_in_use()
    assert len(used) > 1000
    assert sorted(used - known, key=str) == [], "Run `make messages` and translate."
    assert sorted(known - used, key=str) == [], "Run `make messages`."

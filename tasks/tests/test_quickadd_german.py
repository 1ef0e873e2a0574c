"""German lines as a table, on Friday 20 November 2026, 11:30 in Berlin; and English ones, which stay what they are."""

from datetime import UTC, datetime

import pytest

from tasks.filtering import Reader
from tasks.filtering import parse as parse_filter
from tasks.pages.dates import read_words
from tasks.quickadd import parse
from tasks.tests.test_quickadd import BERLIN, CASES, NOW, PROJECTS


def said(line, language="de"):
    return parse(line, now=NOW, zone=BERLIN, projects=PROJECTS, language=language)


def due_of(parsed):
    if parsed.due_date is None:
        return None
    return str(parsed.due_date) if parsed.all_day else f"{parsed.due_date} {parsed.due_time:%H:%M}"


@pytest.mark.parametrize(
    ("line", "title", "due"),
    [
        ("Mama anrufen heute", "Mama anrufen", "2026-11-20"),
        ("Morgen Arzt", "Arzt", "2026-11-21"),
        ("Mama übermorgen anrufen", "Mama anrufen", "2026-11-22"),
        ("Mama morgen früh anrufen", "Mama anrufen", "2026-11-21 09:00"),
        ("Heute Abend Müll rausbringen", "Müll rausbringen", "2026-11-20 19:00"),
        ("Morgen am Abend Müll", "Müll", "2026-11-21 19:00"),
        ("Mama am Montag anrufen", "Mama anrufen", "2026-11-23"),
        ("Montag Mama anrufen", "Mama anrufen", "2026-11-23"),
        ("Mama anrufen am Mo", "Mama anrufen", "2026-11-23"),
        ("Montag Morgen Mama anrufen", "Mama anrufen", "2026-11-23 09:00"),
        ("Bericht bis Freitag", "Bericht", "2026-11-27"),
        ("Nächsten Dienstag Treffen", "Treffen", "2026-11-24"),
        ("Planen nächste Woche", "Planen", "2026-11-23"),
        ("Planen nächsten Monat", "Planen", "2026-12-01"),
        ("Fenster putzen dieses Wochenende", "Fenster putzen", "2026-11-21"),
        ("Steuer in 3 Tagen", "Steuer", "2026-11-23"),
        ("Steuer in einer Woche", "Steuer", "2026-11-27"),
        ("Backen in 2 Stunden", "Backen", "2026-11-20 13:30"),
        ("Steuer am 5. Januar", "Steuer", "2027-01-05"),
        ("Steuer 5. Mai abgeben", "Steuer abgeben", "2027-05-05"),
        ("Steuer am 5.", "Steuer", "2026-12-05"),
        ("Steuer 05.01.2027", "Steuer", "2027-01-05"),
        ("Zahnarzt morgen um 9 Uhr", "Zahnarzt", "2026-11-21 09:00"),
        ("Zahnarzt um 17 Uhr", "Zahnarzt", "2026-11-20 17:00"),
        ("Zahnarzt Dienstag 9.30 Uhr mit Ben", "Zahnarzt mit Ben", "2026-11-24 09:30"),
        ("Zahnarzt morgen mittag", "Zahnarzt", "2026-11-21 12:00"),
        ("Anruf um 8 Uhr abends", "Anruf", "2026-11-20 20:00"),
    ],
)
def test_a_date(line, title, due):
    parsed = said(line)
    assert (parsed.title, due_of(parsed)) == (title, due)


@pytest.mark.parametrize(
    ("line", "title", "rule", "due"),
    [
        ("Gießen jeden Tag", "Gießen", "FREQ=DAILY", "2026-11-20"),
        ("Gießen täglich", "Gießen", "FREQ=DAILY", "2026-11-20"),
        ("Gießen jeden Morgen", "Gießen", "FREQ=DAILY", "2026-11-21 09:00"),
        ("Putzen jede Woche", "Putzen", "FREQ=WEEKLY", "2026-11-20"),
        ("Putzen alle zwei Wochen", "Putzen", "FREQ=WEEKLY;INTERVAL=2", "2026-11-20"),
        ("Putzen jeden Montag und Mittwoch", "Putzen", "FREQ=WEEKLY;BYDAY=MO,WE", "2026-11-23"),
        ("Jeden Montag um 9 Uhr Standup", "Standup", "FREQ=WEEKLY;BYDAY=MO", "2026-11-23 09:00"),
        ("Miete jeden 1.", "Miete", "FREQ=MONTHLY;BYMONTHDAY=1", "2026-12-01"),
        ("Miete jeden Monat am 1. und 15.", "Miete", "FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-12-01"),
        ("Standup jeden Werktag", "Standup", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-20"),
        ("Essen jeden letzten Freitag", "Essen", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"),
        ("Gießen jeden Tag bis 5. Januar", "Gießen", "FREQ=DAILY;UNTIL=20270105", "2026-11-20"),
    ],
)
def test_a_repeat(line, title, rule, due):
    parsed = said(line)
    assert (parsed.title, parsed.rule, due_of(parsed)) == (title, rule, due)


@pytest.mark.parametrize(
    "line",
    [
        "Folien für Freitag",
        "Guten Morgen Karte",
        "Kapitel 5. lesen",
        "Preis um 5 Prozent erhöhen",
        "Öffnungszeiten Montag bis Freitag",
        "Alle Rechnungen zahlen",
        "Die Nacht der Museen",
        "Mein Tag im Amt",
        "Wir so",
        "Urlaub ab Montag",
    ],
)
def test_what_is_no_date_stays_text(line):
    parsed = said(line)
    assert (parsed.title, parsed.due, parsed.rule) == (line, None, None)


def test_chips_and_escapes_are_those_of_the_typed_words():
    line = "Zahnarzt morgen um 9 Uhr"
    assert [(chip.text, chip.start) for chip in said(line).chips] == [("morgen um 9 Uhr", 9)]
    parsed = said("Zahnarzt \\morgen")
    assert (parsed.title, parsed.due) == ("Zahnarzt morgen", None)
    assert said('"morgen" lesen').due is None


@pytest.mark.parametrize("each", CASES, ids=lambda each: each.line)
def test_english_lines_mean_the_same_to_people_whose_language_is_german(each):
    assert said(each.line, "de") == said(each.line, "en")


@pytest.mark.parametrize("line", ["Arzt morgen", "Arzt übermorgen", "Gießen jeden Tag", "Arzt um 9 Uhr"])
def test_who_speaks_english_is_not_read_in_german(line):
    parsed = said(line, "en")
    assert (parsed.title, parsed.due) == (line, None)


def test_filters_and_dates_by_hand_know_german_days(owner):
    owner.locale, owner.time_zone = "de", "Europe/Berlin"
    reader = Reader(owner, datetime(2026, 11, 20, 10, 30, tzinfo=UTC))
    for german, english in (
        ("due:morgen", "due:tomorrow"),
        ("due:<freitag", "due:<fri"),
        ("due:woche", "due:week"),
    ):
        assert parse_filter(german, reader).condition == parse_filter(english, reader).condition
    assert read_words("morgen", owner).due_date == read_words("tomorrow", owner).due_date

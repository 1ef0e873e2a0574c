"""The story of the demo: somebody who builds a website, keeps a home, runs errands and plans a trip to Lisbon."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.models import Anchor, Priority
from tasks.models.project import Colour
from todo_project.demo.plans import Habit, Plan, Step, change, done, start

LOW, MEDIUM, HIGH, URGENT = Priority.LOW, Priority.MEDIUM, Priority.HIGH, Priority.URGENT
DAY = 24 * 60  # minutes

PROJECTS = {
    "Website": Colour.BLUE,
    "Home": Colour.GREEN,
    "Errands": Colour.ORANGE,
    "Lisbon trip": Colour.PLUM,
}

HABITS = (
    Habit("Plan the week", "Website", "FREQ=WEEKLY;BYDAY=MO", "08:55", at="09:00", reminders=(15,)),
    Habit("Water the plants", "Home", "FREQ=WEEKLY;BYDAY=WE,SA", "18:30", tags=("plants",)),
    Habit("Pay the rent", "Home", "FREQ=MONTHLY;BYMONTHDAY=-1", "10:15", priority=HIGH, reminders=(DAY,)),
    Habit("Change the bed linen", "Home", "FREQ=DAILY;INTERVAL=10", "19:10", anchor=Anchor.COMPLETION),
)

LAUNCH = """Who it is for, what is new, where to read on.

- [x] Outline
- [ ] Draft
- [ ] Two people who read it before it goes out
"""

WEBSITE = (
    Plan(
        "Write the launch announcement",
        "-9 09:10",
        "Website",
        due="2 17:00",
        priority=MEDIUM,
        tags=("writing",),
        description=LAUNCH,
        reminders=(60,),
        steps=(start("-6 14:20"), change("-3 11:05", priority=HIGH)),
    ),
    Plan(
        "Fix the contact form on phones",
        "-8 10:30",
        "Website",
        due="-5",
        priority=URGENT,
        tags=("bug",),
        description="The button lies under the keyboard, so nobody can send anything.",
        steps=(start("-6 09:15"), done("-5 16:40")),
    ),
    Plan("Choose photos for the front page", "-12 15:00", "Website", due="-8", steps=(done("-7 11:20"),)),
    Plan(
        "Renew the domain",
        "-11 09:00",
        "Website",
        due="-2 12:00",
        priority=HIGH,
        reminders=(DAY, 60),
        steps=(done("-2 11:35", "api"),),
    ),
    Plan(
        "Try the site with a screen reader",
        "-6 13:45",
        "Website",
        due="0 16:00",
        priority=MEDIUM,
        tags=("accessibility",),
        reminders=(30,),
    ),
    Plan("Measure how fast the pages are", "-4 10:10", "Website", due="4"),
    Plan(
        "Answer the questions about the newsletter",
        "-3 09:20",
        "Website",
        due="-1 15:00",
        priority=MEDIUM,
        tags=("mail",),
        door="api",
    ),
    Plan(
        "Move to the new host",
        "-13 11:00",
        "Website",
        due="9",
        priority=HIGH,
        steps=(start("-4 09:30"),),
        subtasks=(
            Plan("Copy the database", "-13 11:01", "Website", steps=(done("-4 12:10"),)),
            Plan("Switch the DNS records", "-13 11:02", "Website"),
            Plan("Watch the logs for a day", "-13 11:03", "Website"),
        ),
    ),
    Plan("Draft the roadmap for spring", "-2 16:25", "Website"),
)

HOME = (
    Plan(
        "Book the boiler service",
        "-10 18:20",
        "Home",
        due="-4 10:00",
        reminders=(60,),
        steps=(done("-4 09:50"),),
    ),
    Plan("Call the landlord about the window", "-5 19:00", "Home", due="0", priority=HIGH, tags=("calls",)),
    Plan("Sort the photos of last summer", "-12 20:00", "Home"),
    Plan("Replace the battery of the smoke detector", "-3 18:40", "Home", due="1", priority=MEDIUM),
    Plan(
        "Change the water filter",
        "-9 08:15",
        "Home",
        due="-6",
        steps=(
            done("-6 08:30"),
            Step("-5 18:05", "reopen"),
            change("-5 18:06", description="It was the wrong size. The right one is the A 340.", due="-3"),
            done("-3 19:15"),
        ),
    ),
    Plan(
        "Paint the hallway",
        "-9 12:00",
        "Home",
        due="12",
        subtasks=(
            Plan("Buy paint and a roller", "-9 12:01", "Home", due="5"),
            Plan("Cover the floor", "-9 12:02", "Home"),
            Plan("Two coats, a day apart", "-9 12:03", "Home"),
        ),
    ),
)

ERRANDS = (
    Plan("Pick up the parcel", "-2 12:30", "Errands", due="-1", steps=(done("-1 17:50"),)),
    Plan("Pick up the parcel!", "-2 12:32", "Errands", steps=(Step("-2 12:33", "trash"),)),
    Plan(
        "Buy a birthday present for Ana",
        "-6 21:05",
        "Errands",
        due="3 18:00",
        priority=MEDIUM,
        tags=("birthday",),
        description="She liked the *blue* teapot.",
        reminders=(DAY, 120),
    ),
    Plan("Return the library books", "-8 17:30", "Errands", due="-4", steps=(change("-4 20:10", due="-2"),)),
    Plan(
        "Dentist",
        "-13 08:50",
        "Errands",
        due="6 09:30",
        priority=HIGH,
        tags=("health",),
        reminders=(DAY, 60),
    ),
    Plan("Have passport photos taken", "-7 12:40", "Errands", steps=(done("-5 13:05", "api"),)),
)

LISBON = (
    Plan(
        "Book the flights", "-13 20:15", "Lisbon trip", due="-10", priority=HIGH, steps=(done("-11 21:30"),)
    ),
    Plan(
        "Book a room in Alfama",
        "-12 20:20",
        "Lisbon trip",
        due="-6",
        priority=HIGH,
        steps=(done("-9 22:10"),),
    ),
    Plan(
        "Renew the passport",
        "-11 19:45",
        "Lisbon trip",
        due="5",
        priority=URGENT,
        reminders=(2 * DAY,),
        steps=(start("-5 13:20"),),
    ),
    Plan("Reserve a table for the first evening", "-2 21:15", "Lisbon trip", due="8", tags=("calls",)),
    Plan("Buy tram tickets", "-4 21:00", "Lisbon trip", due="10"),
    Plan("Learn ten words of Portuguese", "-3 21:40", "Lisbon trip", due="14", tags=("fun",)),
    Plan(
        "Pack",
        "-5 22:00",
        "Lisbon trip",
        due="15",
        priority=MEDIUM,
        subtasks=(
            Plan("Charger and adapter", "-5 22:01", "Lisbon trip"),
            Plan("Rain jacket", "-5 22:02", "Lisbon trip"),
            Plan("Camera", "-5 22:03", "Lisbon trip"),
        ),
    ),
    Plan("Print the boarding passes", "-3 21:45", "Lisbon trip", due="16 08:00", reminders=(12 * 60,)),
)

LOOSE = (
    Plan("Read the article about event sourcing", "-1 20:40", tags=("reading",), door="api"),
    Plan("Ask Jonas for the bike", "-1 13:10", due="0"),
    Plan("Send in last month’s expenses", "-4 09:05", due="1", priority=HIGH, tags=("money",)),
    Plan(
        "Cancel the gym",
        "-10 07:40",
        due="7",
        tags=("money",),
        steps=(Step("-7 07:45", "trash"), Step("-6 08:00", "restore")),
    ),
)

# What comes up on any day: (title, project).
SMALL_THINGS = (
    ("Answer support mail", "Website"),
    ("Groceries", "Errands"),
    ("Review the pull requests", "Website"),
    ("Laundry", "Home"),
    ("Update the changelog", "Website"),
    ("Call Mum", ""),
    ("Take out the recycling", "Home"),
    ("Check last night’s backup", "Website"),
    ("Post office", "Errands"),
    ("Clean the kitchen", "Home"),
    ("Tidy up the issue list", "Website"),
)


def plans(days: int) -> Iterator[Plan]:
    """Every task of the last so many days, at least 14."""
    yield from (*WEBSITE, *HOME, *ERRANDS, *LISBON, *LOOSE)
    for day in range(-days, 0):
        for turn in range(1 + day % 2):
            yield _small_thing(day, turn)


def _small_thing(day: int, turn: int) -> Plan:
    """Written down in the morning, done in the afternoon or, now and then, a day late."""
    number = 2 * day + turn
    title, project = SMALL_THINGS[number % len(SMALL_THINGS)]
    made = f"{day} {8 + turn:02}:{number * 7 % 60:02}"
    late = 1 if number % 6 == 0 and day < -1 else 0
    finished = f"{day + late} {12 + number % 7:02}:{number * 13 % 60:02}"
    return Plan(
        title, made, project, due=str(day), steps=(done(finished, "api" if number % 4 == 0 else "web"),)
    )

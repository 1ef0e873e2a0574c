"""What helps somebody whose account is empty: lines to try, and a sample project where they ask for one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.models import User
from tasks.capture import Destinations, capture, read
from tasks.models import Project, Task
from tasks.models.project import Colour

# In the words of quick add, which are English.
EXAMPLES: Final = (
    "Water the plants every saturday",
    "Call mum tomorrow 5pm #Family",
    "Pay the rent every 1st 9am p1 !30m",
)
# Each title with what quick add reads behind it; the last one is done at once.
SAMPLE: Final = (
    (gettext_lazy("Decide where to go"), "today p2 @together"),
    (gettext_lazy("Book the train"), "tomorrow 18:00 p1 !1h"),
    (gettext_lazy("Ask who feeds the cat"), "in 2 days @calls"),
    (gettext_lazy("Water the garden"), "every saturday 9am"),
    (gettext_lazy("Pack the rucksacks"), "in 5 days p3"),
    (gettext_lazy("Find the trail map"), ""),
    (gettext_lazy("Choose a weekend"), "today"),
)
SUBTASKS: Final = (gettext_lazy("Rain jackets"), gettext_lazy("First-aid kit"), gettext_lazy("Sandwiches"))
PACKING, CHOSEN = 4, 6


def is_new(user: User) -> bool:
    """Whether a person has never had a task: not even one that is done or in the trash."""
    return not Task.objects.filter(project__memberships__user=user).exists()


def make_sample(user: User, by: Actor) -> Project:
    """A project with a few real tasks, all or nothing. Who has it already gets that one.

    Deleting the project takes all of it away.
    """
    name = _("A weekend in the hills")
    with transaction.atomic():
        project = Project.objects.owned_by(user).filter(owner=user, name=name).first()
        if project is None:
            project = Project(owner=user, name=name, colour=Colour.GREEN)
            project.save()
            _fill(project, user, by)
    return project


def _fill(project: Project, user: User, by: Actor) -> None:
    destinations = Destinations(user)
    made = [
        # The title may be in any language; quick add reads only what stands behind it.
        capture(replace(read(f"- {words}", user, destinations), title=str(title)), user, by, project=project)
        for title, words in SAMPLE
    ]
    for title in SUBTASKS:
        Task(project=project, parent=made[PACKING], title=str(title)).save(by=by)
    made[CHOSEN].complete(by)

"""Makes tasks and what they need. Everything goes through ``save``, so everything is recorded."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from tasks.models import Project, Task


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    display_name = factory.Faker("name")


class ProjectFactory(DjangoModelFactory[Project]):
    class Meta:
        model = Project

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Project {n}")


class TaskFactory(DjangoModelFactory[Task]):
    class Meta:
        model = Task

    project = factory.SubFactory(ProjectFactory)
    title = factory.Sequence(lambda n: f"Task {n}")

"""The time zones that people may choose from."""

import zoneinfo
from functools import cache
from itertools import groupby

Group = tuple[str, list[tuple[str, str]]]
# Names without a region ("EST5EDT") and fixed offsets ("Etc/GMT+3") are kept by no clock on a wall.
NOT_A_PLACE = ("Etc/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")


@cache
def time_zone_choices() -> list[Group]:
    """IANA names by region, as the choices of a select: ("Europe", [("Europe/Berlin", "Berlin"), …])."""
    places = sorted(
        name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(NOT_A_PLACE)
    )
    return [("Any place", [("UTC", "UTC")])] + [
        (region, [(name, _city(name)) for name in names])
        for region, names in groupby(places, key=lambda name: name.partition("/")[0])
    ]


def _city(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")

"""Figures as shapes: where the bars, lines and squares of a chart stand. Templates draw them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from events.statistics.figures import Day

WIDTH, LEFT, TOP, BOTTOM = (
    560,
    24,
    22,
    150,
)  # the plot, in units of the view box; labels stand below and left of it
LABELS: Final = 14  # at most so many stand under an axis
ROUND = 4  # the radius of a bar's upper corners
LEVELS = 4  # shades of the squares, beside none
UNITS: Final[list[int]] = [digit * 10**zeros for zeros in range(12) for digit in (2, 4, 10)]  # of an axis
SQUARE = 16  # from one square to the next


@dataclass(frozen=True)
class Tick:
    """A line of the grid with its number."""

    y: int
    number: int


@dataclass(frozen=True)
class Bar:
    """``label`` is empty where there is no room for it; the one of today ``is_last``."""

    path: str
    x: int
    top: int
    label: str
    value: int
    is_last: bool
    is_highest: bool


@dataclass(frozen=True)
class Bars:
    bars: Sequence[Bar]
    ticks: Sequence[Tick]


@dataclass(frozen=True)
class Label:
    x: int
    text: str


@dataclass(frozen=True)
class Lines:
    """Two lines with the same axes; ``area`` is what lies under the first, ``end`` its last point."""

    completed: str
    created: str
    area: str
    end: tuple[int, int]
    labels: Sequence[Label]
    ticks: Sequence[Tick]


@dataclass(frozen=True)
class Square:
    x: int
    y: int
    level: int


@dataclass(frozen=True)
class Heat:
    squares: Sequence[Square]
    width: int


def bars(values: Sequence[int], labels: Sequence[str]) -> Bars:
    """A bar for each value, the last of which is that of today."""
    top = _top(values)
    step = (WIDTH - LEFT) / len(values)
    width = min(24.0, step * 0.64)
    highest = values.index(max(values))
    every = -(-len(values) // LABELS)
    made = []
    for number, value in enumerate(values):
        x, is_last = round(LEFT + step * (number + 0.5)), number == len(values) - 1
        label = labels[number] if (len(values) - 1 - number) % every == 0 else ""
        y = _y(value, top)
        made.append(
            Bar(_bar(x, y, width), x, y - 6, label, value, is_last, bool(value) and number == highest)
        )
    return Bars(made, _ticks(top))


def _bar(x: int, top: int, width: float) -> str:
    """The outline of a bar: round above, straight below; nothing where it has no height."""
    if top >= BOTTOM:
        return ""
    radius = min(ROUND, BOTTOM - top)
    left, inner = x - round(width / 2), round(width) - 2 * radius
    return (
        f"M{left} {BOTTOM}V{top + radius}q0-{radius} {radius}-{radius}h{inner}"
        f"q{radius} 0 {radius} {radius}V{BOTTOM}z"
    )


def lines(weeks: Sequence[Day], labels: Sequence[str]) -> Lines:
    """What was completed and created in each week."""
    top = _top([number for week in weeks for number in (week.created, week.completed)])
    step = (WIDTH - LEFT - 32) / max(1, len(weeks) - 1)
    xs = [round(LEFT + 12 + step * number) for number in range(len(weeks))]
    completed = [(x, _y(week.completed, top)) for x, week in zip(xs, weeks, strict=True)]
    created = [(x, _y(week.created, top)) for x, week in zip(xs, weeks, strict=True)]
    every = -(-len(weeks) // 8)
    shown = [
        Label(x, text)
        for number, (x, text) in enumerate(zip(xs, labels, strict=True))
        if (len(weeks) - 1 - number) % every == 0
    ]
    area = _points([(xs[0], BOTTOM), *completed, (xs[-1], BOTTOM)])
    return Lines(_points(completed), _points(created), area, completed[-1], shown, _ticks(top))


def heat(days: Sequence[Day], first_weekday: int) -> Heat:
    """A square for each day, a column for each week."""
    most = max((day.completed for day in days), default=0)
    begin = days[0].day - timedelta(days=_row(days[0].day, first_weekday))
    squares = [
        Square(
            (day.day - begin).days // 7 * SQUARE,
            _row(day.day, first_weekday) * SQUARE,
            _level(day.completed, most),
        )
        for day in days
    ]
    return Heat(squares, squares[-1].x + SQUARE)


def _row(day: date, first_weekday: int) -> int:
    return (day.weekday() - first_weekday) % 7


def _level(number: int, most: int) -> int:
    """0 for nothing, else 1 to ``LEVELS``."""
    return -(-number * LEVELS // most) if number else 0


def _top(values: Sequence[int]) -> int:
    """The end of an axis that has room for all, and a whole number in its middle."""
    most = max(2, *values)
    unit = next(unit for unit in UNITS if most <= 5 * unit)
    return -(-most // unit) * unit


def _ticks(top: int) -> list[Tick]:
    return [Tick(_y(number, top), number) for number in (0, top // 2, top)]


def _y(number: int, top: int) -> int:
    return round(BOTTOM - (BOTTOM - TOP) * number / top)


def _points(points: Sequence[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)

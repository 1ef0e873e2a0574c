"""The tags of the pages and the look of form fields."""

import pytest
from django import forms
from django.template import Context, Template

from accounts.models import User
from todo_project.templatetags.ui import browser, initials


class Sample(forms.Form):
    title = forms.CharField(help_text="At most ten.", max_length=10)
    done = forms.BooleanField(label="Done", required=False)
    day = forms.ChoiceField(choices=[("1", "One"), ("2", "Two")], widget=forms.RadioSelect)
    mail = forms.CharField(
        label="Mail",
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Mail address", "class": "a"}),
    )


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_icon_names_its_symbol_and_is_silent() -> None:
    html = render('{% icon "check" "small" flip=True %}')

    assert html == (
        '<svg class="icon" data-size="small" data-flip aria-hidden="true">'
        '<use href="/static/icons.svg#check"></use></svg>'
    )


def test_field_ties_hint_and_error_to_its_input() -> None:
    html = Sample({"title": "far too long for this"}).as_div()

    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<p class="field-hint" id="id_title_helptext">At most ten.</p>' in html
    assert 'class="field-errors" id="id_title_error"' in html


def test_field_without_error_says_nothing_of_one() -> None:
    html = Sample().as_div()

    assert "aria-invalid" not in html
    assert "field-error" not in html


def test_label_stands_behind_a_checkbox() -> None:
    html = str(Sample()["done"].as_field_group())

    assert html.index('type="checkbox"') < html.index("Done")
    assert 'class="input"' not in html


def test_choices_are_a_group_with_a_legend() -> None:
    html = str(Sample()["day"].as_field_group())

    assert '<legend class="field-label">Day</legend>' in html
    assert html.count('type="radio"') == 2


def test_placeholder_that_repeats_the_label_is_dropped() -> None:
    html = render("{% control field %}", field=Sample()["mail"])

    assert "placeholder" not in html
    assert 'class="a input"' in html


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Anna Lindberg", "AL"), ("Anna Maria Lindberg", "AL"), ("anna", "A"), ("", "A")],
)
def test_initials(name: str, expected: str) -> None:
    assert initials(User(email="anna@example.com", display_name=name)) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        (
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/19.0 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8.9", "curl"),
        ("SomethingNew/1.0", "SomethingNew/1.0"),
        ("", ""),
    ],
)
def test_browser_is_called_what_people_call_it(header: str, expected: str) -> None:
    assert browser(header) == expected

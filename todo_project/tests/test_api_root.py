"""``/api`` itself leads to everything, for programs and in the browser."""

from urllib.parse import urlsplit

import pytest
from rest_framework.test import APIClient


@pytest.mark.parametrize("path", ["/api", "/api/"])
def test_it_names_where_everything_is(db, owner, path, django_assert_num_queries):
    with django_assert_num_queries(0):
        places = APIClient().get(path).json()
    assert urlsplit(places["tasks"]).path == "/api/tasks"
    client = APIClient()
    client.force_login(owner)
    found = {name: client.get(urlsplit(place).path).status_code for name, place in places.items()}
    assert found == dict.fromkeys(places, 200)


def test_it_has_a_page_with_links(client, owner):
    client.force_login(owner)
    page = client.get("/api", headers={"Accept": "text/html"}).content.decode()
    assert 'href="http://testserver/api/tasks"' in page


def test_it_takes_no_parameters(db):
    assert APIClient().get("/api?page=2").status_code == 400

"""Paths of the API: each answers with and without its final slash, so no request is lost in a redirect."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, re_path

HEX = "[0-9a-fA-F]"
UUID = "-".join(f"{HEX}{{{digits}}}" for digits in (8, 4, 4, 4, 12))


def api_path(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    """A path such as ``tasks/<id>``; ``<id>`` stands for a UUID and is handed to the view as text."""
    pattern = route.replace("<id>", f"(?P<id>{UUID})")
    return re_path(rf"^{pattern}/?$", view, name=name)


def without_final_slash(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """Name each path once in the OpenAPI document, without the slash (a hook of drf-spectacular)."""
    return [(path.rstrip("/"), regex, method, view) for path, regex, method, view in endpoints]

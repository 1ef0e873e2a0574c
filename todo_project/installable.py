"""What makes the pages an application on a phone: the manifest, the service worker, the page for being offline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# What every page is made of, beside its own HTML; scripts are found by looking.
SHELL: Final = (
    "app.css",
    "icons.svg",
    "fonts/inter-latin.woff2",
    "icons/favicon.svg",
    "icons/favicon-32.png",
    "vendor/htmx.min.js",
    "vendor/idiomorph-ext.min.js",
)
SCRIPTS: Final = settings.BASE_DIR / "static" / "js"


@require_safe
@cache_control(private=True, max_age=0)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web application manifest, in the reader's language."""
    document = {
        "id": "/",
        "name": "Todo",
        "short_name": "Todo",
        "description": _("Tasks for people and small teams, in which no change is ever lost."),
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "start_url": reverse("tasks:today"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#FAFAF9",
        "theme_color": "#4F46E5",
        "icons": list(_icons()),
        "shortcuts": [
            {"name": _("Add a task"), "url": reverse("tasks:quick-add")},
            {"name": _("Upcoming"), "url": reverse("tasks:upcoming")},
        ],
    }
    return JsonResponse(document, content_type="application/manifest+json")


def _icons() -> Iterator[dict[str, str]]:
    for name, size, purpose in (
        ("icon-192", 192, "any"),
        ("icon-512", 512, "any"),
        ("icon-maskable-512", 512, "maskable"),
    ):
        yield {
            "src": static(f"icons/{name}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It stands at the root, because what it may serve is what lies below its own path."""
    shell = [reverse("offline"), *(static(name) for name in (*SHELL, *_scripts()))]
    context = {
        "shell": json.dumps(shell),
        "version": hashlib.sha256(" ".join(shell).encode()).hexdigest()[:12],
        "offline": reverse("offline"),
    }
    return render(request, "service-worker.js", context, content_type="text/javascript")


def _scripts() -> list[str]:
    return sorted(f"js/{path.name}" for path in SCRIPTS.glob("*.js"))


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a connection where nothing better is kept. It is the same for everybody."""
    return render(request, "offline.html")

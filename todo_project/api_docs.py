"""The pages that show the API's schema: Swagger at ``/docs``, ReDoc at ``/redoc``."""

from __future__ import annotations

from functools import cache
from importlib import resources

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

from accounts.api_paths import api_path

REDOC = "static/drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
ITS_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
NO_IMAGE = b"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"

# Both pages write style elements and attributes while they run; ReDoc looks things up in a worker that it makes
# of a blob.
swagger = csp_update({"style-src": ["'unsafe-inline'"]})(
    SpectacularSwaggerSplitView.as_view(url_name="api_schema")
)
redoc = csp_update({"style-src": ["'unsafe-inline'"], "worker-src": ["blob:"]})(
    SpectacularRedocView.as_view(url_name="api_schema")
)


@cache
def redoc_bundle() -> bytes:
    """ReDoc's script without the one image that it would load from elsewhere."""
    return (resources.files("drf_spectacular_sidecar") / REDOC).read_bytes().replace(ITS_LOGO, NO_IMAGE)


@require_safe
@cache_control(public=True, max_age=86_400)
@gzip_page
def redoc_script(request: HttpRequest) -> HttpResponse:
    return HttpResponse(redoc_bundle(), content_type="text/javascript")


urlpatterns = [
    api_path("docs", swagger, "docs"),
    api_path("redoc", redoc, "redoc"),
    api_path("redoc/script.js", redoc_script, "redoc-script"),
]

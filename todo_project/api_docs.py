"""The pages that show the API's schema: Swagger at ``/docs``, ReDoc at ``/redoc``."""

from csp.decorators import csp_update
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

from accounts.api_paths import api_path

# Both write style elements and attributes while they run, and ReDoc looks things up in a worker of its own making.
swagger = csp_update({"style-src": ["'unsafe-inline'"]})(
    SpectacularSwaggerSplitView.as_view(url_name="api_schema")
)
redoc = csp_update({"style-src": ["'unsafe-inline'"], "worker-src": ["blob:"]})(
    SpectacularRedocView.as_view(url_name="api_schema")
)

urlpatterns = [api_path("docs", swagger, "docs"), api_path("redoc", redoc, "redoc")]

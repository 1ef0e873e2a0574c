"""What an API token may be used for."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import ApiToken


class HasScope(BasePermission):
    """A view names a noun (``scope = "tasks"``): reading needs ``tasks:read``, anything else ``tasks:write``.

    Somebody who is signed in by a session has every scope. A refusal is a 403 that names the scope.
    """

    code = "missing_scope"
    message = ""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiToken):
            return bool(request.user and request.user.is_authenticated)
        needed = f"{view.scope}:{'read' if request.method in SAFE_METHODS else 'write'}"  # type: ignore[attr-defined]
        if request.auth.allows(needed):
            return True
        self.message = _("This API token lacks the scope %(scope)s.") % {"scope": needed}
        return False

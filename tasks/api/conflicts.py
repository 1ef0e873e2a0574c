"""Refusals that depend on the state of what a request is about."""

from rest_framework import status
from rest_framework.exceptions import APIException


class Conflict(APIException):
    """The request is right in itself, but not for the object as it is."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This is not possible in the present state."
    default_code = "conflict"


class PreconditionFailed(APIException):
    """``If-Match`` names another version than the present one."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "This was changed in the meantime. Read it again and repeat your change with its ETag."
    default_code = "stale"

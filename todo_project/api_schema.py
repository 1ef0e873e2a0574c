"""How operations are described in the OpenAPI document. Every view refers to this, so it imports none."""

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """The id of an operation, in words, is its summary: "Create task"."""

    def get_summary(self) -> str:
        return str(self.get_operation_id()).replace("_", " ").capitalize()

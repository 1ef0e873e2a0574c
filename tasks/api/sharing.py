"""``/api/projects/{id}/members`` and ``/invitations``: who is in a project, and who is asked to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final
from uuid import UUID

from django.core.exceptions import ValidationError as ModelError
from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.api_schemas import answers
from accounts.strict_fields import Line, Word
from accounts.strictness import NoInput, StrictSerializer
from tasks import inviting
from tasks.api.conflicts import Conflict
from tasks.api.documents import project_document
from tasks.api.pagination import PAGE_PARAMETERS, Number, Page, instant_order
from tasks.api.parameters import documented, read_parameters
from tasks.api.projects import ProjectView
from tasks.api.schemas import ID, ProjectDocument, page_of
from tasks.models import Invitation, Membership, Project, Role

MEMBER_COLUMNS: Final = ("user_id", "user__display_name", "user__email", "role", "created_at")
INVITATION_COLUMNS: Final = ("id", "email", "role", "invited_by_id", "created_at", "expires_at")
USER: Final = OpenApiParameter("user", OpenApiTypes.UUID, OpenApiParameter.PATH)
INVITATION: Final = OpenApiParameter("invitation", OpenApiTypes.UUID, OpenApiParameter.PATH)
FIRST_FIRST: Final = instant_order("members", "created_at", tie_type=Number)
NEWEST_FIRST: Final = instant_order("invitations", "created_at", descending=True)


class MailAway(APIException):
    """The mail server did not take the mail."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "mail_away"


@extend_schema_serializer(component_name="Member")
class MemberDocument(serializers.Serializer):
    """Somebody in a project. ``id`` is that of the person."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(Role.values)
    created_at = serializers.DateTimeField(help_text="Since when.")


@extend_schema_serializer(component_name="Invitation")
class InvitationDocument(serializers.Serializer):
    """An invitation that is open. Its link is in the mail and nowhere else."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(Role.values)
    invited_by = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class MemberInput(StrictSerializer):
    """What can be changed of a member. ``owner`` gives the project one more owner."""

    role = Word(Role.values)

    output_only: ClassVar[frozenset[str]] = frozenset({"id", "name", "email", "created_at"})


class InvitationInput(StrictSerializer):
    """Whom to invite."""

    email = serializers.EmailField(error_messages={"invalid": "Give an email address."})
    role = Word(Role.values, default=Role.EDITOR.value)

    output_only: ClassVar[frozenset[str]] = frozenset({"id", "invited_by", "created_at", "expires_at"})


class TokenInput(StrictSerializer):
    """The last part of the link in the mail."""

    token = Line(200)


def member_document(row: dict[str, Any]) -> dict[str, Any]:
    email = row["user__email"]
    name = row["user__display_name"] or email.partition("@")[0]
    columns = {"role": row["role"], "created_at": row["created_at"]}
    return {"id": row["user_id"], "name": name, "email": email, **columns}


def invitation_document(row: dict[str, Any]) -> dict[str, Any]:
    return {name.removesuffix("_id"): row[name] for name in INVITATION_COLUMNS}


def _document_of(member: Membership) -> dict[str, Any]:
    row = {"user__display_name": member.user.display_name, "user__email": member.user.email}
    return member_document(
        {**row, **{name: getattr(member, name) for name in ("user_id", "role", "created_at")}}
    )


@contextmanager
def _as_conflict() -> Iterator[None]:
    """A refusal of the model is one of the present state."""
    try:
        yield
    except ModelError as error:
        raise Conflict(" ".join(error.messages)) from error


class SharingView(ProjectView):
    """What the views of members and invitations share."""

    def seen(self, id: str) -> Project:
        """A project that the person is a member of, other than an Inbox. Raises NotFound."""
        project = Project.objects.visible_to(self.user).filter(pk=id, is_inbox=False).first()
        if project is None:
            raise NotFound("There is no such project, or it cannot be shared.")
        return project

    def managed(self, id: str) -> Project:
        """One that the person owns. Raises NotFound, PermissionDenied for another member."""
        self.seen(id)
        return self.owned(id)

    def member(self, project: Project, user: str) -> Membership:
        members = Membership.objects.select_related("user", "project__owner")
        found = members.filter(project=project, user=UUID(user)).first()
        if found is None:
            raise NotFound("This person is not a member.")
        return found


class MemberList(SharingView):
    """Who is in a project, those first who joined first."""

    parameters = PAGE_PARAMETERS

    @extend_schema(
        operation_id="list_members",
        parameters=[ID, *documented(PAGE_PARAMETERS)],
        responses=answers(200, page_of(MemberDocument), 404),
    )
    def get(self, request: Request, id: str) -> Response:
        page = Page.of(read_parameters(request, PAGE_PARAMETERS, self.user))
        rows = Membership.objects.filter(project=self.seen(id)).values("id", *MEMBER_COLUMNS)
        return Response(page.answer(rows, FIRST_FIRST, member_document))


class MemberDetail(SharingView):
    """One member of a project."""

    @extend_schema(
        operation_id="change_member",
        parameters=[ID, USER],
        request=MemberInput,
        responses=answers(200, MemberDocument, 404, 409),
    )
    def patch(self, request: Request, id: str, user: str) -> Response:
        """Give a member another role, as an owner. The last owner stays one."""
        with transaction.atomic():
            member = self.member(self.managed(id), user)
            given = MemberInput(data=request.data, context={"current": lambda: _document_of(member)})
            given.is_valid(raise_exception=True)
            with _as_conflict():
                member.change_role(given.validated_data["role"], Actor.of(self.user, "api"))
        return Response(_document_of(member))

    @extend_schema(
        operation_id="remove_member",
        parameters=[ID, USER],
        request=None,
        responses=answers(204, None, 404, 409),
    )
    def delete(self, request: Request, id: str, user: str) -> Response:
        """Remove a member as an owner, or leave. What they were to do in the project is nobody's then."""
        is_leaving = UUID(user) == self.user.pk
        with transaction.atomic():
            project = self.seen(id) if is_leaving else self.managed(id)
            with _as_conflict():
                self.member(project, user).end(Actor.of(self.user, "api"))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MemberHandOver(SharingView):
    """Make another member the owner in your place."""

    @extend_schema(
        operation_id="hand_over_project",
        parameters=[ID, USER],
        request=None,
        responses=answers(200, MemberDocument, 404, 409),
    )
    def post(self, request: Request, id: str, user: str) -> Response:
        """Make somebody the owner in your place; you stay as an editor."""
        NoInput(data=request.data).is_valid(raise_exception=True)
        with transaction.atomic():
            project = self.managed(id)
            to, mine = self.member(project, user), self.member(project, str(self.user.pk))
            if to == mine:
                raise Conflict("You own it already.")
            mine.hand_over(to, Actor.of(self.user, "api"))
        return Response(_document_of(to))


class InvitationList(SharingView):
    """The open invitations of a project that you own, the newest first."""

    parameters = PAGE_PARAMETERS

    @extend_schema(
        operation_id="list_invitations",
        parameters=[ID, *documented(PAGE_PARAMETERS)],
        responses=answers(200, page_of(InvitationDocument), 404),
    )
    def get(self, request: Request, id: str) -> Response:
        page = Page.of(read_parameters(request, PAGE_PARAMETERS, self.user))
        rows = Invitation.objects.open().filter(project=self.managed(id)).values(*INVITATION_COLUMNS)
        return Response(page.answer(rows, NEWEST_FIRST, invitation_document))

    @extend_schema(
        operation_id="invite",
        parameters=[ID],
        request=InvitationInput,
        responses=answers(201, InvitationDocument, 404, 503),
    )
    def post(self, request: Request, id: str) -> Response:
        """Send somebody a link with which they become a member. An open invitation of theirs is replaced."""
        project = self.managed(id)
        given = InvitationInput(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            made = inviting.invite(project, **given.validated_data, by=self.user, via="api")
        except inviting.NotSent as error:
            raise MailAway(str(error)) from error
        document = invitation_document({name: getattr(made, name) for name in INVITATION_COLUMNS})
        return Response(document, status.HTTP_201_CREATED)


class InvitationDetail(SharingView):
    """One open invitation of a project that you own."""

    @extend_schema(
        operation_id="revoke_invitation",
        parameters=[ID, INVITATION],
        request=None,
        responses=answers(204, None, 404),
    )
    def delete(self, request: Request, id: str, invitation: str) -> Response:
        """Take an invitation back; its link leads nowhere then."""
        found = Invitation.objects.open().filter(project=self.managed(id), pk=invitation).first()
        if found is None or not found.revoke(Actor.of(self.user, "api")):
            raise NotFound("There is no such invitation.")
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationAccept(ProjectView):
    """Become a member by the link in a mail."""

    @extend_schema(
        operation_id="accept_invitation",
        request=TokenInput,
        responses=answers(200, ProjectDocument, 404),
    )
    def post(self, request: Request) -> Response:
        """Accept an invitation. It must have been sent to the address of your account."""
        given = TokenInput(data=request.data)
        given.is_valid(raise_exception=True)
        found = Invitation.objects.with_secret(given.validated_data["token"])
        if found is None:
            raise NotFound("This invitation is not open.")
        if not found.is_for(self.user):
            raise PermissionDenied("This invitation was sent to another address.")
        with _as_conflict():
            found.accept(self.user, "api")
        return Response(project_document(self.rows().get(pk=found.project_id)))

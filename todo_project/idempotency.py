"""``Idempotency-Key``: a POST or PATCH that is sent again takes effect once and gets its first answer again.

Source: draft-ietf-httpapi-idempotency-key-header. Who repeats a request, perhaps because its answer was lost, sends the
same key with it. What stands behind that promise:

- The state store holds a claim from the request's first moment, so that of two at once one runs.
- The answer is committed with the change, in the same transaction and under a unique key (the receipt). Whatever dies,
  and even if the state store loses everything: either both are there, or neither, and there is never a second effect.
- Then the answer takes the claim's place in the state store, from where repeats get it.

Only what had an effect (2xx) is kept; anything else changed nothing, and its key is free again.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, cast

import msgspec
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts.authentication import ApiTokenAuthentication
from todo_project.blocks.sidecar import Unavailable
from todo_project.blocks.state import Changed, state_store
from todo_project.blocks.state_database import DatabaseState
from todo_project.json_media import MAX_BODY
from todo_project.problems import refusal

log = logging.getLogger(__name__)
HEADER: Final = "HTTP_IDEMPOTENCY_KEY"
METHODS: Final = frozenset({"POST", "PATCH"})
KEY: Final = re.compile(r"[\x20-\x7e]{1,255}")
KEPT_SECONDS: Final = 24 * 60 * 60
CLAIM_SECONDS: Final = 60  # after which the claim of a process that died is void
KEPT_HEADERS: Final = ("Content-Type", "ETag", "Location", "HX-Trigger")
# The API, and the line that a browser sends again which had no connection.
PATHS: Final = ("/api/", "/quick-add")
BUSY_SECONDS, AWAY_SECONDS = "1", "5"  # after which a repeat is worth it


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, response: HttpResponse) -> Answer:
        headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        return cls(response.status_code, headers, response.content)

    def replayed(self) -> HttpResponse:
        headers = {**self.headers, "Idempotency-Replayed": "true"}
        return HttpResponse(self.body, status=self.status, headers=headers)


class Record(msgspec.Struct, frozen=True):
    """What is stored under a key: of which request it is, and its answer once there is one."""

    fingerprint: str
    answer: Answer | None = None

    def encoded(self) -> bytes:
        return msgspec.json.encode(self)


class IdempotencyMiddleware:
    """Costs one look-up in a dictionary where a request has no key. Stands inside the authentication of sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.META.get(HEADER)
        if key is None or request.method not in METHODS or not request.path.startswith(PATHS):
            return self.get_response(request)
        if not KEY.fullmatch(key):
            return refusal(request, 400, "Idempotency-Key takes 1 to 255 printable ASCII characters.", {})
        caller = _caller(request)
        if caller is None or _is_too_large(request):
            return self.get_response(request)  # which refuses it
        name = f"{caller}:{_digest(key.encode())}"
        return KeyedRequest(request, name, _fingerprint(request), self.get_response).answer()


def _caller(request: HttpRequest) -> str | None:
    """Whose key it is: a token's or a person's. None for whoever the view will send away."""
    try:
        by_token = ApiTokenAuthentication().authenticate(cast(Request, request))
    except APIException:
        return None
    if by_token is not None:
        return f"token:{by_token[1].pk}"
    return f"user:{request.user.pk}" if request.user.is_authenticated else None


def _is_too_large(request: HttpRequest) -> bool:
    return not _has_files(request) and int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY


def _has_files(request: HttpRequest) -> bool:
    return request.content_type == "multipart/form-data"


def _fingerprint(request: HttpRequest) -> str:
    return _digest(f"{request.method} {request.get_full_path()}\n".encode(), *_content(request))


def _content(request: HttpRequest) -> Iterator[bytes]:
    """What was sent, in pieces: files are larger than memory should hold, and their boundaries are made up anew."""
    if not _has_files(request):
        yield request.body
        return
    yield repr(sorted(request.POST.lists())).encode()
    for field, uploads in sorted(request.FILES.lists()):
        for upload in uploads:
            yield repr((field, upload.name, upload.content_type, upload.size)).encode()
            yield from upload.chunks()
            upload.seek(0)


def _digest(*content: bytes) -> str:
    digest = hashlib.sha256()
    for piece in content:
        digest.update(piece)
    return digest.hexdigest()


class NothingDone(Exception):
    """The view refused or failed: what it did is undone, and there is nothing to keep but this response."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response)
        self.response = response


@dataclass(frozen=True)
class KeyedRequest:
    """A request with the name that its key has in the stores."""

    request: HttpRequest
    name: str
    fingerprint: str
    get_response: Callable[[HttpRequest], HttpResponse]

    def answer(self) -> HttpResponse:
        """Run the request, or say what became of the first one with this key."""
        try:
            known = self._known()[0] or self._claim()
        except (Unavailable, DatabaseError) as error:
            # Without the store nobody can say whether this is a repeat. To double would be worse than to refuse.
            log.warning("A request with an Idempotency-Key is refused: %s", error)
            detail = "Whether this is a repeat cannot be found out now. Nothing was done; send it again."
            return refusal(self.request, 503, detail, {"Retry-After": AWAY_SECONDS})
        return self._run() if known is None else self._of(known)

    def _known(self) -> tuple[Record | None, str]:
        """What the state store knows of the key, with its etag ("" where it knows nothing)."""
        stored = state_store().get(self._claim_name)
        return (msgspec.json.decode(stored.value, type=Record), stored.etag) if stored else (None, "")

    def _claim(self) -> Record | None:
        """Claim the key; None when it is ours to run. What was committed counts, whatever the state store forgot."""
        claim = Record(self.fingerprint)
        try:
            state_store().save(self._claim_name, claim.encoded(), CLAIM_SECONDS)
        except Changed:
            return self._known()[0] or claim
        try:
            receipt = DatabaseState().get(self._receipt_name)
        except DatabaseError:
            self._free()  # else the repeat that this one is asked for would find the key taken, for a minute
            raise
        if receipt is None:
            return None
        record = msgspec.json.decode(receipt.value, type=Record)
        self._settle(record)
        return record

    def _of(self, known: Record) -> HttpResponse:
        if known.fingerprint != self.fingerprint:
            detail = "This Idempotency-Key was used with another request. Use a new key for a new request."
            return refusal(self.request, 422, detail, {})
        return self._busy() if known.answer is None else known.answer.replayed()

    def _busy(self) -> HttpResponse:
        detail = "The first request with this Idempotency-Key is still under way."
        return refusal(self.request, 409, detail, {"Retry-After": BUSY_SECONDS})

    def _run(self) -> HttpResponse:
        """Let the view do it, and commit its answer with its effect."""
        try:
            with transaction.atomic():
                response = self.get_response(self.request)
                if not 200 <= response.status_code < 300:
                    raise NothingDone(response)
                record = Record(self.fingerprint, Answer.of(response))
                DatabaseState().save(self._receipt_name, record.encoded(), KEPT_SECONDS)
        except NothingDone as nothing:
            self._free()
            return nothing.response
        except Changed:
            return self._busy()  # ours took longer than its claim, and another one was quicker
        except BaseException:
            self._free()
            raise
        self._settle(record)
        return response

    def _settle(self, record: Record) -> None:
        """Put the answer in the claim's place. Where that fails, the claim ends and the receipt is found."""
        try:
            _claim, etag = self._known()
            state_store().save(self._claim_name, record.encoded(), KEPT_SECONDS, etag)
        except (Changed, Unavailable, DatabaseError) as error:
            log.warning("An answer stays with its receipt alone: %r", error)

    def _free(self) -> None:
        try:
            claim, etag = self._known()
            if claim is not None and claim.answer is None:
                state_store().delete(self._claim_name, etag)
        except (Changed, Unavailable, DatabaseError) as error:
            log.warning("A key stays claimed for up to %d s: %r", CLAIM_SECONDS, error)

    @property
    def _claim_name(self) -> str:
        return f"idempotency:{self.name}"

    @property
    def _receipt_name(self) -> str:
        return f"receipt:{self.name}"

"""What can go wrong with a request, each with a code that callers may rely on and a sentence with the remedy.

    ServiceError
    ├── CallerError                    the caller can put it right
    │   ├── UnreadableBody       400   body-not-json
    │   ├── UnreadableForm       400   form-unreadable
    │   ├── BodyOnGet            400   body-on-get
    │   ├── BadIdempotencyKey    400   idempotency-key-invalid
    │   ├── NotSignedIn          401   sign-in-needed
    │   ├── ForeignOrigin        403   origin-foreign
    │   ├── FormOutOfDate        403   form-out-of-date
    │   ├── NoSignIn             404   sign-in-off
    │   ├── UnknownOrchestration 404   orchestration-unknown
    │   ├── KeyReused            409   idempotency-key-reused
    │   ├── InstanceLive         409   instance-live
    │   ├── BodyWithoutLength    411   body-without-length
    │   ├── BodyTooLarge         413   body-too-large
    │   └── UnknownPerson        422   person-unknown
    └── OperatorError                  the operator can put it right
        ├── InvalidSetting       500   setting-invalid
        ├── MissingSetting       503   setting-missing
        ├── NotStarted           503   not-started
        └── NotCounted           503   not-counted

The first three classes are never raised themselves. What is wrong with a proposal is in ``approval.errors``;
``service.problems`` makes the answer of both.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class ServiceError(Exception):
    """Base of the tree; ``detail`` is a sentence for the person who reads the answer.

    Attributes:
        code: stable, part of the HTTP contract.
        status: the HTTP status.
        title: the same for every error of the class.
        detail: this occurrence, and what to do about it.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def facts(self) -> Mapping[str, object]:
        """Further members of the problem: what a program wants to know beside the sentence."""
        return {}


class CallerError(ServiceError):
    """The caller can put it right; nothing was started or changed."""


class OperatorError(ServiceError):
    """The operator has to act; logged where it is answered."""


class UnreadableBody(CallerError):
    """The bytes are no JSON that we can carry."""

    code = "body-not-json"
    status = 400
    title = "The body is not JSON"

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}. Send one JSON object as UTF-8 text, or no body at all.")
        self.reason = reason


class UnreadableForm(CallerError):
    """The body is no form, or none that a page of ours sends."""

    code = "form-unreadable"
    status = 400
    title = "The form cannot be read"

    def __init__(self) -> None:
        super().__init__(
            "The body must be a form as a browser sends it, application/x-www-form-urlencoded in UTF-8. "
            "Nothing was changed; open the page here and send it from there."
        )


class BodyOnGet(CallerError):
    """A GET came with a body, which many proxies drop: a refusal is better than a start without it."""

    code = "body-on-get"
    status = 400
    title = "A GET takes no body"

    def __init__(self) -> None:
        super().__init__("A GET starts the orchestration without input. Send the same body with POST.")


class BadIdempotencyKey(CallerError):
    """A proxy may have changed the header."""

    code = "idempotency-key-invalid"
    status = 400
    title = "The Idempotency-Key is not usable"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"The header Idempotency-Key must be 1 to {most} visible ASCII characters without blanks, "
            "for example a UUID. Leave the header out if you do not need it."
        )


class NotSignedIn(CallerError):
    """Somebody asks for what only a person may, and nobody is signed in."""

    code = "sign-in-needed"
    status = 401
    title = "Sign in first"

    def __init__(self) -> None:
        super().__init__("Nobody is signed in, or the session is over. Sign in at /sign-in and send the request again.")


class ForeignOrigin(CallerError):
    """A page of somebody else may have sent it, in the name of the person whose browser it is open in."""

    code = "origin-foreign"
    status = 403
    title = "The request does not come from this service"

    def __init__(self) -> None:
        super().__init__(
            "The header Origin names another place than this service, or is missing. Nothing was changed; "
            "open the page here and send it again."
        )


class FormOutOfDate(CallerError):
    """A form was sent whose token is missing, or is that of another session."""

    code = "form-out-of-date"
    status = 403
    title = "The form is out of date"

    def __init__(self) -> None:
        super().__init__(
            "The form was made for another session: somebody has signed in or out since. Nothing was changed; "
            "open the page again and send it from there."
        )


class NoSignIn(CallerError):
    """The local sign-in is off here, as everywhere but on a laptop."""

    code = "sign-in-off"
    status = 404
    title = "Nobody can sign in here"

    def __init__(self) -> None:
        super().__init__(
            "The local sign-in is for a machine of one's own: it needs the setting IDENTITY=local and an address "
            "such as http://localhost:7071, and is never on in Azure."
        )


class UnknownPerson(CallerError):
    """Somebody wants to sign in as a person whom the directory does not have."""

    code = "person-unknown"
    status = 422
    title = "There is no such person"

    def __init__(self) -> None:
        super().__init__("The directory has no person of this id. Choose one of the people that the page lists.")


class UnknownOrchestration(CallerError):
    """No orchestration has that name."""

    code = "orchestration-unknown"
    status = 404
    title = "There is no such orchestration"

    def __init__(self, name: str, known: Sequence[str], meant: str | None) -> None:
        hint = f" Did you mean {meant}?" if meant else ""
        super().__init__(f"There is no orchestration named {name!r}.{hint} Known ones: {', '.join(known)}.")
        self.known = tuple(known)

    def facts(self) -> Mapping[str, object]:
        """The names that the address may have."""
        return {"known": list(self.known)}


class KeyReused(CallerError):
    """The key already belongs to another body."""

    code = "idempotency-key-reused"
    status = 409
    title = "The Idempotency-Key belongs to another body"

    def __init__(self, instance_id: str, runtime_status: str) -> None:
        super().__init__(
            f"This Idempotency-Key has already started the instance {instance_id} ({runtime_status}) with another "
            "body. Send the first body again to get the same answer, or choose a new key for a new proposal."
        )
        self.instance_id, self.runtime_status = instance_id, runtime_status

    def facts(self) -> Mapping[str, object]:
        """Which instance has the key."""
        return {"instanceId": self.instance_id, "runtimeStatus": self.runtime_status}


class InstanceLive(CallerError):
    """The engine refuses the start because an instance with that id is at work, and does not show it yet."""

    code = "instance-live"
    status = 409
    title = "The instance is live"

    def __init__(self, instance_id: str) -> None:
        super().__init__(
            f"Another request is just starting the instance {instance_id} with this Idempotency-Key. "
            "Nothing was started twice; send the same request again in a second."
        )
        self.instance_id = instance_id

    def facts(self) -> Mapping[str, object]:
        """Which instance it is."""
        return {"instanceId": self.instance_id}


class BodyWithoutLength(CallerError):
    """A body in chunks: the Functions host passes on an empty one, and a proposal would be lost silently."""

    code = "body-without-length"
    status = 411
    title = "The body has no length"

    def __init__(self) -> None:
        super().__init__(
            "The body came in chunks, and Azure Functions does not hand such a body on. Nothing was started; "
            "send it again with a Content-Length."
        )


class BodyTooLarge(CallerError):
    """More bytes than we carry in an instance's input."""

    code = "body-too-large"
    status = 413
    title = "The body is too large"

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            f"The body has {size:,} bytes; at most {limit:,} are allowed. "
            "Keep documents where they are and send links to them as attachments."
        )
        self.size, self.limit = size, limit

    def facts(self) -> Mapping[str, object]:
        """Both sizes in bytes."""
        return {"size": self.size, "limit": self.limit}


class InvalidSetting(OperatorError):
    """A setting of the app does not make sense, so nothing can be done with it.

    Attributes:
        setting: its name.
        reason: one sentence or more, for the one who runs the app.
    """

    code = "setting-invalid"
    status = 500
    title = "A setting of this app is invalid"

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(
            f"The application setting {setting} is not usable: {reason} "
            "Nothing was changed; whoever runs this app has to correct the setting."
        )
        self.setting = setting
        self.reason = reason

    def facts(self) -> Mapping[str, object]:
        """Which setting it is."""
        return {"setting": self.setting}


class MissingSetting(OperatorError):
    """A setting is not there that this needs. Cases of the built-in policy go on without it."""

    code = "setting-missing"
    status = 503
    title = "A setting of this app is missing"

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"The application setting {setting} is missing. Nothing was changed; "
            "whoever runs this app has to set it, and /api/health lists what else is missing."
        )
        self.setting = setting

    def facts(self) -> Mapping[str, object]:
        """Which setting it is."""
        return {"setting": self.setting}


class NotStarted(OperatorError):
    """The engine could not be reached or refused the start."""

    code = "not-started"
    status = 503
    title = "The start could not be confirmed"

    def __init__(self) -> None:
        super().__init__(
            "The workflow engine did not confirm the start. Try again in a few seconds; "
            "with an Idempotency-Key you cannot start it twice."
        )


class NotCounted(OperatorError):
    """The engine's instances could not be read."""

    code = "not-counted"
    status = 503
    title = "The cases could not be counted"

    def __init__(self) -> None:
        super().__init__(
            "The workflow engine did not list its instances, so there are no figures. They are counted again when you "
            "ask again; if that goes on, look at /api/health and at the log line statsFailed."
        )

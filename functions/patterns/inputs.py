"""How a pattern reads its input, always the same way: the starter refuses with 422, the orchestrator fails."""

from typing import Annotated, Self

import azure.durable_functions as df
from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from approval.errors import FieldError, InvalidFields, UnreadableInput
from approval.json_values import path
from approval.text import harmless
from functions.orchestrators import NO_OBJECT

# A timer over six days cannot be cancelled (SDK 1.7.0), so no wait here is longer than five.
MOST_WAIT_S = 5 * 86_400

# A text that people read again in an output or a status: control characters and the like become blanks.
Line = Annotated[str, AfterValidator(harmless)]


class Input(BaseModel):
    """Base of the inputs. Every field has a default, and a description that tells what to give."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    @classmethod
    def checked(cls, body: JsonValue) -> JsonValue:
        """The body, which becomes the input as it is; for the catalogue.

        Raises:
            InvalidFields: with one entry for each field at fault.
        """
        try:
            cls.model_validate({} if body is None else body)
        except ValidationError as error:
            raise InvalidFields(cls._entries(error)) from error
        return body

    @classmethod
    def of(cls, context: df.DurableOrchestrationContext) -> Self:
        """The input of an instance, which may have been started past the starter.

        Raises:
            UnreadableInput: uncaught it fails the instance, and its one sentence is what the status then shows.
        """
        try:
            given = context.get_input()
            return cls.model_validate({} if given is None else given)
        except ValidationError as error:
            entries = cls._entries(error)
        except NO_OBJECT:
            entries = [FieldError("input", "not-an-object", "Give an object.")]
        wrong = " ".join(f"{'input' if entry.field == path() else entry.field}: {entry.detail}" for entry in entries)
        raise UnreadableInput(f"The input cannot be used, so nothing was done. {wrong}", "Start it anew.")

    @classmethod
    def _entries(cls, error: ValidationError) -> list[FieldError]:
        found = [cls._entry(fault) for fault in error.errors(include_url=False, include_input=False)]
        return list({entry.field: entry for entry in reversed(found)}.values())[::-1]

    @classmethod
    def _entry(cls, fault: ErrorDetails) -> FieldError:
        where, code = fault["loc"], fault["type"].replace("_", "-")
        if not where:
            known = ", ".join(cls.model_fields)
            text = f"Give an object with {known}, each of which may be left out."
            return FieldError(path(), code, text if code == "model-type" else fault["msg"])
        field = cls.model_fields.get(str(where[0]))
        if field is None:
            known = ", ".join(cls.model_fields)
            return FieldError(path(*where), "unknown", f"There is no such field. Known are {known}.")
        return FieldError(path(*where), code, field.description or fault["msg"])

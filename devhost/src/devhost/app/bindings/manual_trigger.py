"""What a manually triggered function gets: the value that the worker would make of the text.

The converters are those of azure-functions, which the worker uses too. A message sent manually has only a body:
no id, no time, no sender.
"""

import typing
from types import SimpleNamespace
from typing import Any

from azure.functions.eventhub import EventHubTriggerConverter
from azure.functions.meta import Datum
from azure.functions.queue import QueueMessageInConverter

from devhost.app.indexer import Function

_ONE = {"SystemProperties": Datum("{}", "json")}
_MANY = {"SystemPropertiesArray": Datum("[{}]", "json")}


def trigger_value(function: Function, given: Any) -> Any:
    """A queue's message, an Event Hub's event or the list of one event; for other triggers what was given.

    A parameter that is annotated as ``str`` or ``bytes`` gets the text too, as the worker gives it.
    """
    annotation = typing.get_type_hints(function.handler).get(function.parameter)
    if not isinstance(given, str) or annotation in (str, bytes):
        return given
    trigger = str(function.trigger["type"]).lower()
    if trigger == "queuetrigger":
        return QueueMessageInConverter.decode(Datum(given, "string"), trigger_metadata={})
    if trigger != "eventhubtrigger":
        return given
    if str(function.trigger.get("cardinality", "")).lower() == "many":
        batch = Datum(SimpleNamespace(string=[given]), "collection_string")
        return EventHubTriggerConverter.decode(batch, trigger_metadata=_MANY)
    return EventHubTriggerConverter.decode(Datum(given, "string"), trigger_metadata=_ONE)

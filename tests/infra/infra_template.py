"""A compiled template as a flat list of resources, whichever module they are in."""

import json
import pathlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ROOT = pathlib.Path(__file__).parents[2]
INFRA = ROOT / "infra"
COMPILED = INFRA / "main.json"
NESTED = "Microsoft.Resources/deployments"


@dataclass
class Resource:
    """One resource, with the variables that its expressions may name."""

    type: str
    name: str
    body: dict[str, Any]
    variables: dict[str, Any]

    def at(self, path: str) -> Any:
        """What is at a dotted path, or None."""
        found: Any = self.body
        for key in path.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def put(self, path: str, value: Any) -> None:
        """Set what is at a dotted path."""
        *parents, last = path.split(".")
        target = self.body
        for key in parents:
            target = target[key]
        target[last] = value


def compiled() -> dict[str, Any]:
    """The committed template."""
    return json.loads(COMPILED.read_text(encoding="utf-8"))


def resources(template: dict[str, Any]) -> list[Resource]:
    """Each resource that the template or one of its modules creates."""
    return list(_walk(template))


def _walk(template: dict[str, Any]) -> Iterator[Resource]:
    declared = template["resources"]
    for body in declared.values() if isinstance(declared, dict) else declared:
        if body.get("existing"):
            continue
        if body["type"] == NESTED:
            yield from _walk(body["properties"]["template"])
        else:
            yield Resource(body["type"], body["name"], body, template.get("variables", {}))


def predicted(snapshot: dict[str, Any]) -> list[Resource]:
    """Each resource that the compiler predicts for a set of parameters, with conditions and expressions worked out."""
    return [Resource(body["type"], body["name"], body, {}) for body in snapshot["predictedResources"]]

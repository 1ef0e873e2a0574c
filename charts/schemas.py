"""JSON Schemas of Kubernetes' own objects and of custom resources, as kubeconform reads them.

Kubernetes publishes its OpenAPI document with its source, custom resources carry their schema in their definition. Both
allow what they do not know; here that is refused, so that a misspelt field shows.

Source: https://github.com/yannh/kubeconform#overriding-schemas-location
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

Schema = dict[str, Any]
LOCATION = "{{.Group}}/{{.ResourceKind}}-{{.ResourceAPIVersion}}.json"
REFERENCE = "#/definitions/"
INT_OR_STRING: Schema = {"type": ["integer", "string"]}
KEPT = {
    "type",
    "enum",
    "pattern",
    "required",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
}


class _Loader(yaml.SafeLoader):
    """Takes a plain ``=`` as text, as everybody but PyYAML does: definitions have it among operators."""


_Loader.add_constructor("tag:yaml.org,2002:value", yaml.SafeLoader.construct_yaml_str)  # type: ignore[type-var]


def read(text: str) -> list[dict[str, Any]]:
    """The definitions of custom resources in a file."""
    return [one for one in yaml.load_all(text, Loader=_Loader) if one]


def write(folder: Path, swagger: Mapping[str, Any], definitions: Iterable[Mapping[str, Any]]) -> int:
    """Write a file for each kind of object below ``folder``; how many there are."""
    found = [*_builtin(swagger["definitions"]), *_custom(definitions)]
    for group, version, kind, schema in found:
        # To kubeconform the group of what has none, such as a Service, is its version.
        path = folder / (group or version) / f"{kind.lower()}-{version}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema))
    return len(found)


def _builtin(definitions: Mapping[str, Schema]) -> Iterator[tuple[str, str, str, Schema]]:
    """Kubernetes' own kinds of objects, but for lists of them and those that only talk of custom resources."""
    for schema in definitions.values():
        kinds = schema.get("x-kubernetes-group-version-kind", [])
        if len(kinds) != 1 or "metadata" not in schema.get("properties", {}):
            continue
        of = kinds[0]
        if not of["kind"].endswith("List") and of["group"] != "apiextensions.k8s.io":
            yield of["group"], of["version"], of["kind"], _strict(schema, definitions)


def _custom(definitions: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, str, Schema]]:
    for definition in definitions:
        spec = definition["spec"]
        for version in spec["versions"]:
            schema = _strict(version["schema"]["openAPIV3Schema"], {})
            schema["properties"]["metadata"] = {"type": "object"}
            yield spec["group"], version["name"], spec["names"]["kind"], schema


def _strict(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """A schema that refuses what it does not know, without references."""
    if reference := schema.get("$ref"):
        return _strict(definitions[reference.removeprefix(REFERENCE)], definitions)
    if schema.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string"):
        return INT_OR_STRING
    made = {key: value for key, value in schema.items() if key in KEPT}
    if "items" in schema:
        made["items"] = _strict(schema["items"], definitions)
    return made | _properties(schema, definitions)


def _properties(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    known = schema.get("properties")
    others = schema.get("additionalProperties")
    made: Schema = {}
    if known:
        made["properties"] = {name: _strict(part, definitions) for name, part in known.items()}
        made["additionalProperties"] = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    if isinstance(others, dict):
        made["additionalProperties"] = _strict(others, definitions)
    return made

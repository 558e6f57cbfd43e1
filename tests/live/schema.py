# SPDX-License-Identifier: Apache-2.0
"""The part of JSON Schema that doc/*.schema.json and export.schemas.json use, so that a test needs nothing installed."""
import json
import os
import re

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
KNOWN = {
    "$schema", "title", "type", "required", "properties", "additionalProperties", "const", "enum", "pattern", "minimum",
    "items", "maximum",
}  # fmt: skip


def load(name):
    top = os.environ.get("top_srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    with open(os.path.join(top, "doc", name), encoding="utf-8") as text:
        return json.load(text)


def offences(value, schema, where="$"):
    """What is wrong with VALUE, as sentences; a word of the schema that is not known here is wrong too."""
    told = [f"{where}: the schema has {word}" for word in set(schema) - KNOWN]
    kinds = schema.get("type", list(TYPES))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    # A bool of Python's is an int too.
    if not any(isinstance(value, TYPES[kind]) and isinstance(value, bool) == (kind == "boolean") for kind in kinds):
        return told + [f"{where}: {value!r} is not {kinds}"]
    if "const" in schema and value != schema["const"]:
        told.append(f"{where}: {value!r} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        told.append(f"{where}: {value!r} is none of {schema['enum']}")
    # Of a type that a value is not, a word says nothing.
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        told.append(f"{where}: {value!r} is not like {schema['pattern']}")
    number = isinstance(value, (int, float))
    if "minimum" in schema and number and value < schema["minimum"]:
        told.append(f"{where}: {value!r} is too small")
    if "maximum" in schema and number and value > schema["maximum"]:
        told.append(f"{where}: {value!r} is too large")
    if isinstance(value, list) and "items" in schema:
        for i, member in enumerate(value):
            told += offences(member, schema["items"], f"{where}[{i}]")
    if isinstance(value, dict):
        told += [f"{where}: no {name}" for name in schema.get("required", []) if name not in value]
        for name, member in value.items():
            rest = schema.get("additionalProperties", True)
            inner = schema.get("properties", {}).get(name, rest)
            if inner is False:
                told.append(f"{where}: {name} is not in the schema")
            elif isinstance(inner, dict):
                told += offences(member, inner, f"{where}.{name}")
    return told

"""The provider's shapes: as Terraform has them in its states, and as the API server has them in its objects.

`schema.json` is the real provider's schema, made by `prune.py`. A block that there is at most once is an object in the API,
and names with underscores are written in camel case there.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from tf import schema, types
from tf.gen import tfplugin_pb2 as protocol

PUBLISHED = json.loads(Path(__file__).with_name("schema.json").read_text())
RESOURCES: Mapping[str, Any] = PUBLISHED["resource_schemas"]
"""The block of each type of resource, in the form of `terraform providers schema -json`."""

API_PARTS = ("metadata", "spec", "role_ref", "subject")
"""What of a resource goes to the API server; the rest is Terraform's alone."""

PLURALS = {"limit": "limits", "subject": "subjects"}
TYPES = {"string": types.String, "number": types.Number, "bool": types.Bool}
COLLECTIONS = {"map": types.Map, "list": types.List, "set": types.Set}


class NestedBlock(schema.NestedBlock):
    """A nested block of any nesting; the framework has sets and single ones only."""

    _mode_map: ClassVar = {
        name.lower(): mode for name, mode in protocol.Schema.NestedBlock.NestingMode.items()
    }

    def encode(self, value):
        return value

    def decode(self, value):
        return value

    def semantically_equal(self, a_decoded, b_decoded):
        return a_decoded == b_decoded


def framework_schema(block: Mapping[str, Any]) -> schema.Schema:
    """A published block as the framework's schema."""
    return schema.Schema(attributes=_attributes(block), block_types=_blocks(block))


def to_object(block: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """A block as the API server gets it: what is empty is not sent, but for a block without content."""
    sent = {_camel(name): state.get(name) for name in block.get("attributes", ())}
    sent = {name: value for name, value in sent.items() if value not in (None, "", {}, [])}
    for name, nested in block.get("block_types", {}).items():
        items = [to_object(nested["block"], item or {}) for item in state.get(name) or ()]
        if items:
            sent[_camel(name)] = items[0] if _is_one(nested) else items
    return sent


def to_state(block: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """A block as Terraform has it: every attribute is named, and every block is a list."""
    state = {name: found.get(_camel(name)) for name in block.get("attributes", ())}
    for name, nested in block.get("block_types", {}).items():
        there = found.get(_camel(name), ())
        items = [there] if isinstance(there, dict) else there
        state[name] = [to_state(nested["block"], item) for item in items]
    return state


def api_block(type_name: str) -> dict[str, Any]:
    """What of a type of resource goes to the API server."""
    blocks = RESOURCES[type_name]["block"]["block_types"]
    return {"block_types": {name: nested for name, nested in blocks.items() if name in API_PARTS}}


def _attributes(block: Mapping[str, Any]) -> list[schema.Attribute]:
    return [
        schema.Attribute(name, _type(facts["type"]), **{flag: True for flag in facts if flag != "type"})
        for name, facts in block.get("attributes", {}).items()
    ]


def _blocks(block: Mapping[str, Any]) -> list[NestedBlock]:
    return [
        NestedBlock(
            name,
            nested["nesting_mode"],
            schema.Block(attributes=_attributes(nested["block"]), block_types=_blocks(nested["block"])),
            nested.get("min_items"),
            nested.get("max_items"),
        )
        for name, nested in block.get("block_types", {}).items()
    ]


def _type(written: Any) -> types.TfType:
    if isinstance(written, str):
        return TYPES[written]()
    collection, element = written
    return COLLECTIONS[collection](_type(element))


def _is_one(nested: Mapping[str, Any]) -> bool:
    return nested.get("max_items") == 1


def _camel(name: str) -> str:
    first, *rest = PLURALS.get(name, name).split("_")
    return first + "".join(word.title() for word in rest)

"""What a module asks of a provider that the provider's schema does not have."""

from collections.abc import Iterator, Mapping
from typing import Any

import hcl2

META = {"count", "for_each", "depends_on", "provider", "lifecycle"}
"""Arguments that Terraform itself takes of every resource."""


def misuses(source: str, resources: Mapping[str, Any]) -> Iterator[str]:
    """What in a module's file the provider would refuse, one sentence each.

    Args:
        source: the file, in HCL.
        resources: each type's schema, in the form of `terraform providers schema -json`.
    """
    for found in hcl2.loads(source).get("resource", ()):
        for type_name, named in found.items():
            for name, body in named.items():
                yield from _of_resource(_plain(type_name), _plain(name), body, resources)


def _of_resource(
    type_name: str, name: str, body: Mapping[str, Any], resources: Mapping[str, Any]
) -> Iterator[str]:
    if type_name not in resources:
        yield f"{type_name}.{name}: there is no such resource"
        return
    own = {part: value for part, value in body.items() if part not in META}
    yield from _of_block(f"{type_name}.{name}", own, resources[type_name]["block"])


def _of_block(path: str, body: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    arguments, nested = _parts(body)
    yield from _of_arguments(path, arguments, schema.get("attributes", {}))
    known = schema.get("block_types", {})
    for name, blocks in nested.items():
        if name not in known:
            yield f"{path}: there is no block `{name}`"
            continue
        if len(blocks) > known[name].get("max_items", len(blocks)):
            yield f"{path}: too many blocks `{name}`"
        for block in blocks:
            yield from _of_block(f"{path}.{name}", block, known[name]["block"])
    yield from (
        f"{path}: no block `{name}`"
        for name, facts in known.items()
        if "min_items" in facts and name not in nested
    )


def _of_arguments(path: str, arguments: set[str], known: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(arguments):
        if name not in known:
            yield f"{path}: there is no argument `{name}`"
        elif not known[name].keys() & {"optional", "required"}:
            yield f"{path}: `{name}` can only be read"
    yield from (
        f"{path}: no argument `{name}`"
        for name, facts in known.items()
        if "required" in facts and name not in arguments
    )


def _parts(body: Mapping[str, Any]) -> tuple[set[str], dict[str, list[Any]]]:
    """The arguments of a block, and the blocks in it, those that are made by `dynamic` among them."""
    arguments, nested = set(), {}
    for name, value in body.items():
        if name == "dynamic":
            nested |= {_plain(made): made_by["content"] for one in value for made, made_by in one.items()}
        elif isinstance(value, list) and value and isinstance(value[0], dict) and "__is_block__" in value[0]:
            nested[name] = value
        elif not name.startswith("__"):
            arguments.add(name)
    return arguments, nested


def _plain(label: str) -> str:
    return label.strip('"')

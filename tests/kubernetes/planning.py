"""What the stand-in plans: the provider's defaults, what only the cluster can tell, and what only a new object can have.

As the real one does (https://github.com/hashicorp/terraform-provider-kubernetes, `kubernetes/schema_*.go`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tf.types import Unknown

from tests.kubernetes.shapes import RESOURCES, api_block, to_object, to_state

DEFAULTS = {"namespace": "default", "protocol": "TCP", "wait_for_default_service_account": False}
"""What the provider fills in where an attribute is left out."""

State = dict[str, Any]


def plan(type_name: str, prior: State | None, proposed: State) -> State:
    """The state that is planned: the prior one, or one in which what only the cluster can tell is unknown."""
    normal = {**proposed, **to_state(api_block(type_name), to_object(api_block(type_name), proposed))}
    block = RESOURCES[type_name]["block"]
    planned = filled(block, normal, unknown=False)
    return planned if planned == prior else filled(block, planned, unknown=True)


def filled(block: Mapping[str, Any], state: State, *, unknown: bool) -> State:
    """A block with the provider's defaults, and with what is computed marked as unknown if so wished."""
    complete = dict(state)
    for name, facts in block.get("attributes", {}).items():
        if state[name] is None:
            complete[name] = Unknown if unknown and "computed" in facts else DEFAULTS.get(name)
    for name, nested in block.get("block_types", {}).items():
        if isinstance(state[name], list):
            complete[name] = [filled(nested["block"], item, unknown=unknown) for item in state[name]]
    return complete


def known(value: Any) -> Any:
    """A planned value without what is still unknown."""
    if isinstance(value, dict):
        return {name: known(inner) for name, inner in value.items() if inner is not Unknown}
    return [known(inner) for inner in value] if isinstance(value, list) else value


def unchangeable(type_name: str) -> Iterator[list[Any]]:
    """The paths of what only a new object can have otherwise."""
    blocks = api_block(type_name)["block_types"]
    names = ("name", "namespace", "generate_name")
    yield from (
        ["metadata", (0,), name] for name in names if name in blocks["metadata"]["block"]["attributes"]
    )
    if "role_ref" in blocks:
        yield from (["role_ref", (0,), name] for name in blocks["role_ref"]["block"]["attributes"])

"""What finds a field's value."""

from collections.abc import Callable, Mapping
from typing import Any

from controller.sandbox.rest.call import Call

Arguments = Mapping[str, Any]
Resolver = Callable[[Call, Any, Arguments], Any]
"""The call, the record that the field is of, and the field's arguments."""
Fields = Mapping[str, Mapping[str, Resolver]]
"""Resolvers by type and field."""

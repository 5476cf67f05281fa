"""Pattern: a regular expression that anybody may have proposed, matched in linear time whatever it is.

Python's own would let `^([a-z]+)+$` run for hours; pydantic has Rust's (https://docs.rs/regex/latest/regex/#untrusted-input).
"""

from functools import lru_cache
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from controller.core.mistake import mistake


def checked(pattern: str | None) -> str | None:
    """The pattern, if it is one.

    Raises:
        ValueError: it is none, as pydantic's validators want it.
    """
    try:
        if pattern is not None:
            _matcher(pattern)
    except SchemaError as error:
        way_out = "Write it without look-around: https://docs.rs/regex/latest/regex/#syntax."
        raise mistake("this is no regular expression", way_out) from error
    return pattern


def matches(pattern: str, text: str) -> bool:
    """Whether it matches anywhere in a text."""
    try:
        _matcher(pattern).validate_python(text)
    except ValidationError:
        return False
    return True


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> TypeAdapter[str]:
    return TypeAdapter(Annotated[str, Field(pattern=pattern)])

"""What a forge refuses, in GitHub's words and with GitHub's status codes."""

from collections.abc import Mapping
from typing import Any


class RefusedError(Exception):
    """A request that GitHub would refuse.

    See https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api.

    Args:
        status: The HTTP status code.
        message: GitHub's sentence.
        errors: The items of a validation error: `{"resource", "field", "code", "message"}`, or sentences.
        docs: The page to point to, where it is not the endpoint's.
        headers: Headers of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        errors: tuple[dict[str, Any] | str, ...] = (),
        *,
        docs: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors
        self.docs, self.headers = docs, headers or {}


def not_found() -> RefusedError:
    """What does not exist and what the token may not see look the same."""
    return RefusedError(404, "Not Found")


def forbidden(message: str) -> RefusedError:
    """What the token may see but not do."""
    return RefusedError(403, message)


def conflict(message: str) -> RefusedError:
    """What the state of things does not allow."""
    return RefusedError(409, message)


def invalid(resource: str, message: str, field: str | None = None, code: str = "custom") -> RefusedError:
    """A validation error with one item.

    Args:
        resource: GitHub's name of the noun, such as `PullRequest`.
        message: What is wrong with it.
        field: The field that is wrong, if it is one.
        code: `custom`, `invalid`, `missing`, `missing_field` or `already_exists`.
    """
    item = {"resource": resource, "field": field, "code": code, "message": message}
    return RefusedError(
        422, "Validation Failed", ({name: value for name, value in item.items() if value is not None},)
    )


def unprocessable(message: str) -> RefusedError:
    """A body that is not of the form that the endpoint takes."""
    return RefusedError(422, message)


def entity(sentence: str) -> RefusedError:
    """A well-formed wish that the rules do not allow, in the form that pulls and reviews use."""
    return RefusedError(422, "Unprocessable Entity", (sentence,))

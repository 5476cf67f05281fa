"""Reading an answer: as what it should be, or for what GitHub says is wrong."""

from typing import Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from controller.errors import GitHubError

T = TypeVar("T")


class Data(BaseModel, Generic[T]):
    """What GraphQL answers where all is well: https://spec.graphql.org/October2021/#sec-Data."""

    data: T


class Mistake(BaseModel):
    """What is wrong with one part of what was asked; GraphQL alone gives a `type`."""

    message: str | None = None
    field: str | None = None
    code: str | None = None
    type: str = ""

    def text(self) -> str:
        """GitHub's sentence, or what it says instead."""
        return self.message or " ".join(part for part in (self.field, self.code, self.type) if part)


class Refusal(BaseModel):
    """https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api."""

    message: str
    errors: list[Mistake | str] = []

    def text(self) -> str:
        """GitHub's sentence, and what it says of single fields."""
        details = [error if isinstance(error, str) else error.text() for error in self.errors]
        return ": ".join([self.message, *filter(None, ["; ".join(details)])])


class _Mistaken(BaseModel):
    errors: list[Mistake] = []


def mistakes(text: str) -> list[Mistake]:
    """What GraphQL says is wrong with what was asked; nothing, where an answer is none of GraphQL's."""
    try:
        return _Mistaken.model_validate_json(text).errors
    except ValidationError:
        return []


def read(shape: type[T], text: str, question: str) -> T:
    """Read an answer.

    Args:
        shape: What it should be.
        text: Its body.
        question: What was asked, for the error.

    Raises:
        GitHubError: It is something else, a proxy's page for example.
    """
    try:
        return TypeAdapter(shape).validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise GitHubError(
            f"GitHub's answer to {question} cannot be read: {where or 'it'}: {first['msg']}"
        ) from None


def refusal(text: str) -> str:
    """What an answer that is an error says."""
    try:
        return Refusal.model_validate_json(text).text()
    except ValidationError:
        return ""

"""What goes wrong in a GraphQL request: https://docs.github.com/graphql/guides/forming-calls-with-graphql."""

from controller.sandbox.errors import RefusedError

_KINDS = {403: "FORBIDDEN", 404: "NOT_FOUND"}


class Problem(Exception):
    """Something that is asked for and cannot be had, in GitHub's words.

    Args:
        kind: GitHub's word for it, such as `NOT_FOUND`.
        message: GitHub's sentence.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


def of_refusal(refused: RefusedError) -> Problem:
    """What the REST API would refuse, as a problem."""
    words = [one if isinstance(one, str) else one.get("message") for one in refused.errors]
    kind = _KINDS.get(refused.status, "UNPROCESSABLE")
    return Problem(kind, next((word for word in words if word), refused.message))

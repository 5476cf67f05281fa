"""Arguments that several verbs take."""

import typer

from controller.core.identity import RequestId


def request_id(text: str) -> RequestId:
    """A request's identity as a person writes it.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        return RequestId.parse(text)
    except ValueError as error:
        raise typer.BadParameter("a request is environment/kind/name") from error

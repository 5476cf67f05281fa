"""Findings: everything wrong in one tree, as `validate` tells it."""

from controller.core.rejection import Rejection
from controller.core.wanted import Wanted


def findings(wanted: Wanted, catalogue: tuple[Rejection, ...]) -> tuple[Rejection, ...]:
    """Every rejection of a tree: its catalogue's, as `inspect` finds them, then its requests'."""
    refused = wanted.requests.refused
    return (
        *catalogue,
        *(rejection for path in sorted(refused) for rejection in refused[path]),
    )


def as_workflow_command(rejection: Rejection) -> str:
    """A rejection as GitHub Actions annotates it.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
    """
    place = f"file={_property(rejection.path)},line={rejection.line},col={rejection.column}"
    field = f"{rejection.field}: " if rejection.field else ""
    return f"::error {place}::{_data(f'{field}{rejection.problem}. {rejection.way_out}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""Stream: the lines of JSON that `terraform plan -json` and `apply -json` print.

https://developer.hashicorp.com/terraform/internals/machine-readable-ui; sensitive values are masked in it by Terraform.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Diagnostic:
    """An error or a warning of Terraform's own."""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""


@dataclass(frozen=True)
class Stream:
    """What a step said: its diagnostics, how far it came (addresses), and the outputs it printed (name → JSON).

    A replacement is begun and completed twice, once to destroy and once to create.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    completed: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()
    outputs: Mapping[str, Any] | None = None

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "warning")

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Addresses that were begun and not completed: half-made, or untouched."""
        return tuple(address for address in self.begun if address not in self.completed)


def read_stream(text: str) -> Stream:
    """Read what a step printed; lines that are no JSON objects are passed over."""
    messages = list(_messages(text))
    outputs = [message["outputs"] for message in messages if message.get("type") == "outputs"]
    begun = Counter(_addresses(messages, "apply_start"))
    completed = Counter(_addresses(messages, "apply_complete"))
    return Stream(
        diagnostics=tuple(
            _diagnostic(message["diagnostic"]) for message in messages if message.get("type") == "diagnostic"
        ),
        completed=tuple(address for address, times in completed.items() if times >= begun[address]),
        begun=tuple(begun),
        outputs={name: output.get("value") for name, output in outputs[-1].items()} if outputs else None,
    )


def readable(line: str) -> str:
    """One line of a stream as a person reads it in a log, with its diagnostic's detail; empty for what says nothing."""
    message = _message(line)
    if message is None:
        return line.rstrip("\n")
    if message.get("type") in {"version", "outputs"}:
        return ""
    detail = message.get("diagnostic", {}).get("detail", "")
    return "\n".join(part for part in (message.get("@message", ""), detail) if part)


def _messages(text: str) -> Iterator[Mapping[str, Any]]:
    return (message for line in text.split("\n") if (message := _message(line)) is not None)


def _message(line: str) -> Mapping[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def _diagnostic(raw: Mapping[str, Any]) -> Diagnostic:
    return Diagnostic(
        raw.get("severity", ""), raw.get("summary", ""), raw.get("detail", ""), raw.get("address", "")
    )


def _addresses(messages: list[Mapping[str, Any]], type_: str) -> Iterator[str]:
    return (message["hook"]["resource"]["addr"] for message in messages if message.get("type") == type_)

"""Environment: where a request lives: its credentials, state backend and rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from controller.core.document import read_document
from controller.core.mistake import mistake
from controller.core.parameter import Choice
from controller.core.rejection import Rejection

OURS = frozenset({"REDIS_URL", "DATABASE_URL"})
OURS_PREFIX = "INFRAUTOMATER_"
"""What opens GitHub, the ledger or the broker is for the controller alone."""
_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
VariableName = Annotated[str, StringConstraints(pattern=_VARIABLE)]
Approver = Annotated[
    str,
    StringConstraints(pattern=r"^(@[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+)?|write|maintain|admin)$"),
]


class Mode(StrEnum):
    """Whether merges are applied, or only planned (the dry run)."""

    APPLY = "apply"
    PLAN_ONLY = "plan_only"


class DestroyRule(StrEnum):
    """What happens when a request's file is deleted."""

    ALLOW = "allow"
    CONFIRM = "confirm"
    REFUSE = "refuse"


class _Format(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Credentials(_Format):
    """Names of the variables that Terraform may see, and what plans see instead."""

    pass_env: tuple[VariableName, ...] = ()
    plan_env: Mapping[VariableName, str] = Field(default_factory=dict)

    @field_validator("pass_env")
    @classmethod
    def _are_not_the_controllers(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        ours = [name for name in names if name.startswith(OURS_PREFIX) or name in OURS]
        if ours:
            raise mistake(f"`{ours[0]}` is the controller's own and never reaches Terraform", "Delete it.")
        return names


STATE_KEYS: Mapping[str, str] = {
    "local": "path",
    "s3": "key",
    "pg": "schema_name",
    "gcs": "prefix",
    "azurerm": "key",
    "consul": "path",
    "oci": "key",
}
"""The backends that can hold many states in one place, and their setting that says which; that one is ours."""


class StateBackend(_Format):
    """A backend of Terraform's (https://developer.hashicorp.com/terraform/language/backend); the key is ours."""

    type: str = "local"
    config: Mapping[str, Any] = Field(default_factory=dict)

    @field_validator("type")
    @classmethod
    def _keeps_many_states(cls, type_: str) -> str:
        if type_ not in STATE_KEYS:
            raise PydanticCustomError("choice", "not one of the choices", {"choices": tuple(STATE_KEYS)})
        return type_

    @model_validator(mode="after")
    def _leaves_the_key_alone(self) -> Self:
        key = STATE_KEYS[self.type]
        if key in self.config:
            raise mistake(f"`{key}` is set for each request", f"Delete `{key}` from `config`.")
        if self.type == "local" and self.config:
            way_out = "Delete `config`, or name another backend."
            raise mistake("`local` takes no `config`, as states live in the data directory", way_out)
        return self


class ApprovalRule(_Format):
    """Who may approve, how many must, and whether the author counts."""

    required: int = Field(default=1, ge=0, le=10)
    approvers: tuple[Approver, ...] = Field(default=("write",), alias="from")
    author: bool = False

    @field_validator("approvers")
    @classmethod
    def _names_somebody(cls, approvers: tuple[str, ...]) -> tuple[str, ...]:
        if not approvers:
            way_out = "Name somebody: `@user`, `@org/team`, `write`, `maintain` or `admin`."
            raise mistake("nobody could approve, or release what is held", way_out)
        return approvers


class Quotas(_Format):
    """How many requests of a kind a team may have."""

    default: Mapping[str, int] = Field(default_factory=dict)
    teams: Mapping[str, Mapping[str, int]] = Field(default_factory=dict)


class Budget(_Format):
    """What a team may spend in a month."""

    default: float | None = None
    teams: Mapping[str, float] = Field(default_factory=dict)
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")


class EnvironmentFormat(_Format):
    """`terraform/environments/<name>.yaml` as the platform team writes it."""

    title: str
    mode: Mode = Mode.APPLY
    kinds: tuple[str, ...]
    limits: Mapping[str, Mapping[str, tuple[Choice, ...]]] = Field(default_factory=dict)
    providers: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    credentials: Credentials = Field(default_factory=Credentials)
    state: StateBackend = Field(default_factory=StateBackend)
    values: Mapping[str, Any] = Field(default_factory=dict)
    approvals: ApprovalRule = Field(default_factory=ApprovalRule)
    destroy: DestroyRule = DestroyRule.CONFIRM
    quotas: Quotas = Field(default_factory=Quotas)
    budget: Budget | None = None


@dataclass(frozen=True)
class Environment:
    """An environment by its name."""

    name: str
    format: EnvironmentFormat


def read_environment(name: str, path: str, blob: bytes) -> Environment | tuple[Rejection, ...]:
    """Read an environment's file."""
    document = read_document(path, blob)
    if isinstance(document, Rejection):
        return (document,)
    read = document.into(EnvironmentFormat)
    return read if isinstance(read, tuple) else Environment(name, read)

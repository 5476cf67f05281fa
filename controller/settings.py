"""The whole configuration, read once: `INFRAUTOMATER_*`, and plain `REDIS_URL` and `DATABASE_URL`.

A secret may also be given as a file: `INFRAUTOMATER_GITHUB_TOKEN_FILE=/run/secrets/token`.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from controller.capacity import read_machine, runs_at_a_time
from controller.core.environment import Mode
from controller.core.rejection import nearest
from controller.errors import SettingsError

PREFIX = "INFRAUTOMATER_"
_MEGABYTE = 1024 * 1024


class Settings(BaseSettings):
    """Every setting with its default; durations are in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    repository: str = Field(
        default="", pattern=r"^([\w.-]+/[\w.-]+)?$", description="The configuration repository, `owner/name`."
    )
    github_url: str = Field(default="https://api.github.com", description="The base of GitHub's API.")
    git_url: str = Field(
        default="https://github.com", description="Where git fetches from, without `owner/name`."
    )
    github_token: SecretStr = Field(
        default=SecretStr(""),
        description="A token that may read the repository and write comments and statuses.",
    )
    github_app_id: str = Field(
        default="", description="The id or client id of a GitHub App, in place of a token."
    )
    github_app_key: SecretStr = Field(
        default=SecretStr(""), description="The App's private key, in PEM form."
    )
    github_pause: float = Field(default=1.0, ge=0, description="Seconds between two writes to GitHub.")
    webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(), description="Secrets of the webhook, separated by commas; several while they are rotated."
    )

    data: Path = Field(
        default=Path("~/.local/share/infrautomater"),
        description="Where state, caches and the embedded stores live.",
    )
    redis_url: str = Field(
        default="",
        validation_alias=AliasChoices(f"{PREFIX}REDIS_URL", "REDIS_URL"),
        repr=False,
        description="The broker; an embedded one where it is empty.",
    )
    database_url: str = Field(
        default="",
        validation_alias=AliasChoices(f"{PREFIX}DATABASE_URL", "DATABASE_URL"),
        repr=False,
        description="The ledger; SQLite in the data directory where it is empty.",
    )
    plan_key: SecretStr = Field(
        default=SecretStr(""),
        description="The HMAC key of reviewed plans; made in the data directory where it is empty.",
    )
    single_machine: bool = Field(
        default=False, description="Lets the `local` state backend be used with PostgreSQL."
    )

    mode: Mode = Field(
        default=Mode.APPLY, description="`plan_only` overrides every environment: nothing is applied."
    )
    terraform: str = Field(
        default="",
        description="Path of `terraform` or `tofu`; looked for on the PATH, then in the wheel, where it is empty.",
    )
    provider_mirror: Path | None = Field(
        default=None,
        description="A filesystem mirror of providers; only providers in it may be used. Where it is empty one is looked for, and registries are asked for the rest.",
    )
    step_timeout: float = Field(default=600.0, gt=0, description="How long init, plan and show may take.")
    apply_timeout: float = Field(default=3600.0, gt=0, description="How long an apply or a destroy may take.")
    lock_timeout: float = Field(
        default=660.0,
        ge=0,
        description="How long a step waits for the state's lock, beside its own time; a former worker's Terraform may take 600 s to save its state.",
    )

    host: str = Field(default="127.0.0.1", description="Where the listener listens.")
    port: int = Field(default=8080, ge=0, le=65535, description="The listener's port.")
    public_url: str = Field(
        default="", description="Where people reach the pages; links in comments begin with it."
    )
    body_limit: int = Field(
        default=25 * _MEGABYTE, gt=0, description="The largest delivery; GitHub's own limit is 25 MB."
    )

    threads: int = Field(
        default_factory=lambda: runs_at_a_time(read_machine()),
        ge=1,
        description="Terraform runs at a time, plans and applies each; containers' limits count.",
    )
    least_disk: int = Field(
        default=200 * _MEGABYTE,
        ge=0,
        description="A worker whose data directory has less room left takes no runs; 0 turns that off.",
    )
    lease: float = Field(
        default=40.0, gt=0, description="When a run whose worker is not heard of is given to another."
    )
    heartbeat: float = Field(default=5.0, gt=0, description="How often a worker renews its lease.")
    silence: float = Field(
        default=20.0,
        gt=0,
        description="How long the guard waits for a heartbeat before it interrupts Terraform.",
    )
    drain: float = Field(default=3600.0, ge=0, description="How long a stopping worker lets a run finish.")
    sweep_every: float = Field(
        default=5.0, gt=0, description="How often leases and unsent calls are looked after."
    )
    reconcile_every: float = Field(
        default=300.0, gt=0, description="How often the default branch is compared with the ledger."
    )

    @field_validator("webhook_secrets", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("github_token", mode="after")
    @classmethod
    def _one_word(cls, value: SecretStr) -> SecretStr:
        """A token goes into a header: white space around it is dropped, and within it is a mistake."""
        token = value.get_secret_value().strip()
        if len(token.split()) > 1:
            raise ValueError("a token is one word")
        return SecretStr(token)

    @field_validator("github_app_key", mode="after")
    @classmethod
    def _unfolded(cls, value: SecretStr) -> SecretStr:
        """A key that some tool folded into one line has its line breaks back."""
        return SecretStr(value.get_secret_value().replace("\\n", "\n"))

    @model_validator(mode="after")
    def _one_account(self) -> Self:
        app = bool(self.github_app_id), bool(self.github_app_key.get_secret_value())
        if any(app) and not all(app):
            raise ValueError(f"a GitHub App needs both {PREFIX}GITHUB_APP_ID and {PREFIX}GITHUB_APP_KEY")
        if all(app) and self.github_token.get_secret_value():
            raise ValueError(f"{PREFIX}GITHUB_TOKEN and {PREFIX}GITHUB_APP_ID are both set: give one of them")
        return self

    @model_validator(mode="after")
    def _stopped_before_it_is_handed_on(self) -> Self:
        """A worker stops its Terraform before another may begin, and not between two heartbeats."""
        if not self.heartbeat < self.silence < self.lease:
            names = ("heartbeat", "silence", "lease")
            given = ", ".join(f"{PREFIX}{name.upper()} ({getattr(self, name):g})" for name in names)
            raise ValueError(
                f"{given}: each must be longer than the one before it, so that Terraform is stopped only where heartbeats "
                "fail to come, and before another worker takes the run over: set the others too, in proportion"
            )
        return self

    @field_validator("data", "provider_mirror", mode="after")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value else None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- pydantic-settings passes it by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then files named by `…_FILE`, then the environment; no dotenv file is ever read."""
        return init_settings, _SecretFiles(settings_cls), env_settings

    @property
    def ledger_url(self) -> str:
        """The ledger's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.data / 'ledger.sqlite'}"

    @property
    def pages_url(self) -> str:
        """The base of links to the pages, without a closing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


class _SecretFiles(PydanticBaseSettingsSource):
    """`INFRAUTOMATER_<NAME>_FILE`: the secret is the file's content, without the closing line break."""

    def get_field_value(self, _field: Any, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file that is named for this field, or None."""
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        return (Path(path).read_text(encoding="utf-8").strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        names = (name for name in self.settings_cls.model_fields if name in SECRETS)
        values = {name: self.get_field_value(None, name)[0] for name in names}
        return {name: value for name, value in values.items() if value is not None}


SECRETS = frozenset({"github_token", "github_app_key", "webhook_secrets", "plan_key"})

_INSTEAD = {"github_token": ("github_app_id", "github_app_key")}
"""What does as well: a GitHub App is as good as a token."""


def read_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment; arguments win.

    Raises:
        SettingsError: a value does not fit, a secret's file cannot be read, or a name is not known.
    """
    _refuse_unknown(os.environ)
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("; ".join(_told(one) for one in error.errors(include_url=False))) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"a secret's file cannot be read: {error}") from error


def need(settings: Settings, *names: str) -> None:
    """Raises SettingsError where one of these settings is empty, and what does as well is too."""
    missing = [name for name in names if not _is_given(settings, name)]
    if missing:
        wanted = " and ".join(_wanted(name) for name in missing)
        raise SettingsError(f"{wanted} must be set (docs/operating.md has every setting)")


def _is_given(settings: Settings, name: str) -> bool:
    ways = [(name,), _INSTEAD.get(name, (name,))]
    return any(all(_plain(getattr(settings, one)) for one in way) for way in ways)


def _wanted(name: str) -> str:
    others = " and ".join(_name((one,)) for one in _INSTEAD.get(name, ()))
    return f"{_name((name,))} (or {others})" if others else _name((name,))


def _plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and name not in known:
            raise SettingsError(f"{name} is not a setting. {nearest(name.upper(), known)}")


def _told(detail: ErrorDetails) -> str:
    said = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "string_pattern_mismatch":
        said = "write it as owner/name"  # the repository is the only setting with a pattern
    return f"{_name(detail['loc'])}: {said}" if detail["loc"] else said


def _name(loc: tuple[int | str, ...]) -> str:
    name = str(loc[0]) if loc else "settings"
    return name if name.isupper() else f"{PREFIX}{name.upper()}"

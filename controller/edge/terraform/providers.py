"""Providers without waste: fetched once per version and machine, linked into workspaces, verified once."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from controller.edge.terraform.configuration import offline, online
from controller.edge.terraform.engine import Engine
from controller.edge.terraform.mirror import Origin
from controller.edge.terraform.ready import Ready, find, keep, key, take
from controller.edge.terraform.store import adopt
from controller.ports import Job

_CONCERNS = re.compile(r"^.*Error: .*provider", re.IGNORECASE | re.MULTILINE)
"""Terraform's errors about providers: `Failed to query available provider packages`, `Failed to install provider` …"""


@dataclass(frozen=True)
class Providers:
    """Where this machine's providers come from, and what of them is here already, below the data directory."""

    data: Path
    engine: Engine
    origin: Origin

    @property
    def store(self) -> Path:
        """Packages that were fetched."""
        return self.data / "providers"

    @property
    def shelf(self) -> Path:
        """What earlier inits left behind."""
        return self.data / "ready"

    @cached_property
    def online(self) -> str:
        """The configuration of an init that may fetch."""
        return online(self.origin, self.store)

    @cached_property
    def afresh(self) -> str:
        """The configuration of an init that is to fetch, whatever was fetched before."""
        return online(self.origin, None)

    @cached_property
    def offline(self) -> str:
        """The configuration of an init that needs nothing from elsewhere."""
        return offline(self.origin, self.store)

    def find(self, job: Job) -> Ready | None:
        """What an earlier init left behind and this job may have."""
        known = key(job, self.engine, self.online)
        return find(self.shelf, known, job, self.origin) if known else None

    def keep(self, job: Job, root: Path) -> None:
        """After an init: store what it fetched, and keep what it made for others."""
        adopt(root, self.store)
        known = key(job, self.engine, self.online)
        ready = take(root, job, self.origin) if known else None
        if known and ready:
            keep(self.shelf, known, ready)

    def is_worth_fetching(self, errors: str) -> bool:
        """Whether an init failed for what was fetched before, and not for what can be fetched."""
        return self.origin.fetches and "checksums" in errors

    def explain(self, errors: str) -> str:
        """What Terraform's error cannot say where a provider was not to be had; empty where it is about something else."""
        if not _CONCERNS.search(errors):
            return ""
        asked = "and registries for the rest" if self.origin.direct else "and no registry was asked"
        return (
            f"\nWhere providers were looked for: {self.origin.looked}; {asked}.\n"
            "Put the provider into a mirror and name it in INFRAUTOMATER_PROVIDER_MIRROR (`terraform providers mirror FOLDER` "
            "makes one where the registry can be reached), or let this machine reach the registry, by HTTPS_PROXY for example.\n"
        )

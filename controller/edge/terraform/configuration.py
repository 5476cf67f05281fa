"""Terraform's CLI configuration, written by us for each run: where providers are installed from.

https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

import json
from collections.abc import Sequence
from pathlib import Path

from controller.edge.terraform.mirror import Origin


def online(origin: Origin, store: Path | None) -> str:
    """For an init that may fetch packages: what was fetched before, then mirrors, then registries where they may be used.

    Registries are not asked for what a mirror holds.
    """
    stored = (store,) if store and origin.fetches else ()
    return _configuration(
        [*_mirrors((*stored, *origin.mirrors)), *([_direct(origin)] if origin.direct else [])]
    )


def offline(origin: Origin, store: Path) -> str:
    """For an init that needs only what is on this machine already."""
    return _configuration(_mirrors((store, *origin.mirrors)))


def _configuration(methods: Sequence[str]) -> str:
    return "\n".join(["disable_checkpoint = true", "provider_installation {", *methods, "}", ""])


def _mirrors(folders: Sequence[Path]) -> list[str]:
    return [f"  filesystem_mirror {{\n    path = {_quoted(str(path))}\n  }}" for path in folders]


def _direct(origin: Origin) -> str:
    held = ", ".join(map(_quoted, origin.held()))
    return f"  direct {{\n    exclude = [{held}]\n  }}"


def _quoted(text: str) -> str:
    """A string of HCL; `${` and `%{` would begin a template."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")

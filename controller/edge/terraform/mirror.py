"""Where providers come from: Terraform's CLI configuration, written by us for each run.

https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

REGISTRIES = ("registry.terraform.io", "registry.opentofu.org")
"""A mirror has a folder for each registry; one with neither of these is none for us."""


def find_mirrors(configured: Path | None, worker: Mapping[str, str]) -> tuple[Path, ...]:
    """The mirrors to use: the configured folder, or else what Terraform itself would look into.

    Args:
        configured: a mirror, or a folder with mirrors up to two levels below.
        worker: the worker's environment, for its home folder.
    """
    if configured is not None:
        return _search(configured.absolute(), depth=2) or (configured.absolute(),)
    return tuple(path for path in _implied(worker) if _is_mirror(path))


def cli_config(mirrors: Sequence[Path]) -> str:
    """The configuration: what a mirror holds and nothing else, or the registries where there is no mirror.

    So a mirror is also the list of the providers that are allowed.
    """
    methods = [f"  filesystem_mirror {{\n    path = {_quoted(path)}\n  }}" for path in mirrors] or [
        "  direct {}"
    ]
    return "\n".join(["disable_checkpoint = true", "provider_installation {", *methods, "}", ""])


def _quoted(path: Path) -> str:
    """A path as a string of HCL; `${` and `%{` would begin a template."""
    return json.dumps(str(path), ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _implied(worker: Mapping[str, str]) -> Iterator[Path]:
    """https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories."""
    if home := worker.get("HOME"):
        yield Path(home, ".terraform.d/plugins")
        yield Path(worker.get("XDG_DATA_HOME") or f"{home}/.local/share", "terraform/plugins")
    for folder in (worker.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
        yield Path(folder, "terraform/plugins")


def _search(folder: Path, depth: int) -> tuple[Path, ...]:
    if _is_mirror(folder):
        return (folder,)
    below = sorted(path for path in folder.glob("*/") if not path.is_symlink()) if depth else []
    return tuple(mirror for path in below for mirror in _search(path, depth - 1))


def _is_mirror(folder: Path) -> bool:
    return any((folder / registry).is_dir() for registry in REGISTRIES)

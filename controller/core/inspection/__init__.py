"""Inspection: everything in a catalogue that works, or seems to, and should not be merged.

`read_catalogue` is cheap and asked at each look; this reads every module, and is asked by `validate`, for pulls that touch
`terraform/`, and once for each new tip. What it finds keeps no kind and no environment from being used.
"""

from collections.abc import Collection, Iterator, Mapping

from controller.core.catalogue import MODULES, Catalogue, environment_path, modules, read_catalogue
from controller.core.document import read_document
from controller.core.inspection.access import access_mistakes
from controller.core.inspection.environments import environment_mistakes
from controller.core.inspection.kinds import kind_mistakes
from controller.core.inspection.lint import lint
from controller.core.inspection.providers import provider_mistakes
from controller.core.kind import Kind, is_module_file
from controller.core.module import Module, read_module
from controller.core.rejection import Rejection

TOO_MUCH = Rejection(
    "terraform",
    1,
    1,
    "",
    "the catalogue takes too long, or too much memory, to be looked at",
    "Make its files smaller.",
)
"""What is said of a catalogue that whoever inspects it gave up on."""


def inspect(files: Mapping[str, bytes]) -> tuple[Rejection, ...]:
    """Every mistake in the files under `terraform/` (path from the top → content), in the order of the files."""
    catalogue = read_catalogue(files)
    folders = {name: _loaded(folder) for name, folder in modules(files).items()}
    read = {name: read_module(f"{MODULES}/{name}", folder) for name, folder in folders.items()}
    found = [*catalogue.rejections]
    for name, module in read.items():
        found += _kind(f"{MODULES}/{name}", folders[name], catalogue.kinds.get(name), module)
    found += _environments(files, catalogue, read)
    return tuple(sorted(set(found)))


def blamed(
    before: Collection[Rejection], after: Collection[Rejection], paths: Collection[str]
) -> tuple[Rejection, ...]:
    """The mistakes that a change is to blame for: those in the files it touches, and those that were not there before.

    A variable that is taken out of a `.tf` file is a mistake in a kind.yaml that nobody touched.
    """
    return tuple(each for each in after if each.path in paths or each not in before)


def _loaded(folder: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """What of a module's folder Terraform may read, and its kind.yaml."""
    return {path: blob for path, blob in folder.items() if path == "kind.yaml" or is_module_file(path)}


def _kind(root: str, files: Mapping[str, bytes], kind: Kind | None, module: Module) -> Iterator[Rejection]:
    yield from module.unread
    yield from lint(root, files, module, is_rehearsal=kind is None or kind.format.rehearsal)
    document = read_document(f"{root}/kind.yaml", files["kind.yaml"])
    if kind is None or module.unread or isinstance(document, Rejection):
        return
    yield from provider_mistakes(document, kind.format, module)
    yield from kind_mistakes(document, kind.format, module)


def _environments(
    files: Mapping[str, bytes], catalogue: Catalogue, read: Mapping[str, Module]
) -> Iterator[Rejection]:
    kinds = {name: (kind, read[name]) for name, kind in catalogue.kinds.items()}
    for name, environment in catalogue.environments.items():
        path = environment_path(name)
        document = read_document(path, files[path])
        if not isinstance(document, Rejection):
            yield from environment_mistakes(document, environment.format, kinds, read.keys())
            yield from access_mistakes(document, environment.format)

"""Lint: what a vetted module never does, since it runs programs, or makes each plan another one.

It finds mistakes and is no prison: whoever merges a module decides what Terraform does.
"""

import posixpath
from collections.abc import Iterator, Mapping

from controller.core.hcl import Block, Call
from controller.core.inspection.reading import Words, calls_of_templates, read_elsewhere, read_in_template
from controller.core.module import Module, called_folder, folder_of
from controller.core.rejection import Rejection

_CHANGING = frozenset({"timestamp", "plantimestamp", "uuid", "bcrypt"})
REFUSED_DATA: Mapping[str, Words] = {
    "external": (
        "an `external` data source runs a program with the worker's credentials",
        "Give the value as a variable, or find a data source that asks the cloud for it.",
    ),
    "http": (
        "an `http` data source sends to whatever address it is given, and brings other values with each plan",
        "Give the value as a variable, by `constant` or by the environment's `values`.",
    ),
}
_BLOCKS: Mapping[str, Words] = {
    "provider": (
        "a module that holds a provider's settings cannot be called with those of the environment",
        "Move the settings to `providers` of the environments, and delete the block.",
    ),
    "connection": (
        "`connection` is for provisioners, and those run programs",
        "Delete it.",
    ),
    "import": (
        "Terraform takes `import` in a root module only",
        "Delete it, and bring the object in by hand before the request is merged.",
    ),
}
_SETTINGS = frozenset({"backend", "cloud"})


def lint(root: str, files: Mapping[str, bytes], module: Module, *, is_rehearsal: bool) -> Iterator[Rejection]:
    """What a module may not do; of a rehearsal one `local-exec` is taken."""
    yield from _odd_files(root, files)
    blocks = [block for top in module.blocks for block in top.walk()]
    for block in blocks:
        yield from (block.reject(*words) for words in _refused(root, files, block))
        yield from _called_in(root, files, block)
    yield from _called_in_templates(root, files, blocks)
    yield from _provisioners(blocks, is_rehearsal=is_rehearsal)


def _odd_files(root: str, files: Mapping[str, bytes]) -> Iterator[Rejection]:
    """Files that Terraform or OpenTofu would load, and that are not looked at here."""
    for path in sorted(files):
        name = posixpath.basename(path)
        if name.endswith((".tf.json", ".tofu", ".tofu.json")):
            problem, way_out = (
                f"`{name}` is loaded by Terraform and cannot be looked at here",
                "Write it as a `.tf` file.",
            )
        elif name == "override.tf" or name.endswith("_override.tf"):
            problem = f"`{name}` overrides what the other files say (https://developer.hashicorp.com/terraform/language/files/override)"
            way_out = "Change the other files, and delete it."
        else:
            continue
        yield Rejection(f"{root}/{path}", 1, 1, "", problem, way_out)


def _refused(root: str, files: Mapping[str, bytes], block: Block) -> Iterator[Words]:
    if block.type == "data" and block.labels and block.labels[0] in REFUSED_DATA:
        yield REFUSED_DATA[block.labels[0]]
    elif block.type in _BLOCKS:
        yield _BLOCKS[block.type]
    elif block.type == "terraform":
        named = [inner.type for inner in block.blocks if inner.type in _SETTINGS]
        if named:
            way_out = "Delete it: where states live is for the environment's `state` to say."
            yield f"`{named[0]}` has no effect in a module that is called", way_out
    elif block.type == "module":
        yield from _calls_out(root, files, block)


def _calls_out(root: str, files: Mapping[str, bytes], block: Block) -> Iterator[Words]:
    called = called_folder(block, folder_of(block, root))
    if called is None:
        problem = "a module from elsewhere may be another one tomorrow, and nobody here has seen it"
        yield problem, 'Copy it into this folder, and say `source = "./its-folder"`.'
    elif not any(posixpath.dirname(path) == called and path.endswith(".tf") for path in files):
        yield f"there is no module in `{called}`", "Add its `.tf` files, or mend `source`."


def _called_in(root: str, files: Mapping[str, bytes], block: Block) -> Iterator[Rejection]:
    folder = folder_of(block, root)
    for attribute in block.attributes.values():
        for call in attribute.calls:
            refused = (*_called(call), *read_elsewhere(call, attribute, folder, files))
            yield from (block.reject(*words, call) for words in refused)


def _called_in_templates(root: str, files: Mapping[str, bytes], blocks: list[Block]) -> Iterator[Rejection]:
    for found in calls_of_templates(root, files, blocks):
        if isinstance(found, Rejection):
            yield found
            continue
        path, call = found
        for words in (*_called(call), *read_in_template(call)):
            yield Rejection(path, call.line, call.column, "", *words)


def _called(call: Call) -> Iterator[Words]:
    name = call.name
    if name in _CHANGING:
        problem = (
            f"`{name}()` gives another value at each plan, so that what was reviewed never is what happens"
        )
        yield problem, "Take the value from a variable, or from an attribute of a resource that keeps it."
    elif name == "templatestring":
        problem = "`templatestring()` evaluates a text, which may be a requester's, as a template"
        yield problem, "Use `templatefile` with a file of the module, or `replace`."


def _provisioners(blocks: list[Block], *, is_rehearsal: bool) -> Iterator[Rejection]:
    found = [block for block in blocks if block.type == "provisioner"]
    pretended = [block for block in found if is_rehearsal and block.labels == ("local-exec",)][:1]
    for block in found:
        if block not in pretended:
            yield block.reject(
                "a provisioner runs a program, and no plan shows what it does",
                "Use a resource of the provider; one `local-exec` is for kinds with `rehearsal: true`.",
            )

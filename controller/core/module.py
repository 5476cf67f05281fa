"""Module: a kind's own files of Terraform, as Terraform would load them: what they declare, and whom they need.

https://developer.hashicorp.com/terraform/language/files
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from controller.core.hcl import Block, Expression, read_hcl
from controller.core.rejection import Rejection

LOCK_FILE = ".terraform.lock.hcl"
MAX_BYTES = 256 * 1024
"""Of one module, in all: reading HCL takes about five seconds a MiB, and anybody may propose a module."""

HOSTS = ("registry.terraform.io", "registry.opentofu.org")


@dataclass(frozen=True)
class Provider:
    """A provider that a module requires, by its local name.

    https://developer.hashicorp.com/terraform/language/providers/requirements
    """

    name: str
    block: Block
    written: Expression

    @property
    def source(self) -> str | None:
        return self._item("source")

    @property
    def version(self) -> str | None:
        return self._item("version")

    @property
    def addresses(self) -> tuple[str, ...]:
        """What a lock file may call it: Terraform and OpenTofu have registries of their own."""
        source = self.source or ""
        return (source,) if source.count("/") == 2 else tuple(f"{host}/{source}" for host in HOSTS)

    def _item(self, name: str) -> str | None:
        item = self.written.items.get(name)
        return item.literal if item else None


@dataclass(frozen=True)
class Module:
    """A root folder's declarations by name, all blocks of it and of the folders it calls, and what cannot be read.

    `inner_providers` are those that the called folders require.
    """

    variables: Mapping[str, Block] = field(default_factory=dict)
    outputs: Mapping[str, Block] = field(default_factory=dict)
    providers: tuple[Provider, ...] = ()
    inner_providers: tuple[Provider, ...] = ()
    settings: tuple[Block, ...] = ()
    blocks: tuple[Block, ...] = ()
    lock: Block | None = None
    unread: tuple[Rejection, ...] = ()

    @property
    def resource_types(self) -> frozenset[str]:
        """The types of the resources that it makes."""
        made = (block for block in self.blocks if block.type == "resource" and block.labels)
        return frozenset(block.labels[0] for block in made)


def read_module(folder: str, files: Mapping[str, bytes]) -> Module:
    """Read a module.

    Args:
        folder: where it lies, from the top of the tree; for the places of what is wrong.
        files: its files, by their paths in the folder.
    """
    size = sum(len(blob) for path, blob in files.items() if _is_read(path))
    if size > MAX_BYTES:
        problem = (
            f"the module has {size:,} bytes of Terraform, and {MAX_BYTES:,} are the most that is looked at"
        )
        way_out = "Make several kinds of it."
        return Module(unread=(Rejection(f"{folder}/kind.yaml", 1, 1, "", problem, way_out),))
    found = dict(_loaded(folder, files, ""))
    read = {path: block for path, block in found.items() if isinstance(block, Block)}
    lock = _read(f"{folder}/{LOCK_FILE}", files[LOCK_FILE]) if LOCK_FILE in files else None
    inner = [block for path, file in read.items() if "/" in path for block in file.blocks]
    unread = tuple(each for each in (*found.values(), lock) if isinstance(each, Rejection))
    own = [block for path, file in read.items() if "/" not in path for block in file.blocks]
    return Module(
        variables=_named(own, "variable"),
        outputs=_named(own, "output"),
        providers=tuple(_required(own)),
        inner_providers=tuple(_required(inner)),
        settings=tuple(block for block in own if block.type == "terraform"),
        blocks=(*own, *inner),
        lock=lock if isinstance(lock, Block) else None,
        unread=unread,
    )


def called_folder(block: Block, folder: str) -> str | None:
    """The folder that a `module` block calls, from the root's; None where it is not one inside.

    https://developer.hashicorp.com/terraform/language/modules/sources#local-paths
    """
    written = block.attributes.get("source")
    source = written.literal if written else None
    if source is None or not source.startswith(("./", "../")):
        return None
    called = posixpath.normpath(posixpath.join(folder, source))
    return None if called in {"", "."} or called.startswith("..") else called


def folder_of(block: Block, root: str) -> str:
    """The folder of a block's file, from the module's root."""
    return posixpath.dirname(block.path.removeprefix(f"{root}/"))


def _is_read(path: str) -> bool:
    return path.endswith(".tf") or path == LOCK_FILE


def _loaded(root: str, files: Mapping[str, bytes], folder: str) -> Iterator[tuple[str, Block | Rejection]]:
    """The files of a folder, and of those that its `module` blocks call, each folder once."""
    waiting, seen = [folder], set[str]()
    while waiting:
        here = waiting.pop()
        seen.add(here)
        for path in sorted(files):
            if not path.endswith(".tf") or posixpath.dirname(path) != here:
                continue
            file = _read(f"{root}/{path}", files[path])
            yield path, file
            calls = file.blocks if isinstance(file, Block) else ()
            called = (called_folder(block, here) for block in calls if block.type == "module")
            waiting.extend(each for each in called if each is not None and each not in {*seen, *waiting})


@lru_cache(maxsize=512)
def _read(path: str, blob: bytes) -> Block | Rejection:
    """Read once: files change seldom, and are looked at with each change beside them."""
    return read_hcl(path, blob)


def _named(blocks: list[Block], type_: str) -> Mapping[str, Block]:
    return {block.labels[0]: block for block in blocks if block.type == type_ and block.labels}


def _required(blocks: list[Block]) -> Iterator[Provider]:
    for block in blocks:
        for inner in block.blocks if block.type == "terraform" else ():
            if inner.type == "required_providers":
                yield from (Provider(name, inner, written) for name, written in inner.attributes.items())

"""Reading: what a module reads of the worker's disk, which is its own files and nothing else, and the templates among them.

https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from controller.core.hcl import Block, Call, Expression, read_template
from controller.core.module import MAX_BYTES, folder_of
from controller.core.rejection import Rejection

Words = tuple[str, str]
"""The problem and the way out."""

_READING = re.compile(
    r"fileset|templatefile|file(exists|base64|md5|sha1|sha256|sha512|base64sha256|base64sha512)?"
)
_INSIDE = re.compile(r'"\$\{path\.module\}((?:/[^"$%\\/]+)*)/?"')
_PATTERN = re.compile(r'"[^"$%\\]*"')


def read_elsewhere(
    call: Call, attribute: Expression, folder: str, files: Mapping[str, bytes]
) -> Iterator[Words]:
    """What is wrong with a call in `folder` that reads; a path with a variable in it is, as a requester might write `../..` there."""
    if not _READING.fullmatch(call.name):
        return
    problem = f"`{call.name}()` may read a file that is not the module's"
    inside = _inside(call)
    if inside is None:
        yield problem, 'Write the path out, from the module on: `"${path.module}/name-of-the-file"`.'
    elif "path" in attribute.bound:
        yield f"{problem}, since a `for` here calls something else `path`", "Call that another name."
    elif call.name == "templatefile" and _path(folder, inside) not in files:
        problem = f"there is no file `{_path(folder, inside)}` in the module, and it would be evaluated"
        yield problem, "Add it, or mend the path."


def read_in_template(call: Call) -> Iterator[Words]:
    """What is wrong with a call in a template that reads: there even `path` is whatever the template is given."""
    if _READING.fullmatch(call.name):
        problem = f"`{call.name}()` in a template may read a file that is not the module's"
        yield problem, "Read it beside `templatefile`, and hand it to the template."


def calls_of_templates(
    root: str, files: Mapping[str, bytes], blocks: list[Block]
) -> Iterator[tuple[str, Call] | Rejection]:
    """The calls of the templates that `blocks` name, with their files' paths; rejections where one cannot be looked at."""
    paths = {path for block in blocks for path in _named(root, block) if path in files}
    size = sum(len(files[path]) for path in paths)
    if size > MAX_BYTES:
        problem = f"its templates have {size:,} bytes, and {MAX_BYTES:,} are the most that is looked at"
        way_out = "Make them smaller; what has no `${` or `%{` is for `file`."
        yield Rejection(f"{root}/kind.yaml", 1, 1, "", problem, way_out)
        return
    for path in paths:
        calls = _read(f"{root}/{path}", files[path])
        yield from [calls] if isinstance(calls, Rejection) else ((f"{root}/{path}", each) for each in calls)


@lru_cache(maxsize=512)
def _read(path: str, blob: bytes) -> tuple[Call, ...] | Rejection:
    """Read once, as modules are."""
    return read_template(path, blob)


def _named(root: str, block: Block) -> Iterator[str]:
    calls = (call for attribute in block.attributes.values() for call in attribute.calls)
    for call in calls:
        inside = _inside(call) if call.name == "templatefile" else None
        if inside is not None:
            yield _path(folder_of(block, root), inside)


def _inside(call: Call) -> str | None:
    """Where from its module's folder on a call reads; None where that may be elsewhere."""
    path, pattern = (*call.arguments, "", "")[:2]
    if call.name == "fileset":
        path = '"${path.module}"' if path == "path.module" else path
        if not _PATTERN.fullmatch(pattern) or ".." in pattern:
            return None
    inside = _INSIDE.fullmatch(path)
    return None if inside is None or ".." in inside[1].split("/") else inside[1].strip("/")


def _path(folder: str, inside: str) -> str:
    return posixpath.normpath(posixpath.join(folder, inside))

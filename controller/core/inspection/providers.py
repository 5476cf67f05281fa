"""Providers: a kind uses exactly the provider that it names, at a version that its module and its lock file agree on.

https://developer.hashicorp.com/terraform/language/providers/requirements
"""

from collections.abc import Iterator

from controller.core.document import Document
from controller.core.hcl import Block
from controller.core.inspection.lint import REFUSED_DATA
from controller.core.kind import KindFormat
from controller.core.module import HOSTS, Module, Provider
from controller.core.rejection import Rejection, nearest

BUILTIN = "builtin"
_BUILTIN_SOURCE = "terraform.io/builtin/terraform"
_USERS = frozenset({"resource", "data", "ephemeral", "action"})


def provider_mistakes(document: Document, kind: KindFormat, module: Module) -> Iterator[Rejection]:
    """Where module and lock file use another provider than kind.yaml names, or do not say which one."""
    provider = kind.provider
    required = [each for each in module.providers if each.source != _BUILTIN_SOURCE]
    own = [each for each in required if each.name == provider]
    others = [each for each in (*required, *module.inner_providers) if each.name != provider]
    yield from _unnamed(document, provider, required)
    for each in own:
        yield from (_reject(each, *words) for words in _unclear(each))
        yield from _made_elsewhere(document, kind, each)
    for each in others:
        if each.source != _BUILTIN_SOURCE:
            way_out = f"Do without it, or name it in kind.yaml: `provider: {each.name}`."
            yield _reject(each, f"is not the kind's provider, which is `{provider}`", way_out)
    yield from _users(module, {provider, *(each.name for each in module.providers)})
    if not any("required_version" in block.attributes for block in module.settings):
        problem = "the module does not say which versions of Terraform it works with"
        way_out = 'Add `required_version = ">= 1.11"` to the `terraform` block of its `versions.tf`.'
        blocks = module.settings[:1]
        yield blocks[0].reject(problem, way_out) if blocks else document.reject((), problem, way_out)
    if module.lock is not None and not any(words for each in own for words in _unclear(each)):
        yield from _lock(module.lock, own)


def _unnamed(document: Document, provider: str, required: list[Provider]) -> Iterator[Rejection]:
    names = [each.name for each in required]
    if provider == BUILTIN or provider in names:
        return
    problem = f"the module requires no provider `{provider}`"
    way_out = (
        f'Add `required_providers {{ {provider} = {{ source = "…", version = "…" }} }}` to its `versions.tf`.'
    )
    yield document.reject(("provider",), problem, nearest(provider, names) if names else way_out)


def _made_elsewhere(document: Document, kind: KindFormat, required: Provider) -> Iterator[Rejection]:
    """The root module configures the provider that kind.yaml has the address of."""
    named = kind.source or f"hashicorp/{kind.provider}"
    if required.source and required.source.removeprefix(f"{HOSTS[0]}/") != named.removeprefix(f"{HOSTS[0]}/"):
        problem = f"the module's `{kind.provider}` is `{required.source}`, and kind.yaml means `{named}`"
        yield document.reject(
            ("source" if kind.source else "provider",), problem, f"Write `source: {required.source}`."
        )


def _reject(required: Provider, problem: str, way_out: str) -> Rejection:
    return required.block.reject(f"`{required.name}` {problem}", way_out, required.written)


def _unclear(required: Provider) -> Iterator[tuple[str, str]]:
    if required.source is None or required.source.count("/") not in {1, 2}:
        yield "has no full address", f'Add `source = "hashicorp/{required.name}"`, or whoever makes it.'
    if required.version is None:
        yield "may be of any version", 'Add `version = "~> 5.0"`, or whatever the module was tried with.'
    if "configuration_aliases" in required.written.items:
        yield "wants several configurations", "Delete `configuration_aliases`: an environment has one."


def _users(module: Module, known: set[str]) -> Iterator[Rejection]:
    """Blocks of a provider that is nowhere required: Terraform would fetch HashiCorp's of that name."""
    for block in (inner for top in module.blocks for inner in top.walk()):
        if block.type not in _USERS or not block.labels:
            continue
        given = block.attributes.get("provider")
        name = given.text.split(".")[0] if given else block.labels[0].partition("_")[0]
        is_refused = block.type == "data" and block.labels[0] in REFUSED_DATA  # which the lint says better
        if name not in {"terraform", *known} and not is_refused:
            problem = f"`{block.labels[0]}` needs the provider `{name}`, which the module does not require"
            yield block.reject(problem, "A kind uses the one provider that it names: do without it.")


def _lock(lock: Block, required: list[Provider]) -> Iterator[Rejection]:
    locked = {block.labels[0]: block for block in lock.blocks if block.type == "provider" and block.labels}
    for each in required:
        if each.source and not any(address in locked for address in each.addresses):
            problem = f"the lock file does not name `{each.source}`"
            yield lock.reject(problem, "Run `terraform providers lock` in the module's folder.")
    fitting = {address for each in required for address in each.addresses}
    for address, block in locked.items():
        if address not in fitting:
            problem = f"the module requires no `{address}`"
            yield block.reject(
                problem, "Run `terraform providers lock` in the module's folder, or delete the block."
            )

"""Cut the Kubernetes provider's schema down to the shapes of what the module may use, in Terraform's own form for schemas.

HashiCorp's generator writes each provider's schema out as TypeScript, with what is computed, optional or required in comments;
the wheel carries that source. What is left are facts for a machine, as `terraform providers schema -json` gives them
(https://developer.hashicorp.com/terraform/cli/commands/providers/schema#schema-representation); every sentence is gone.

    pip download --no-deps cdktf-cdktf-provider-kubernetes
    python tests/kubernetes/prune.py cdktf_cdktf_provider_kubernetes-*.whl
"""

import base64
import io
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
RESOURCES = ("namespace_v1", "resource_quota_v1", "limit_range_v1", "network_policy_v1", "role_binding_v1")
TOP = ""
TYPES = {"string": "string", "number": "number", "boolean": "bool"}

SOURCE = re.compile(r"sourceMappingURL=data:application/json;(?:charset=utf-8;)?base64,(\S+)")
SECTION = re.compile(r"^export (?:interface |class (?=\w+ extends cdktf\.Terraform))(\w+)", re.MULTILINE)
FACTS = re.compile(
    r"// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n(.*\n.*\n.*)"
)
GIVEN = re.compile(
    r'(\w+): \{\s+value: .*\s+isBlock: (true|false),\s+type: "(\w+)",\s+storageClassType: "(\w+)"'
)
READ = re.compile(r"this\.get(String|Number|Boolean)(Map|List)?Attribute\(")


def main(wheel: Path) -> None:
    """Write `schema.json` beside this file."""
    sources = read_sources(wheel)
    version = re.search(r"providerVersion: '([\d.]+)'", sources["provider"])[1]
    schema = {
        "version": version,
        "provider": {"block": settings(sources["provider"])},
        "resource_schemas": {
            f"kubernetes_{name}": {"block": block(sections(sources[name]), TOP)} for name in RESOURCES
        },
    }
    text = json.dumps(schema, indent=0, sort_keys=True, separators=(",", ":"))
    (HERE / "schema.json").write_text(text + "\n")


def read_sources(wheel: Path) -> dict[str, str]:
    """The TypeScript of the provider and of each resource, which the compiled files hold in their source maps."""
    with zipfile.ZipFile(wheel) as package:
        bundle = next(name for name in package.namelist() if name.endswith(".jsii.tgz"))
        archive = io.BytesIO(package.read(bundle))
    with tarfile.open(fileobj=archive) as files:
        return {name: typescript(files, name) for name in ("provider", *RESOURCES)}


def typescript(files: tarfile.TarFile, name: str) -> str:
    """The source of one resource."""
    compiled = files.extractfile(f"package/lib/{name.replace('_', '-')}/index.js").read().decode()
    return json.loads(base64.b64decode(SOURCE.search(compiled)[1]))["sourcesContent"][0]


def sections(source: str) -> dict[str, str]:
    """The source by what it is about: each nested block by its name, the resource itself by `TOP`."""
    starts = [*SECTION.finditer(source)]
    ends = [match.start() for match in starts[1:]] + [len(source)]
    named = {match[1]: source[match.start() : end] for match, end in zip(starts, ends, strict=True)}
    return {TOP if "extends cdktf.Terraform" in text else name: text for name, text in named.items()}


def settings(source: str) -> dict:
    """The provider's own attributes; of its blocks the source keeps too little, and `alias` is Terraform's."""
    attributes = block(sections(source), TOP)["attributes"]
    return {"attributes": {name: attribute for name, attribute in attributes.items() if name != "alias"}}


def block(parts: dict, name: str) -> dict:
    """A block's attributes and nested blocks."""
    given = {match[1]: match.groups()[1:] for match in GIVEN.finditer(parts[name])}
    attributes, blocks = {}, {}
    for part, *flags, code in FACTS.findall(parts[name]):
        is_block, kind, storage = given.get(part, ("false", None, None))
        facts = {
            fact
            for fact, flag in zip(("computed", "optional", "required"), flags, strict=True)
            if flag == "true"
        }
        if is_block == "true":
            inner = block(parts, storage.removesuffix("List"))
            blocks[part] = {"block": inner, **nesting(kind, facts, is_one="OutputReference(this" in code)}
        else:
            attributes[part] = {
                "type": given_type(kind, storage) or read_type(code),
                **dict.fromkeys(facts, True),
            }
    found = {"attributes": attributes, "block_types": blocks}
    return {part: content for part, content in found.items() if content}


def nesting(kind: str, facts: set[str], *, is_one: bool) -> dict:
    """How a nested block is nested, and how many there must and may be."""
    if kind == "struct":
        return {"nesting_mode": "single"}
    least, most = {"min_items": 1}, {"max_items": 1}
    return {"nesting_mode": kind, **(least if "required" in facts else {}), **(most if is_one else {})}


def given_type(kind: str | None, storage: str | None):
    """The type of what a configuration may give, as Terraform writes types in JSON."""
    if kind is None:
        return None
    element = TYPES[storage.removesuffix("Map").removesuffix("List")]
    return element if kind == "simple" else [kind, element]


def read_type(code: str):
    """The type of what can only be read."""
    element, collection = READ.search(code).groups()
    return [collection.lower(), TYPES[element.lower()]] if collection else TYPES[element.lower()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))

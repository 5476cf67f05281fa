"""Cut GitHub's published GraphQL schema down to the types of which the box has something, without any words.

    npm pack @octokit/graphql-schema && tar xzf octokit-graphql-schema-*.tgz
    python tests/github/prune_graphql.py package/schema.graphql

The package is Octokit's, under the MIT licence; what is left are names and types, so that `schema.graphql` of the box
can be held against them.
"""

import sys
from dataclasses import replace
from pathlib import Path

from graphql import DocumentNode, FieldDefinitionNode, TypeDefinitionNode, parse, print_ast

from controller.sandbox import graphql

HERE = Path(__file__).parent
OURS = Path(graphql.__file__).parent / "schema.graphql"


def main(source: Path) -> None:
    """Write `schema.graphql` beside this file."""
    ours = {one.name.value: one for one in parse(OURS.read_text()).definitions}
    theirs = parse(source.read_text()).definitions
    kept = [
        pruned(wordless(one), ours[one.name.value])
        for one in theirs
        if isinstance(one, TypeDefinitionNode) and one.name.value in ours
    ]
    (HERE / "schema.graphql").write_text(print_ast(DocumentNode(definitions=tuple(kept))) + "\n")


def pruned(theirs: TypeDefinitionNode, ours: TypeDefinitionNode) -> TypeDefinitionNode:
    """A type with what of it the box has; enumerations and inputs whole."""
    known = {one.name.value for one in parse(OURS.read_text()).definitions}
    parts = {name: getattr(theirs, name, None) or () for name in ("interfaces", "types", "fields")}
    if parts["fields"] and isinstance(parts["fields"][0], FieldDefinitionNode):
        known |= {one.name.value for one in ours.fields}
    else:
        parts.pop("fields")
    return replace(
        theirs,
        **{
            name: tuple(one for one in part if one.name.value in known)
            for name, part in parts.items()
            if part
        },
    )


def wordless(node):
    """A definition without descriptions, and without what is said of what is outdated."""
    parts = {name: getattr(node, name, None) or () for name in ("fields", "arguments", "values")}
    inner = {name: tuple(wordless(one) for one in part) for name, part in parts.items() if part}
    return replace(node, description=None, directives=(), **inner)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Documents read, checked and answered by graphql-core, and what is wrong with them said in GitHub's form."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FieldsOnCorrectTypeRule,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    specified_rules,
    validate,
)

from controller.sandbox.errors import RefusedError
from controller.sandbox.graphql import permissions
from controller.sandbox.graphql.fields import FIELDS, kind_of
from controller.sandbox.graphql.problems import Problem, of_refusal
from controller.sandbox.render.users import Json
from controller.sandbox.rest.call import Call

_MOST_TOKENS = 20_000


def answered(call: Call, query: str, variables: Mapping[str, Any], operation: str | None) -> Json:
    """The answer to a document: `data`, `errors`, or both."""
    try:
        document = parse(query, max_tokens=_MOST_TOKENS)
        wrong = validate(schema(), document, (*_RULES, _UndefinedField))
    except GraphQLError as problem:
        wrong = [problem]
    except RecursionError:
        return {"errors": [{"message": "The document is too deep"}]}
    if wrong:
        return {"errors": [_unread(problem) for problem in wrong]}
    return _executed(call, document, variables, operation)


@cache
def schema() -> GraphQLSchema:
    """The part of GitHub's schema that the box has."""
    return build_schema(files(__package__).joinpath("schema.graphql").read_text(), assume_valid=True)


def _executed(
    call: Call, document: DocumentNode, variables: Mapping[str, Any], operation: str | None
) -> Json:
    done = execute_sync(
        schema(),
        document,
        context_value=call,
        variable_values=dict(variables),
        operation_name=operation,
        field_resolver=_resolved,
        type_resolver=lambda found, *_: kind_of(found),
    )
    answer: Json = {} if done.data is None and done.errors and not _ran(done.errors) else {"data": done.data}
    return {**answer, "errors": [_failed(problem) for problem in done.errors]} if done.errors else answer


def _ran(errors: list[GraphQLError]) -> bool:
    return any(problem.path for problem in errors)


def _resolved(source: Any, info: GraphQLResolveInfo[Call], **arguments: Any) -> Any:
    field = FIELDS.get(info.parent_type.name, {}).get(info.field_name)
    try:
        permissions.check(info.context, info.parent_type.name, info.field_name)
        if field:
            return field(info.context, source, arguments)
    except RefusedError as refused:
        raise of_refusal(refused) from None
    if isinstance(source, Mapping):
        return source.get(info.field_name)
    return getattr(source, _snake(info.field_name))


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _unread(problem: GraphQLError) -> Json:
    extensions = {"extensions": problem.extensions} if problem.extensions else {}
    path = {"path": extensions["extensions"].pop("path")} if extensions else {}
    return {**path, **extensions, **_located(problem), "message": problem.message}


def _failed(problem: GraphQLError) -> Json:
    cause = problem.original_error
    if cause is not None and not isinstance(cause, Problem | GraphQLError):
        raise cause
    kind = {"type": cause.kind} if isinstance(cause, Problem) else {}
    path = {"path": problem.path} if problem.path else {}
    return {**kind, **path, **_located(problem), "message": problem.message}


def _located(problem: GraphQLError) -> Json:
    places = problem.locations or []
    return {"locations": [{"line": place.line, "column": place.column} for place in places]}


class _UndefinedField(FieldsOnCorrectTypeRule):
    """GitHub's own words for the commonest mistake, with a code."""

    def enter_field(self, node: FieldNode, *ancestors: Any) -> None:
        kind = self.context.get_parent_type()
        if kind is None or self.context.get_field_def() is not None:
            return
        name = node.name.value
        outer = [one for one in ancestors[-1] if isinstance(one, FieldNode | OperationDefinitionNode)]
        extensions = {
            "path": [*(_step(one) for one in outer), name],
            "code": "undefinedField",
            "typeName": kind.name,
            "fieldName": name,
        }
        message = f"Field '{name}' doesn't exist on type '{kind.name}'"
        self.report_error(GraphQLError(message, node, extensions=extensions))


def _step(node: FieldNode | OperationDefinitionNode) -> str:
    if isinstance(node, FieldNode):
        return node.alias.value if node.alias else node.name.value
    kind = node.operation.value
    return f"{kind} {node.name.value}" if node.name else kind


_RULES = tuple(rule for rule in specified_rules if rule is not FieldsOnCorrectTypeRule)

"""Runs a validated operation over dicts.

graphql-core parses, validates and coerces; running is done here, because one page of fifty orders is twenty thousand
fields, and because a store does what a specification does not: fields denied one by one, enum values that the
schema does not know yet.

An object is a dict by field name. A value that can be called is a field with arguments, or one that is costly. A field
that is in the schema and not in the dict is a gap of this fake and says so loudly.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues, get_argument_values, get_directive_values
from graphql.type import GraphQLIncludeDirective, GraphQLSkipDirective

Path = tuple[str | int, ...]


class FieldError(Exception):
    """An error of one field: it is null, the rest of the answer is there."""

    def __init__(self, message: str, code: str = "", **extensions: Any) -> None:
        super().__init__(message)
        self.message, self.extensions = message, {**({"code": code} if code else {}), **extensions}


class _Null(Exception):
    """A field that may not be null is null: its parent is null instead."""


class NotFaked(Exception):
    """The schema has the field, this store has not."""


@dataclass
class _Field:
    """One response key of a selection set on a concrete type. `type` is the named one, without lists and `!`; `leaf`:
    nothing below it has to be looked at; `needed`: it may not be null, `each_needed`: nor may an entry of its list."""

    key: str
    name: str
    node: FieldNode
    selections: tuple[SelectionSetNode, ...]
    type: Any
    definition: Any
    leaf: bool
    needed: bool = False
    many: bool = False
    each_needed: bool = False
    abstract: bool = False


@dataclass
class Run:
    """One execution. `guard` may raise FieldError for (type, field) before a field is read; it is asked about the
    fields that `watched` names, and about every one when that is None."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    variables: VariableValues
    guard: Callable[[str, str], None]
    watched: frozenset[tuple[str, str]] | None
    plans: dict[Any, list[_Field]]  # kept with the document: the same for every run without @skip and @include
    errors: list[dict[str, Any]] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)  # id of a field's node -> the longest page that came of it
    _arguments: dict[int, dict[str, Any]] = field(default_factory=dict)

    def operation(self, operation: OperationDefinitionNode, root: dict[str, Any]) -> dict[str, Any] | None:
        is_query = operation.operation.value == "query"
        type_ = self.schema.query_type if is_query else self.schema.mutation_type
        assert type_ is not None
        try:
            return self._object(type_, (operation.selection_set,), root, ())
        except _Null:
            return None

    def _object(
        self, type_: GraphQLObjectType, selections: tuple[SelectionSetNode, ...], source: Any, path: Path
    ) -> dict[str, Any]:
        out: dict[str, Any] = {}
        watched, type_name = self.watched, type_.name
        for plan in self._plan(type_, selections):
            try:
                if watched is None or (type_name, plan.name) in watched:
                    self.guard(type_name, plan.name)
                value = source[plan.name]
                if callable(value):
                    value = value(**self._given(plan))
                if not plan.leaf or (plan.needed and value is None):
                    value = self._complete(plan, value, (*path, plan.key))
                out[plan.key] = value
            except KeyError as gap:
                if plan.name == "__typename":
                    out[plan.key] = type_name
                elif gap.args == (plan.name,):
                    raise NotFaked(f"{type_name}.{plan.name}") from None
                else:
                    raise
            except FieldError as error:
                self._note(error, plan.node, (*path, plan.key))
                if plan.needed:
                    raise _Null from None
                out[plan.key] = None
        return out

    def _given(self, plan: _Field) -> dict[str, Any]:
        arguments = self._arguments.get(id(plan.node))
        if arguments is None:
            known = get_argument_values(plan.definition, plan.node, self.variables)
            named = {argument.name.value for argument in plan.node.arguments or ()}
            arguments = {name: value for name, value in known.items() if name in named}  # defaults are the fields' own
            self._arguments[id(plan.node)] = arguments
        return arguments

    def _complete(self, plan: _Field, value: Any, path: Path) -> Any:
        """The value as the answer has it; None, or _Null where none may be, for what is missing or broken inside."""
        if value is None:
            if plan.needed:
                self._note(FieldError(f"Cannot return null for non-nullable field {plan.name}"), plan.node, path)
                raise _Null
            return None
        if plan.leaf:
            return value
        try:
            if not plan.many:
                return self._object(self._concrete(plan, value), plan.selections, value, path)
            if plan.name == "nodes":
                self.sizes[id(plan.node)] = max(self.sizes.get(id(plan.node), 0), len(value))
            return [self._entry(plan, each, (*path, n)) for n, each in enumerate(value)]
        except _Null:
            if plan.needed:
                raise
            return None

    def _entry(self, plan: _Field, value: Any, path: Path) -> Any:
        try:
            if value is not None:
                return self._object(self._concrete(plan, value), plan.selections, value, path)
        except _Null:
            if plan.each_needed:
                raise
        else:
            if plan.each_needed:
                raise _Null
        return None

    def _concrete(self, plan: _Field, value: Any) -> GraphQLObjectType:
        found: GraphQLObjectType = self.schema.type_map[value["__typename"]] if plan.abstract else plan.type  # type: ignore[assignment]
        return found

    def _note(self, error: FieldError, node: FieldNode, path: Path) -> None:
        place = node.loc.start_token if node.loc else None
        found: dict[str, Any] = {"message": error.message}
        if place:
            found["locations"] = [{"line": place.line, "column": place.column}]
        found["path"] = list(path)
        if error.extensions:
            found["extensions"] = error.extensions
        self.errors.append(found)

    # Which fields a selection set asks of a concrete type.

    def _plan(self, type_: GraphQLObjectType, selections: tuple[SelectionSetNode, ...]) -> list[_Field]:
        key = (type_.name, *map(id, selections))
        plan = self.plans.get(key)
        if plan is None:
            nodes: dict[str, list[FieldNode]] = {}
            steady = True
            for selection in selections:
                steady = self._collect(type_, selection, nodes) and steady
            plan = [self._field(type_, name, found) for name, found in nodes.items()]
            if steady:
                self.plans[key] = plan
        return plan

    def _collect(
        self, type_: GraphQLObjectType, selection: SelectionSetNode, nodes: dict[str, list[FieldNode]]
    ) -> bool:
        """False when what was found depends on variables."""
        steady = True
        for node in selection.selections:
            if node.directives and any(directive.name.value in ("skip", "include") for directive in node.directives):
                steady = False
                if not self._wanted(node):
                    continue
            if isinstance(node, FieldNode):
                nodes.setdefault((node.alias or node.name).value, []).append(node)
                continue
            part: Any = node if isinstance(node, InlineFragmentNode) else self.fragments[node.name.value]  # type: ignore[attr-defined]
            condition = self.schema.type_map[part.type_condition.name.value] if part.type_condition else type_
            if condition is type_ or (is_abstract_type(condition) and self.schema.is_sub_type(condition, type_)):
                steady = self._collect(type_, part.selection_set, nodes) and steady
        return steady

    def _wanted(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _field(self, type_: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> _Field:
        name = nodes[0].name.value
        if name == "__typename":
            return _Field(key, name, nodes[0], (), None, None, leaf=True)
        selections = tuple(node.selection_set for node in nodes if node.selection_set)
        definition = type_.fields[name]
        inner: Any = definition.type
        needed = is_non_null_type(inner)
        inner = inner.of_type if needed else inner
        many = is_list_type(inner)
        inner = inner.of_type if many else inner
        each_needed = many and is_non_null_type(inner)
        inner = inner.of_type if each_needed else inner
        found = _Field(key, name, nodes[0], selections, inner, definition, leaf=not selections)
        found.needed, found.many, found.each_needed, found.abstract = needed, many, each_needed, is_abstract_type(inner)
        return found

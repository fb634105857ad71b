"""What graphql-core finds wrong with a request, in the words and codes that Shopify's API uses for it."""

import re
from collections.abc import Callable
from typing import Any

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLError, OperationDefinitionNode

Words = tuple[str, str, dict[str, Any]]  # message, code, further extensions


def _field(match: re.Match[str]) -> Words:
    text = f"Field '{match[1]}' doesn't exist on type '{match[2]}'"
    return text, "undefinedField", {"typeName": match[2], "fieldName": match[1]}


def _required(match: re.Match[str]) -> Words:
    on, name, argument = match[1], match[2], match[3]
    kind = "Directive" if on == "@" else "Field"
    text = f"{kind} '{name}' is missing required arguments: {argument}"
    return text, "missingRequiredArguments", {"className": kind, "name": name, "arguments": argument}


def _unused(match: re.Match[str]) -> Words:
    text = f"Variable ${match[1]} is declared by {match[2] or 'anonymous query'} but not used"
    return text, "variableNotUsed", {"variableName": match[1]}


def _undefined_variable(match: re.Match[str]) -> Words:
    text = f"Variable ${match[1]} is used by {match[2] or 'anonymous query'} but not declared"
    return text, "variableNotDefined", {"variableName": match[1]}


def _argument(match: re.Match[str]) -> Words:
    argument, on, name = match[1], match[2], match[3]
    text = f"{on.capitalize()} '{name}' doesn't accept argument '{argument}'"
    return text, "argumentNotAccepted", {"name": name, "typeName": on.capitalize(), "argumentName": argument}


def _no_selection(match: re.Match[str]) -> Words:
    name, type_ = match[1], match[2]
    text = f"Field must have selections (field '{name}' returns {type_.strip('[]!')} but has no selections. "
    text += f"Did you mean '{name} {{ ... }}'?)"
    return text, "selectionMismatch", {"nodeName": f"field '{name}'", "typeName": type_.strip("[]!")}


def _selection_on_leaf(match: re.Match[str]) -> Words:
    name, type_ = match[1], match[2].strip("[]!")
    text = f"Selections can't be made on scalars (field '{name}' returns {type_} but has selections)"
    return text, "selectionMismatch", {"nodeName": f"field '{name}'", "typeName": type_}


def _type(match: re.Match[str]) -> Words:
    return f"No such type {match[1]}, so it can't be a fragment condition", "undefinedType", {"typeName": match[1]}


def _fragment(match: re.Match[str]) -> Words:
    return f"Fragment {match[1]} was used, but not defined", "useAndDefineFragment", {"fragmentName": match[1]}


def _fragment_unused(match: re.Match[str]) -> Words:
    return f"Fragment {match[1]} was defined, but not used", "useAndDefineFragment", {"fragmentName": match[1]}


def _directive(match: re.Match[str]) -> Words:
    return f"Directive @{match[1]} is not defined", "undefinedDirective", {"directiveName": match[1]}


def _mismatch(match: re.Match[str]) -> Words:
    text = f"Type mismatch on variable ${match[1]} ({match[2]} / {match[3]})"
    return text, "variableMismatch", {"variableName": match[1], "typeName": match[2], "argumentName": match[3]}


def _literal(match: re.Match[str]) -> Words:
    return match[0], "argumentLiteralsIncompatible", {"typeName": "InputObject"}


_RULES: list[tuple[str, Callable[[re.Match[str]], Words]]] = [
    (r"Cannot query field '(\w+)' on type '(\w+)'", _field),
    (r"Argument '(@|\w+\.)(\w+)\((\w+):\)' of type '.+' is required", _required),
    (r"Variable '\$(\w+)' is never used(?: in operation '(\w+)')?", _unused),
    (r"Variable '\$(\w+)' is not defined(?: by operation '(\w+)')?", _undefined_variable),
    (r"Unknown argument '(\w+)' on (field|directive) '(?:\w+\.|@)(\w+)'", _argument),
    (r"Field '(\w+)' of type '(.+?)' must have a selection", _no_selection),
    (r"Field '(\w+)' must not have a selection since type '(.+?)' has", _selection_on_leaf),
    (r"Unknown type '(\w+)'", _type),
    (r"Fragment cannot condition on non composite type '(\w+)'", _type),
    (r"Unknown fragment '(\w+)'", _fragment),
    (r"Fragment '(\w+)' is never used", _fragment_unused),
    (r"Unknown directive '@(\w+)'", _directive),
    (r"Variable '\$(\w+)' of type '(.+?)' used in position expecting type '(.+?)'", _mismatch),
    (r"(?:\w+ cannot represent|Value '\w+' does not exist in|Expected value of type|Within OneOf).*", _literal),
]


def _words(message: str) -> Words:
    for pattern, words in _RULES:
        match = re.match(pattern, message)
        if match:
            return words(match)
    return message, "graphqlValidationError", {}


def _places(error: GraphQLError) -> list[dict[str, int]]:
    return [{"line": place.line, "column": place.column} for place in error.locations or ()]


def _path_to(document: DocumentNode, wanted: Any) -> list[str]:
    """`["query MciOrder", "order", "nope"]`: where in the document an error's node is."""
    position = getattr(getattr(wanted, "loc", None), "start", -1)
    for definition in document.definitions:
        loc = definition.loc
        if loc is None or not loc.start <= position < loc.end:
            continue
        if isinstance(definition, OperationDefinitionNode):
            name = f" {definition.name.value}" if definition.name else ""
            path = [f"{definition.operation.value}{name}"]
        elif isinstance(definition, FragmentDefinitionNode):
            path = [f"fragment {definition.name.value}"]
        else:
            return []
        node: Any = definition
        while node is not None:
            inner = node.selection_set.selections if getattr(node, "selection_set", None) else ()
            node = next((each for each in inner if each.loc.start <= position < each.loc.end), None)
            if node is None:
                break
            if isinstance(node, FieldNode):
                path.append(node.name.value)
            elif node.kind == "inline_fragment" and node.type_condition:
                path.append(f"... on {node.type_condition.name.value}")
        return path
    return []


def invalid(document: DocumentNode, errors: list[GraphQLError]) -> list[dict[str, Any]]:
    """The errors of a document that does not fit the schema. The whole request is refused, and costs nothing."""
    found: list[dict[str, Any]] = []
    for error in errors:
        message, code, more = _words(error.message)
        path = _path_to(document, error.nodes[0] if error.nodes else None)
        extensions = {"code": code, **more}
        found.append({"message": message, "locations": _places(error), "path": path, "extensions": extensions})
    return found


def unparsable(error: GraphQLError) -> list[dict[str, Any]]:
    place = error.locations[0] if error.locations else None
    at = f" at [{place.line}, {place.column}]" if place else ""
    text = error.message.removeprefix("Syntax Error: ")
    message = f"syntax error, unexpected end of file{at}" if "<EOF>" in text else f"syntax error, {text.lower()}{at}"
    return [{"message": message, "locations": _places(error), "extensions": {"code": "PARSE_ERROR"}}]


_SPELLED = [
    (r"Expected a value of non-null type|Expected value of non-null type", "Expected value to not be null"),
    (r"Expected value of type '\w+' to include required field '(\w+)'", "Expected value to not be null"),
    (r"Expected value of type '(\w+)' not to include unknown field '(\w+)'", "Field is not defined on {0}"),
    (r"Value '(\w+)' does not exist in '(\w+)' enum", 'Expected "{0}" to be one of: {values}'),
    (
        r"Within OneOf Input Object type '(\w+)'",
        "'{0}' requires exactly one argument, but more or fewer were provided.",
    ),
    (r"(\w+) cannot represent[^:]*: (.+)", "Could not coerce value {1} to {0}"),
]


def bad_variables(
    operation: OperationDefinitionNode, errors: list[GraphQLError], given: dict[str, Any], values: Callable[[str], str]
) -> list[dict[str, Any]]:
    """INVALID_VARIABLE: one error per variable, with a problem for each thing wrong in it."""
    found: dict[str, dict[str, Any]] = {}
    for error in errors:
        match = re.match(r"Variable '\$(\w+)' has invalid value(?: at ([^:]+))?: (.*)", error.message, re.DOTALL)
        if match is None:
            continue
        name, place, rest = match[1], match[2] or "", match[3]
        declared = next(d for d in operation.variable_definitions or () if d.variable.name.value == name)
        path: list[str | int] = [int(p) if p.isdigit() else p for p in re.findall(r"[A-Za-z_]\w*|\d+", place)]
        spelled = rest
        for pattern, words in _SPELLED:
            got = re.match(pattern, rest)
            if got is None:
                continue
            path += [got[1]] if "required field" in pattern else [got[2]] if "unknown field" in pattern else []
            spelled = words.format(*got.groups(), values=values(got[2]) if "enum" in pattern else "")
            break
        type_ = _printed(declared.type)
        start = declared.loc.start_token if declared.loc else None
        entry = found.setdefault(
            name,
            {
                "message": f"Variable ${name} of type {type_} was provided invalid value",
                "locations": [{"line": start.line, "column": start.column}] if start else [],
                "extensions": {"code": "INVALID_VARIABLE", "value": given.get(name), "problems": []},
            },
        )
        entry["extensions"]["problems"].append({"path": path, "explanation": spelled})
    for entry in found.values():
        told = [
            f"{'.'.join(map(str, problem['path']))} ({problem['explanation']})"
            for problem in entry["extensions"]["problems"]
            if problem["path"]
        ]
        entry["message"] += f" for {', '.join(told)}" if told else ""
    return list(found.values())


def _printed(node: Any) -> str:
    if node.kind == "non_null_type":
        return f"{_printed(node.type)}!"
    if node.kind == "list_type":
        return f"[{_printed(node.type)}]"
    return str(node.name.value)

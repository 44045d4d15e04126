# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract: the files of openapi/, compiled once to one matcher and a few validators per operation."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from jsonschema import Draft202012Validator

from . import formats, quick
from .errors import ApiError, invalid

DOCUMENTS = Path(__file__).resolve().parent.parent / "openapi"
_METHODS = ("get", "post", "put", "patch", "delete")
_REQUEST_CODES = {"additionalProperties": "err_validation_unknown_field", "required": "err_validation_null",
                  "enum": "err_validation_value_not_allowed"}


class AnswerCheck:
    """The quick check of an answer, and the thorough one for when it does not say yes."""

    def __init__(self, schema: dict[str, Any]):
        self.thorough = _validator(schema)
        self.quick = quick.compile_check(_bare(schema))

    def fault(self, body: Any) -> str | None:
        if self.quick(body):
            return None
        for error in self.thorough.iter_errors(body):
            return f"{error.json_path}: {error.validator} {error.message[:200]}"
        return None


@dataclass(frozen=True)
class Operation:
    """One row of the contract. Validators are None where there is no body."""

    id: str
    method: str
    path: str
    envelope: str
    products: tuple[str, ...]
    permission: str | None
    parameters: dict[str, Draft202012Validator]
    integers: frozenset[str]
    headers: dict[str, Draft202012Validator]
    media: str | None
    body_required: bool
    request: Draft202012Validator | None
    answers: dict[str, AnswerCheck | None] = field(repr=False)

    def read_query(self, pairs: list[tuple[str, str]]) -> dict[str, Any]:
        """Query parameters with their types; raises ApiError for unknown, repeated or bad ones."""
        query: dict[str, Any] = {}
        for name, text in pairs:
            if name not in self.parameters:
                raise invalid(name, f"unknown query parameter {name}", "err_validation_unknown_field")
            if name in query:
                raise invalid(name, f"query parameter {name} is repeated")
            validator = self.parameters[name]
            value: Any = text
            if name in self.integers and text.lstrip("-").isdecimal():
                value = int(text)
            for error in validator.iter_errors(value):
                raise _request_error(error, name)
            query[name] = value
        return query

    def read_headers(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The headers that hold JSON, decoded; raises ApiError for missing or bad ones."""
        found = {}
        for name, validator in self.headers.items():
            if name not in given:
                raise invalid(name, f"header {name} is missing", "err_validation_null")
            try:
                found[name] = json.loads(given[name])
            except ValueError as error:
                raise invalid(name, f"header {name} is not JSON", "err_deserialise") from error
            for fault in validator.iter_errors(found[name]):
                raise _request_error(fault, name)
        return found

    def check_request(self, body: Any) -> None:
        """Raises ApiError with the first field that does not fit."""
        if self.request is None or self.request.is_valid(body):
            return
        errors = sorted(self.request.iter_errors(body), key=lambda error: [str(part) for part in error.absolute_path])
        raise _request_error(errors[0])

    def check_answer(self, status: int, body: Any) -> str | None:
        """Why an answer of ours does not fit the contract, or None when it does."""
        key = str(status)
        if key not in self.answers:
            key = f"{key[0]}XX"
        if key not in self.answers:
            return f"status {status} is not in the contract of {self.id}"
        check = self.answers[key]
        if body is None:
            return None if check is None or status == 400 else f"{self.id} {status} must have a body"
        if check is None:
            return f"{self.id} {status} must not have a body"
        fault = check.fault(body)
        return f"{self.id} {status} {fault}" if fault else None


class Contract:
    """All operations of the document, by id and by path."""

    def __init__(self) -> None:
        tree = document()
        self.operations: dict[str, Operation] = {}
        self._fixed: dict[str, dict[str, Operation]] = {}
        self._templates: list[tuple[list[str], dict[str, Operation]]] = []
        for path, item in inline(tree["paths"], tree).items():
            by_method = {}
            for method in _METHODS:
                if method in item:
                    operation = _operation(path, method, item[method], item.get("parameters", []))
                    self.operations[operation.id] = operation
                    by_method[method.upper()] = operation
            if "{" in path:
                self._templates.append((path.split("/"), by_method))
            else:
                self._fixed[path] = by_method

    def match(self, method: str, raw_path: str) -> tuple[Operation | None, dict[str, str], bool]:
        """(operation, path parameters, whether the path is known). The path is still percent-encoded: ids hold '/'."""
        if raw_path in self._fixed:
            return self._fixed[raw_path].get(method), {}, True
        parts = raw_path.split("/")
        for template, by_method in self._templates:
            params = _match_template(template, parts)
            if params is not None:
                return by_method.get(method), params, True
        return None, {}, False


def _match_template(template: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(template) != len(parts):
        return None
    params = {}
    for wanted, part in zip(template, parts, strict=True):
        if wanted.startswith("{"):
            params[wanted[1:-1]] = unquote(part)
        elif wanted != part:
            return None
    return params


def document(folder: Path = DOCUMENTS) -> dict[str, Any]:
    """The files of the contract as one document: base.yaml, and one file of paths and components for each area."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tree: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yaml"), key=lambda path: (path.name != "base.yaml", path.name)):
        _merge(tree, yaml.load(path.read_text(encoding="utf-8"), Loader=loader), path.name)
    return tree


def _merge(tree: dict[str, Any], part: dict[str, Any], where: str) -> None:
    for key, value in part.items():
        if isinstance(value, dict) and isinstance(tree.get(key), dict):
            _merge(tree[key], value, f"{where}: {key}")
        elif key in tree:
            raise ValueError(f"{where}: {key} is already in the contract")
        else:
            tree[key] = value


def inline(node: Any, root: dict[str, Any]) -> Any:
    """Replaces every local $ref by its target: look-ups while validating cost more than the checks themselves."""
    if isinstance(node, list):
        return [inline(item, root) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target: Any = root
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return inline(target, root)
    return {key: inline(value, root) for key, value in node.items()}


def _operation(path: str, method: str, row: dict[str, Any], shared: list[dict[str, Any]]) -> Operation:
    request = row.get("requestBody", {})
    media = next(iter(request.get("content", {})), None)
    permission = row["x-permission"]
    parameters = [*shared, *row.get("parameters", [])]
    query = {item["name"]: item["schema"] for item in parameters if item["in"] == "query"}
    headers = {item["name"]: item["content"]["application/json"]["schema"] for item in parameters
               if item["in"] == "header" and "content" in item}
    return Operation(
        id=row["operationId"], method=method.upper(), path=path, envelope=row["x-envelope"],
        products=tuple(row["x-api-products"]), permission=None if permission == "none" else permission,
        parameters={name: _validator(schema) for name, schema in query.items()},
        integers=frozenset(name for name, schema in query.items() if schema["type"] == "integer"),
        headers={name: _validator(schema) for name, schema in headers.items()},
        media=media, body_required=request.get("required", False),
        request=_validator(request["content"][media]["schema"]) if media else None,
        answers={str(status): _answer_check(answer) for status, answer in row["responses"].items()},
    )


def _answer_check(answer: dict[str, Any]) -> AnswerCheck | None:
    content = answer.get("content", {}).get("application/json")
    return AnswerCheck(content["schema"]) if content else None


def _validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(_bare(schema), format_checker=formats.CHECKER)


def _bare(schema: Any) -> Any:
    """The schema without annotations: each keyword costs a look-up per value."""
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: {name: _bare(item) for name, item in value.items()} if key == "properties" else _bare(value)
            for key, value in schema.items() if not (key == "description" or key.startswith("x-"))}


def _request_error(error: Any, prefix: str = "") -> ApiError:
    # `error` is a jsonschema ValidationError.
    code = _REQUEST_CODES.get(str(error.validator), "err_validation")
    name = prefix + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    extra = ""
    if error.validator == "required":
        extra = next(item for item in error.validator_value if item not in error.instance)
    elif error.validator == "additionalProperties":
        extra = min(set(error.instance) - set(error.schema.get("properties", {})))
    elif error.instance is None:
        code = "err_validation_null"
    elif error.instance == "":
        code = "err_validation_blank"
    name = f"{name}.{extra}" if extra else name
    name = name.lstrip(".")
    # The message names the rule, never the value: a value can be a password.
    return invalid(name or None, f"{name or 'body'} does not satisfy the rule '{error.validator}'", code)


def assumptions() -> Iterator[tuple[str, str]]:
    """(place, text) of every x-assumption; place is an operation id, a component name or 'all operations'."""
    tree = document()
    yield from _texts("all operations", tree)
    for item in tree["paths"].values():
        for row in item.values():
            if isinstance(row, dict):
                yield from _texts(row["operationId"], row)
    for group in tree["components"].values():
        for name, row in group.items():
            yield from _texts(name, row)


def _texts(place: str, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    found = row.get("x-assumption", [])
    for text in [found] if isinstance(found, str) else found:
        yield place, text

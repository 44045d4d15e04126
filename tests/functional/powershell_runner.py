# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of PowerShell as the rendered scripts use, read by tree-sitter and carried out on a fake Exchange (exchange_fake.py).

It is our reading of the language, so it proves what the scripts do by their logic, not that a PowerShell would agree. Whatever it does not
know is an error. Scopes are dynamic, as there; a statement gives a stream, of which one item is that item and several are a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import powershell_reader

IGNORED = {"param_block", "command_argument_sep", "empty_statement"}


class Stopped(Exception):
    """The script has thrown."""


class Returned(Exception):
    """A function has returned."""


class Scope(dict):
    """Variables, with those of whoever called."""

    def __init__(self, parent: Scope | None = None, **values: Any) -> None:
        super().__init__({name.lower(): value for name, value in values.items()})
        self.parent = parent

    def find(self, name: str) -> Any:
        scope: Scope | None = self
        while scope is not None:
            if name in scope:
                return scope[name]
            scope = scope.parent
        return None


class Block:
    """A script block."""

    def __init__(self, node: Any) -> None:
        self.node = node


class Rows(list):
    """An ArrayList."""

    def add(self, item: Any) -> int:
        self.append(item)
        return len(self) - 1


def text(value: Any) -> str:
    """A value as [string] makes it."""
    return "" if value is None else " ".join(map(text, value)) if isinstance(value, list) else str(value)


def truth(value: Any) -> bool:
    if isinstance(value, list) and not isinstance(value, Rows):
        return truth(value[0]) if len(value) == 1 else bool(value)
    return True if isinstance(value, dict) else bool(value)


def same(one: Any, other: Any) -> bool:
    return one is other if one is None or other is None else text(one).lower() == text(other).lower()


def items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def collapse(stream: list[Any]) -> Any:
    return None if not stream else stream[0] if len(stream) == 1 else stream


def replaced(value: Any, how: Any) -> Any:
    pattern, by = items(how) if len(items(how)) == 2 else (how, "")
    return re.sub(pattern, by, text(value), flags=re.IGNORECASE)


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "-eq": same,
    "-ne": lambda one, other: not same(one, other),
    "-gt": lambda one, other: one > other,
    "-contains": lambda one, other: any(same(item, other) for item in items(one)),
    "-notcontains": lambda one, other: not any(same(item, other) for item in items(one)),
    "-match": lambda one, other: re.search(other, text(one), re.IGNORECASE) is not None,
    "-replace": replaced,
    "-join": lambda one, other: other.join(map(text, items(one))),
    "+": lambda one, other: one + items(other) if isinstance(one, list) else one + text(other),
}


class Runner:
    """One run of a script. ``cmdlets`` are called with their named parameters."""

    def __init__(self, cmdlets: dict[str, Callable[..., list[Any]]]) -> None:
        self.cmdlets = cmdlets
        self.functions: dict[str, Any] = {}
        self.warnings: list[str] = []

    def run(self, script: str, **variables: Any) -> list[Any]:
        """The output."""
        powershell_reader.nodes(script)
        bare = re.sub(r"^\s*#.*\n", "", script, flags=re.MULTILINE)
        return self.block(powershell_reader.PARSER.parse(bare.encode()).root_node, Scope(**variables))

    def block(self, node: Any, scope: Scope) -> list[Any]:
        found: list[Any] = []
        for child in node.named_children:
            found += self.statement(child, scope)
        return found

    def statement(self, node: Any, scope: Scope) -> list[Any]:
        """The stream of a statement."""
        if node.type in IGNORED:
            return []
        special = getattr(self, "do_" + node.type, None)
        if special:
            return special(node, scope)
        if node.type in ("statement_list", "statement_block", "script_block", "script_block_body", "program"):
            return self.block(node, scope)
        if node.type in ("pipeline", "pipeline_chain") and node.named_child_count == 1:
            return self.statement(node.named_children[0], scope)
        value = self.value(node, scope)
        return [] if value is None else items(value)

    def do_pipeline_chain(self, node: Any, scope: Scope) -> list[Any]:
        stream = self.statement(node.named_children[0], scope)
        for command in node.named_children[1:]:
            stream = self.command(command, scope, stream)
        return stream

    def do_command(self, node: Any, scope: Scope) -> list[Any]:
        return self.command(node, scope, [])

    def do_assignment_expression(self, node: Any, scope: Scope) -> list[Any]:
        target, operator, source = node.named_children
        value = self.value(source, scope)
        target = self.inner(target)
        if operator.text == b"+=":
            value = OPERATORS["+"](self.value(target, scope), value)
        if target.type == "variable":
            scope[target.text.decode()[1:].lower()] = value
        elif target.type == "element_access":
            holder, key = target.named_children
            self.value(holder, scope)[self.value(key, scope)] = value
        else:
            holder, name = target.named_children
            self.value(holder, scope)[self.member(name, scope)] = value
        return []

    def do_if_statement(self, node: Any, scope: Scope) -> list[Any]:
        condition, body, *others = node.named_children
        if truth(self.value(condition, scope)):
            return self.block(body, scope)
        for other in others:
            if other.type == "else_clause":
                return self.block(other.named_children[0], scope)
            for clause in other.named_children:
                if truth(self.value(clause.named_children[0], scope)):
                    return self.block(clause.named_children[1], scope)
        return []

    def do_foreach_statement(self, node: Any, scope: Scope) -> list[Any]:
        name, source, body = node.named_children
        found: list[Any] = []
        over = self.value(source, scope)
        for item in [] if over is None else items(over):
            scope[name.text.decode()[1:].lower()] = item
            found += self.block(body, scope)
        return found

    def do_switch_statement(self, node: Any, scope: Scope) -> list[Any]:
        condition, body = node.named_children
        value = self.value(condition.named_children[0], scope)
        found: list[Any] = []
        for clause in body.named_children[0].named_children:
            wanted, block = clause.named_children
            if same(value, self.value(wanted.named_children[0], scope)):
                found += self.block(block, scope)
        return found

    def do_function_statement(self, node: Any, scope: Scope) -> list[Any]:
        name, parameters, body = node.named_children
        names = [child.named_children[-1].text.decode()[1:] for child in parameters.named_children[0].named_children]
        self.functions[name.text.decode()] = (names, body)
        return []

    def do_flow_control_statement(self, node: Any, scope: Scope) -> list[Any]:
        if node.children[0].text == b"return":
            raise Returned
        raise Stopped(text(self.value(node.named_children[0], scope)))

    def inner(self, node: Any) -> Any:
        """The node inside of those that only stand for a level of the grammar."""
        while node.named_child_count == 1 and node.child_count == 1 and node.type.endswith(("_expression", "pipeline", "pipeline_chain", "statement_list")):
            node = node.named_children[0]
        return node

    def value(self, node: Any, scope: Scope) -> Any:
        """What an expression is; the stream of a command, collapsed."""
        node = self.inner(node)
        kind, parts = node.type.replace("_argument_", "_"), node.named_children
        if kind == "string_literal":
            return node.text.decode()[1:-1].replace("''", "'")
        if kind in ("integer_literal", "decimal_integer_literal"):
            return int(node.text)
        if kind == "variable":
            return self.variable(node.text.decode()[1:], scope)
        if kind == "parenthesized_expression":
            return self.value(parts[0], scope)
        if kind == "array_expression":
            return [item for part in parts for item in self.statement(part, scope)]
        if kind == "array_literal_expression":
            return [self.value(part, scope) for part in parts]
        if kind == "hash_literal_expression":
            entries = parts[0].named_children if parts else []
            return {entry.named_children[0].text.decode(): self.value(entry.named_children[1], scope) for entry in entries}
        if kind == "script_block_expression":
            return Block(parts[0])
        if kind == "member_access":
            return self.read(self.value(parts[0], scope), self.member(parts[1], scope))
        if kind == "element_access":
            holder, key = self.value(parts[0], scope), self.value(parts[1], scope)
            return holder.get(key) if isinstance(holder, dict) else holder[key]
        if kind == "invokation_expression":
            return self.call(parts, scope)
        if kind == "cast_expression":
            given = self.value(parts[1], scope)
            return text(given) if parts[0].text == b"[string]" else None
        if kind == "expression_with_unary_operator":
            return not truth(self.value(parts[-1], scope)) if node.text.startswith(b"-not") else self.value(parts[-1], scope)
        if kind in ("logical_expression", "comparison_expression", "additive_expression"):
            return self.binary(node, scope)
        return collapse(self.statement(node, scope))

    def binary(self, node: Any, scope: Scope) -> Any:
        parts = [child for child in node.children if child.type != "command_argument_sep"]
        value = self.value(parts[0], scope)
        for operator, part in zip(parts[1::2], parts[2::2]):
            word = operator.text.decode()
            if word in ("-and", "-or"):
                value = truth(value) if truth(value) is (word == "-or") else truth(self.value(part, scope))
            else:
                value = OPERATORS[word](value, self.value(part, scope))
        return value

    def variable(self, name: str, scope: Scope) -> Any:
        known = {"true": True, "false": False, "null": None}
        return known[name.lower()] if name.lower() in known else scope.find(name.lower())

    def member(self, node: Any, scope: Scope) -> str:
        inner = node.named_children[0] if node.named_children else node
        return self.value(inner, scope) if inner.type == "variable" else inner.text.decode()

    def read(self, holder: Any, name: str) -> Any:
        if isinstance(holder, dict) and name in holder:
            return holder[name]
        if isinstance(holder, dict) and name == "Keys":
            return list(holder)
        return len(holder) if name == "Count" and isinstance(holder, list) else None

    def call(self, parts: list[Any], scope: Scope) -> Any:
        """A method."""
        arguments = [self.value(argument, scope) for child in parts[2:] for part in child.named_children
                     for argument in (part.named_children if part.type == "argument_expression_list" else [part])]
        name = self.member(parts[1], scope).lower()
        if parts[0].type == "type_literal":
            assert name == "reverse"
            return arguments[0].reverse()
        holder = self.value(parts[0], scope)
        if isinstance(holder, dict):
            holder.pop(arguments[0], None)
            return None
        return getattr(holder, name)(*arguments)

    def command(self, node: Any, scope: Scope, stream: list[Any]) -> list[Any]:
        """A cmdlet, a function or a block."""
        called, elements = node.named_children[0], [part for child in node.named_children if child.type == "command_elements" for part in child.named_children]
        if called.type == "command_invokation_operator":
            block = self.variable(node.named_children[1].text.decode().strip()[1:], scope)
            return self.block(block.node, Scope(scope))
        name, (given, named) = called.text.decode(), self.arguments(elements, scope)
        if name in self.functions:
            names, body = self.functions[name]
            try:
                return self.block(body, Scope(scope, **dict(zip(names, given))))
            except Returned:
                return []
        builtin = getattr(self, "run_" + name.replace("-", "_").lower(), None)
        return builtin(scope, stream, given, named) if builtin else self.cmdlets[name](**named)

    def arguments(self, elements: list[Any], scope: Scope) -> tuple[list[Any], dict[str, Any]]:
        given: list[Any] = []
        named: dict[str, Any] = {}
        waiting = ""
        for part in (element for element in elements if element.type not in IGNORED):
            inner = self.inner(part)
            if part.type == "command_parameter":
                waiting = part.text.decode().lstrip("-")
                named[waiting] = True
            elif inner.type == "variable" and inner.text.startswith(b"@"):
                named.update(scope.find(inner.text.decode()[1:].lower()))
            else:
                value = part.text.decode() if part.type == "generic_token" else self.value(part, scope)
                if waiting:
                    named[waiting], waiting = value, ""
                else:
                    given.append(value)
        return given, named

    def run_where_object(self, scope: Scope, stream: list[Any], given: list[Any], _named: dict[str, Any]) -> list[Any]:
        return [item for item in stream if truth(collapse(self.block(given[0].node, Scope(scope, _=item))))]

    def run_foreach_object(self, scope: Scope, stream: list[Any], given: list[Any], _named: dict[str, Any]) -> list[Any]:
        return [found for item in stream for found in self.block(given[0].node, Scope(scope, _=item))]

    def run_sort_object(self, _scope: Scope, stream: list[Any], _given: list[Any], _named: dict[str, Any]) -> list[Any]:
        return sorted(stream, key=lambda item: text(item).lower())

    def run_out_null(self, _scope: Scope, _stream: list[Any], _given: list[Any], _named: dict[str, Any]) -> list[Any]:
        return []

    def run_new_object(self, _scope: Scope, _stream: list[Any], given: list[Any], named: dict[str, Any]) -> list[Any]:
        return [dict(named["Property"]) if given == ["PSObject"] else Rows()]

    def run_test_path(self, scope: Scope, _stream: list[Any], given: list[Any], _named: dict[str, Any]) -> list[Any]:
        return [scope.find(given[0].partition(":")[2].lower()) is not None]

    def run_write_warning(self, _scope: Scope, _stream: list[Any], given: list[Any], _named: dict[str, Any]) -> list[Any]:
        self.warnings.append(given[0])
        return []

    def run_get_command(self, _scope: Scope, _stream: list[Any], given: list[Any], _named: dict[str, Any]) -> list[Any]:
        return [name for name in self.cmdlets if name == given[0]]

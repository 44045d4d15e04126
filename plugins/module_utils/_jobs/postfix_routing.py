# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of postfix_routing, which runs on the mail server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError
from ansible_collections.mimecast.connect.plugins.module_utils._postfix import plan
from ansible_collections.mimecast.connect.plugins.module_utils._postfix.change import carry_out
from ansible_collections.mimecast.connect.plugins.module_utils._postfix.model import LEVELS, STRICT, Found, PostfixError, Target
from ansible_collections.mimecast.connect.plugins.module_utils._postfix.read import read
from ansible_collections.mimecast.connect.plugins.module_utils._postfix.run import Programs
from ansible_collections.mimecast.connect.plugins.module_utils._postfix.wishes import folder, login_of, taken_back, wished
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

RELOAD = {"action": "update", "kind": "postfix_service", "name": "reload"}


def work(context: Context) -> dict[str, Any]:
    """Bring a Postfix to what is declared, or to what it was, or predict it."""
    try:
        return _work(context)
    except PostfixError as error:
        raise ConnectError(str(error)) from None


def _work(context: Context) -> dict[str, Any]:
    params = context.params
    aim = _aim(params)
    programs = Programs(folder(params), context.run_command)
    found = read(folder(params), programs)
    target = aim(found)
    changes, diff = plan.changes(found, target), plan.diff(found, target)
    kept = found.before() if found.unfinished is None else found.unfinished
    _visible(params["password"], [changes, kept, target.parameters])
    warnings = list(target.warnings)
    if changes or found.unfinished is not None:
        changes.append(RELOAD)
    if changes and not context.dry:
        warnings += carry_out(found, target, kept, programs)
    return {
        "changed": bool(changes), "changes": changes, "diff": diff, "before": kept, "parameters": _after(found, target), "version": found.release,
        "warnings": warnings,
    }


def _aim(params: dict[str, Any]) -> Callable[[Found], Target]:
    """What is wanted, so far as it can be judged before anything is read."""
    if params["restore"] is not None:
        before, login = taken_back(params["restore"]), login_of(params)
        return lambda found: plan.restored(before, found, login)
    wish = wished(params)
    return lambda found: plan.declared(wish, found)


def _after(found: Found, target: Target) -> dict[str, Any]:
    return {**found.parameters(), **target.parameters}


def _visible(password: Any, results: Any) -> None:
    """A password that is part of other values would be hidden there too, and then ``before`` could not be taken back."""
    if password and password in json.dumps(results, ensure_ascii=False):
        raise PostfixError("Nothing was changed: the password is part of the names or addresses of this Postfix, where hiding it would garble them; "
                           "choose another one")


JOB = Job(
    {
        "smart_hosts": {"type": "list", "elements": "str"},
        "port": {"type": "int", "default": 25},
        "tls": {"type": "str", "default": STRICT, "choices": list(LEVELS)},
        "tls_ca_file": {"type": "path"},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "journal": {"type": "dict", "options": {
            "address": {"type": "str", "required": True},
            "domain": {"type": "str"},
            "hosts": {"type": "list", "elements": "str", "required": True},
            "port": {"type": "int", "default": 25},
        }},
        "config_directory": {"type": "path", "default": "/etc/postfix"},
        "restore": {"type": "dict"},
    },
    work,
    {
        "required_one_of": [["smart_hosts", "journal", "restore"]],
        "mutually_exclusive": [["restore", "smart_hosts"], ["restore", "journal"]],
    },
)

# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mimecast_export: a tenant read into a document, and that as a file for people."""

from __future__ import annotations

import os
import traceback
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._engine.export import Export
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE, READ_KINDS
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import CONNECTION_PROVIDERS, SERVER_CONNECTIONS
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

YAML_IMP_ERR = None
try:
    import yaml
except ImportError:
    YAML_IMP_ERR = traceback.format_exc()

HEAD = "What this tenant holds, as a customer file. Options with their default are left out."
VAULT = "Secrets cannot be read. Define these variables, best with ansible-vault; they are sent only with other changes:"
CONSOLE = "server connections: what a person enters in the console, which only a tenant needs that lacks the connection"
NOTES = "Not in this file, because it cannot be read or declared:"


def rendered(found: Export) -> str:
    """The document as YAML with comments."""
    lines = [HEAD]
    if found.secrets:
        lines += ["", VAULT, *("  " + name for name in found.secrets)]
    if found.notes:
        lines += ["", NOTES, *("  " + note for note in found.notes)]
    comments = "".join("# {0}\n".format(line).replace("# \n", "#\n") for line in lines)
    return comments + "---\n" + yaml.safe_dump(found.document, sort_keys=False, allow_unicode=True, width=120)


def work(context: Context) -> dict[str, Any]:
    """Read, and write the file if one is named and differs; in check mode only say that it would."""
    given = context.params
    if given["dest"] and YAML_IMP_ERR:
        raise InputError("Cannot write {0!r}: {1}".format(given["dest"], missing_required_lib("PyYAML")))
    kinds = READ_KINDS if "all" in given["kinds"] else tuple(kind for kind in READ_KINDS if kind in given["kinds"])
    world = World(context.client, CATALOGUE)
    found = Export(world, kinds, given["members"])
    _add_types(found, world)
    result = {"changed": False, "document": found.document, "secrets": found.secrets, "notes": found.notes}
    if given["dest"]:
        result["changed"] = _written(given["dest"], rendered(found), context.dry)
    return result


def _add_types(found: Export, world: World) -> None:
    """A server connection is declared with its type; those of another provider than the types have cannot be."""
    kept = []
    for item in found.document.pop(SERVER_CONNECTIONS.kind, []):
        provider = world.one(SERVER_CONNECTIONS.kind, item["name"])["provider"]
        word = next((word for word, providers in CONNECTION_PROVIDERS.items() if provider in providers), None)
        if word:
            kept.append({**item, "type": word})
        else:
            found.notes.append("{0}: its provider is {1!r}, which is of no type".format(SERVER_CONNECTIONS.describe(item["name"]), provider))
    if kept:
        found.document = {SERVER_CONNECTIONS.kind: kept, **found.document}
        found.notes.append(CONSOLE)


def _written(path: str, text: str, dry: bool) -> bool:
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise InputError("Cannot write {0!r}: there is no folder {1!r}; make it first".format(path, folder))
    try:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                if file.read() == text:
                    return False
        if not dry:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise InputError("Cannot write {0!r}: {1}".format(path, error.strerror)) from None
    except UnicodeDecodeError:
        raise InputError("Cannot write {0!r}: what is there is no text; name another file".format(path)) from None
    return True


JOB = Job(
    {
        **API_SPEC,
        "kinds": {"type": "list", "elements": "str", "choices": ["all", *READ_KINDS], "default": ["all"]},
        "members": {"type": "bool", "default": True},
        "dest": {"type": "path"},
    },
    work,
)

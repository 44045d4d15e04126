# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The file that a rendering is written to, read and replaced as a whole."""

from __future__ import annotations

import os

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._machine import write_at_once


def existing(dest: str) -> str:
    """What the file holds; nothing if there is none, InputError if it cannot be such a file."""
    folder = os.path.dirname(os.path.realpath(dest))
    if not os.path.isdir(folder):
        raise InputError("Cannot write {0!r}: there is no folder {1!r}; make it first".format(dest, folder))
    try:
        with open(dest, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise InputError("Cannot write {0!r}: what is there is no text; name another file".format(dest)) from None
    except OSError as error:
        raise InputError("Cannot write {0!r}: {1}".format(dest, error.strerror)) from None


def replace(dest: str, content: str) -> None:
    """At once: a firewall may fetch the list at any moment, and nobody may run half a script."""
    path = os.path.realpath(dest)
    try:
        mode = os.stat(path).st_mode & 0o7777 if os.path.exists(path) else 0o644
        write_at_once(path, content, lambda new: os.chmod(new, mode))
    except OSError as error:
        raise InputError("Cannot write {0!r}: {1}".format(dest, error.strerror)) from None


def diff_of(dest: str, before: str, content: str) -> dict[str, dict[str, list[str]]]:
    """Both contents by name of the file."""
    return {"before": {dest: before.splitlines()}, "after": {dest: content.splitlines()}}

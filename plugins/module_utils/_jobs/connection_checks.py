# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Checks of Exchange Web Services as server connections declare them."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_wish import EWS, PASSWORD, Wish, wish_of

# option of a check -> that of a connection
_SAME = {"url": "url", "tls": "security_mode"}


def connections(declared: list[dict[str, Any]] | None) -> dict[str, list[dict[str, Any]]]:
    """By name of the connection: what it says of a check. Only those of Exchange Web Services can be checked from here."""
    problems: list[str] = []
    found = {}
    for position, item in enumerate(declared or (), 1):
        wish = wish_of(item, "", problems, " number {0}".format(position))
        if wish and wish.type == EWS and wish.state != "absent":
            found[wish.name] = [_check(wish, item[PASSWORD])]
    if problems:
        raise InputError("Nothing was changed, the input is wrong. {0}.".format("; ".join(problems)))
    return found


def _check(wish: Wish, password: str | None) -> dict[str, Any]:
    known: dict[str, Any] = {option: wish.values[key] for option, key in _SAME.items() if key in wish.values}
    if password and "master_mailbox" in wish.values:
        known.update(username=wish.values["master_mailbox"], password=password)
        if "mailbox_check" in wish.values:
            known.update(mailbox=wish.values["mailbox_check"], impersonate=True)
    return known

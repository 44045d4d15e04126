# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Which tenant a credential acts on, confirmed before anything is written on behalf of another account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import READ, Operation

if TYPE_CHECKING:
    from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client

WHOAMI = Operation("GET", "/identity/whoami", READ, products=("accountmanagement",))


def confirm(client: Client, account_code: str) -> None:
    """That a header selects the tenant is inferred, so the service is asked whom it takes us to act on. InputError if another."""
    answer = client.read(WHOAMI, "find out which account the credential acts on")
    target, home = (_codes(answer.get(key)) for key in ("account-codes", "home-account"))
    if account_code.upper() not in target:
        raise InputError("Nothing was changed: account_code is {0}, but the service acts on {1} (the credential belongs to {2}). "
                         "Check account_code, and that the credential may act for that account".format(
                             account_code, " and ".join(target) or "an account that it does not name", " and ".join(home) or "an unnamed account"))


def _codes(found: object) -> list[str]:
    return sorted({str(code).upper() for code in found.values() if code}) if isinstance(found, dict) else []

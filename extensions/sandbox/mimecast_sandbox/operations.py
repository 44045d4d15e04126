# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of operations: id in the contract -> what serves it. Everything else about them is in openapi/."""
from __future__ import annotations

from . import (
    account, account_settings, connectors, delivery_route, directory, domains, evidence, groups, integration_runs, integrations,
    journaling, policies, policies_dkim,
)
from .resources import Handler

HANDLERS: dict[str, Handler] = {
    **account.HANDLERS,
    **delivery_route.HANDLERS,
    **directory.HANDLERS,
    **groups.HANDLERS,
    **connectors.HANDLERS,
    **domains.HANDLERS,
    **evidence.HANDLERS,
    **integrations.HANDLERS,
    **integration_runs.HANDLERS,
    **journaling.HANDLERS,
    **policies.HANDLERS,
    **policies_dkim.HANDLERS,
    **account_settings.HANDLERS,
}

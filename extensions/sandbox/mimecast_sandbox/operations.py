# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of operations: id in the contract -> what serves it. Everything else about them is in openapi/."""
from __future__ import annotations

from . import account, delivery_route, directory
from .resources import Handler

HANDLERS: dict[str, Handler] = {
    **account.HANDLERS,
    **delivery_route.HANDLERS,
    **directory.HANDLERS,
}

# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the filters of a journey share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError


def variables_of(name: str, value: Any) -> Mapping[str, Any]:
    """The variables of a host; read one by one, since each can be a template."""
    if not isinstance(value, Mapping):
        raise AnsibleFilterError("{0}: the variables of a customer's host are needed, such as hostvars[inventory_hostname]".format(name))
    return value


def plan_of(name: str, value: Any) -> dict[str, Any]:
    """What connect_plan has made."""
    if not isinstance(value, Mapping) or not {"steps", "others", "problem"} <= set(value):
        raise AnsibleFilterError("{0}: plan has to be what the filter mimecast.connect.connect_plan returns".format(name))
    return dict(value)

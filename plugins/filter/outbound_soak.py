# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: outbound_soak
short_description: Since when mail goes out through the service, and whether the agreed days have passed
version_added: 0.1.0
description:
  - Judges two searches for outbound messages. It is what the role outbound decides by.
  - Days are those of UTC.
positional: lately
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
options:
  _input:
    description: The result of M(mimecast.connect.mimecast_message_info) for the days before O(days), whether it failed or not.
    type: dict
    required: true
  lately:
    description: The result for the last O(days), where the other has found nothing.
    type: dict
    required: true
  days:
    description: For how many days the service is to have outbound mail alone.
    type: int
    required: true
  since:
    description: The day (YYYY-MM-DD) that somebody says, for messages that cannot be read.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Since when
  ansible.builtin.debug:
    msg: "{{ earlier | mimecast.connect.outbound_soak({'skipped': true}, days=5) }}"
  vars:
    earlier:
      found: 3
      oldest: "2026-11-02T09:00:00+0000"
"""

RETURN = r"""
_value:
  description: C(since) and C(until), days or empty if nobody knows; C(passed), whether the days have passed; C(why), a sentence.
  type: dict
  sample:
    since: "2026-11-20"
    until: "2026-11-25"
    passed: false
    why: Mail goes out through the service since 2026-11-20, the day of the oldest message that it tracked; the 5 days to wait are over on 2026-11-25
"""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._customers.soak import soak


def outbound_soak(value: Any, lately: Any, days: Any, since: Any = "") -> dict[str, Any]:
    """As of now."""
    if not isinstance(value, dict) or not isinstance(lately, dict):
        raise AnsibleFilterError("Cannot judge since when mail goes out: give two results of mimecast_message_info")
    try:
        return soak(value, lately, days, since, datetime.now(timezone.utc))
    except ValueError as error:
        raise AnsibleFilterError("Cannot judge since when mail goes out: {0}".format(error)) from error


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"outbound_soak": outbound_soak}

# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Codes of the tcp probe."""

from __future__ import annotations

from typing import Dict

CODES: Dict[str, str] = {
    "ok_open": "{target} accepts connections, as it should; nothing to do",
    "ok_refused": "{target} refuses connections, and it is meant to be closed; nothing to do",
    "ok_filtered": "{target} does not answer, and it is meant to be closed; nothing to do",
    "port_open": "{target} accepts a connection from here although it is meant to be closed; check the rules of the firewall in front of it",
}

# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the filters for the Request for Information take."""

    DOCUMENTATION = r"""
options:
  _input:
    description:
      - The keys of a customer file, such as the variables of a host of the inventory P(mimecast.connect.customers#inventory). Only those are read that the
        form asks for.
    type: dict
    required: true
"""

# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each task runs in a fork of ansible-playbook. What the parent has loaded is there in every fork; anything else each fork loads anew.

Inventory plugins run in the parent, and action plugins are imported there. To look for one filter is to load all filters of its collection, with
what they import. Done in each fork, that was two thirds of the processor time of a journey.
"""

from __future__ import annotations

import gc

from ansible.plugins.loader import filter_loader, test_loader


def prepare_forks() -> None:
    """Load the filters of this collection, those of Ansible, and its tests. What there is by now no fork searches for garbage."""
    filter_loader.get("mimecast.connect.connect_plan")
    test_loader.get("ansible.builtin.defined")
    gc.freeze()

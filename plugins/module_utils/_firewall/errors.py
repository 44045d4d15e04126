# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What can go wrong with a firewall, as sentences for people."""

from __future__ import annotations


class FirewallError(Exception):
    """The wish is wrong, a guard refuses it, or the firewall's own programs failed; the text says which."""

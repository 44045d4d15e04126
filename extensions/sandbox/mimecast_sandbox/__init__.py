# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Offline imitation of the Mimecast API 2.0 for tests and rehearsals. See docs/sandbox.md."""
from __future__ import annotations

__version__ = "0.1.0"

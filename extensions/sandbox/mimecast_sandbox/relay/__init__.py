# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail side of the imitation: smart hosts, inbound hosts and journal hosts that speak real SMTP.

docs/sandbox.md lists what of it is an assumption.
"""

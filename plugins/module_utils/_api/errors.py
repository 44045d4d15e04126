# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Everything that can go wrong, as sentences for people. str(error) is what the user reads."""

from __future__ import annotations


class ConnectError(Exception):
    """Base of all errors of the collection; converted to a failed result in one place."""


class InputError(ConnectError):
    """The user's options are wrong; nothing was sent to the service."""


class WriteRefused(ConnectError):
    """A write reached the gate although this run must not write (check mode)."""


class ApiError(ConnectError):
    """The service refused a call, or could not be reached. The call had no effect.

    ``status`` is the HTTP status (0 when there was no answer), ``code`` the service's own error code or ''.
    """

    def __init__(self, message: str, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class OutcomeUnknown(ApiError):
    """A write may or may not have been carried out; only reading again can tell."""

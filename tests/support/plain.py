"""HTTP without TLS, which is all that tests speak."""

from __future__ import annotations

import ssl

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Spares a client the certificates: to read them takes 25 ms of processor, and a test has half a dozen clients."""

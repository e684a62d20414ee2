"""An SSL context for clients that use plain HTTP."""

from __future__ import annotations

import ssl

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Saves a client from loading certificates, which takes 25 ms of processor time; a test has half a dozen clients."""

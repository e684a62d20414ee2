"""Sign-in of staff by an OpenID Connect provider: the authorization code flow with PKCE, state and nonce."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

WITHIN_SECONDS = 10.0
LEEWAY_SECONDS = 60
"""How far the provider's clock may be from ours."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures by a key pair. One by a shared secret, or none, is refused."""


class SignInRefused(Exception):
    """The provider does not vouch for anybody. `reason` is a word for the log; it names nobody."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Attempt:
    """The secrets of one sign-in, which the browser keeps until it comes back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def begin(cls) -> Attempt:
        """A new attempt."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


@dataclass
class OpenIdProvider:
    """The provider at `issuer`, where Jalon is the client `client_id`. Its description is read once, its keys at each sign-in."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    _described: dict[str, Any] | None = field(default=None, init=False)

    async def address(self, attempt: Attempt, back_to: str) -> str:
        """Where the browser signs in, to come back to `back_to`. Raises SignInRefused."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": back_to,
            "scope": "openid email profile",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": create_s256_code_challenge(attempt.verifier),
            "code_challenge_method": "S256",
        }
        endpoint = (await self._description())["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def claims(self, attempt: Attempt, code: str, back_to: str) -> Mapping[str, Any]:
        """The claims of whoever came back with this code. Raises SignInRefused."""
        described = await self._description()
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": attempt.verifier,
        }
        answer = await _asked("POST", described["token_endpoint"], data=given, auth=self._authentication())
        keys = await _asked("GET", described["jwks_uri"])
        try:
            token = jwt.decode(answer["id_token"], KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
            claims = CodeIDToken(token.claims, token.header, self._expected(described), self._sent(attempt))
            claims.validate(leeway=LEEWAY_SECONDS)
        except (KeyError, TypeError, ValueError, JoseError, AuthlibBaseError) as wrong:
            raise SignInRefused(f"id_token:{type(wrong).__name__}") from None
        return dict(claims)

    def _authentication(self) -> httpx.BasicAuth:
        return httpx.BasicAuth(self.client_id, self.client_secret)

    def _expected(self, described: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "iss": {"essential": True, "value": described["issuer"]},
            "aud": {"essential": True, "value": self.client_id},
        }

    def _sent(self, attempt: Attempt) -> dict[str, str]:
        return {"nonce": attempt.nonce, "client_id": self.client_id}

    async def _description(self) -> dict[str, Any]:
        if self._described is None:
            found = await _asked("GET", get_well_known_url(self.issuer, external=True))
            needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
            if not all(isinstance(found.get(each), str) for each in needed):
                raise SignInRefused("description_incomplete")
            if found["issuer"].rstrip("/") != self.issuer.rstrip("/"):
                raise SignInRefused("issuer_differs")
            self._described = found
        return self._described


async def _asked(method: str, url: str, **sent: Any) -> dict[str, Any]:
    try:
        async with httpx.AsyncClient(timeout=WITHIN_SECONDS) as client:
            answer = (await client.request(method, url, **sent)).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as fault:
        raise SignInRefused(f"provider:{type(fault).__name__}") from None
    if not isinstance(answer, dict):
        raise SignInRefused("provider:unreadable")
    return answer

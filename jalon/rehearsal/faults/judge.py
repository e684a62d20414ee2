"""Finds faults: lost, charged twice, mailed twice, inconsistent. Pure: it reads the evidence and nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from jalon.rehearsal.faults.observations import Acknowledgement, Evidence, Expected, Finding, View

SIGNED_BY = {"activate": "click_activate", "sign": "sign"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings. `mail_repeats` counts Message-IDs sent again because their acknowledgement was lost, which is allowed."""

    findings: tuple[Finding, ...]
    mail_repeats: int

    def count(self, kind: str) -> int:
        """The number of findings of this kind."""
        return sum(1 for finding in self.findings if finding.kind == kind)


def judge(evidence: Evidence) -> Verdict:
    """Every finding, and the number of mail repeats."""
    findings = [
        *_orders(evidence),
        *_acknowledged(evidence),
        *_unasked(evidence),
        *_captures(evidence),
        *_letters(evidence),
        *_at_odds(evidence),
    ]
    return Verdict(tuple(findings), _repeats(evidence))


def _orders(evidence: Evidence) -> Iterator[Finding]:
    """Finds orders that did not end where they should, or whose buyer got no e-mail."""
    for order in evidence.expected:
        if order.entity is None:
            yield Finding("lost", order.label, "never opened")
            continue
        view = evidence.answers.get(order.entity)
        if view is None or view["status"] != order.status:
            yield Finding("lost", order.entity, f"is {_status(view)}, should be {order.status}")
        for subscription in _subscriptions(view):
            own = evidence.answers.get(subscription)
            if own is None or own["status"] != order.subscription_status:
                yield Finding(
                    "lost", subscription, f"is {_status(own)}, should be {order.subscription_status}"
                )
        yield from _untold(evidence, order)


def _untold(evidence: Evidence, order: Expected) -> Iterator[Finding]:
    arrived = evidence.templates_to(order.buyer)
    withdrawn = {template for entity, template in evidence.withdrawn if entity == order.entity}
    for template in sorted(order.mails - arrived - withdrawn):
        yield Finding("lost", order.entity or order.label, f"the e-mail {template} never came")
    for template in sorted(arrived - order.mails if order.no_other_mail else ()):
        yield Finding("at_odds", order.entity or order.label, f"the e-mail {template} is not of a good day")


def _status(view: View | None) -> str:
    return "unknown" if view is None else str(view["status"])


def _subscriptions(view: View | None) -> list[str]:
    lines = view["lines"] if view else []
    return [line["subscription"] for line in lines if line.get("subscription")]


def _acknowledged(evidence: Evidence) -> Iterator[Finding]:
    """Finds acknowledged requests that are not marked as applied, or that the workflow's own answer does not show."""
    for given in evidence.acknowledgements:
        mark = evidence.marks.get(given.key)
        if mark is None:
            yield Finding("lost", given.entity, f"{given.move}, answered {given.status}, left no receipt")
        elif mark.state == "pending":
            yield Finding("lost", given.entity, f"{given.move}, answered {given.status}, was never heard")
        elif mark.state == "applied" and not _took_effect(given, evidence.answers.get(given.entity)):
            yield Finding(
                "lost", given.entity, f"{given.move}, answered {given.status}, left no trace in the workflow"
            )
        elif mark.state == "refused" and given.status != 202:  # noqa: PLR2004 — a 202 promises a hearing, not success
            yield Finding(
                "lost", given.entity, f"{given.move}, answered {given.status}, was refused after all"
            )


def _took_effect(given: Acknowledgement, view: View | None) -> bool:
    if view is None:
        return False
    if given.move == "place":
        return view["placed_at"] is not None
    if given.move in SIGNED_BY:
        done = {step["step"]: step["done_at"] for step in view["steps"]}
        return done.get(SIGNED_BY[given.move]) is not None
    return True


def _unasked(evidence: Evidence) -> Iterator[Finding]:
    """Finds placed orders that no caller got as an answer."""
    known = {order.entity for order in evidence.expected}
    for entity, view in evidence.projections.items():
        if "placed_at" in view and entity not in known:
            yield Finding("at_odds", entity, "an order that no caller was told of")


def _captures(evidence: Evidence) -> Iterator[Finding]:
    """Finds orders with more or fewer captures than expected, and captures without an order."""
    orders = {entity: view.get("order_id") or entity for entity, view in evidence.projections.items()}
    taken: Counter[str] = Counter()
    for capture in evidence.captures:
        order = orders.get(capture.entity)
        if order is None or order not in evidence.projections:
            yield Finding("lost", capture.entity, f"the capture {capture.reference} has no order")
        else:
            taken[order] += 1
    for expected in evidence.expected:
        if expected.entity is None:
            continue
        extra = taken[expected.entity] - expected.captures
        yield from [Finding("charged_twice", expected.entity, "one capture too many")] * max(extra, 0)
        yield from [Finding("lost", expected.entity, "a capture is missing")] * max(-extra, 0)


def _letters(evidence: Evidence) -> Iterator[Finding]:
    """Finds a second Message-ID for a buyer and template, and copies sent after the acceptance was recorded.

    An order of these cases sends each of its e-mails once, so buyer and template identify the intent without the ledger.
    """
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    accepted = {intent.message_id: intent.accepted_at for intent in evidence.intents}
    for letter in evidence.letters:
        ids[letter.to, letter.template].add(letter.message_id)
        accepted_at = accepted.get(letter.message_id)
        if accepted_at is not None and letter.received_at > accepted_at:
            yield Finding(
                "mailed_twice", letter.to, f"{letter.template} again after its acceptance was recorded"
            )
        if letter.message_id not in accepted:
            yield Finding("at_odds", letter.to, f"{letter.template} is in no ledger")
    for (to, template), different in ids.items():
        if len(different) > 1:
            yield Finding("mailed_twice", to, f"{template} under {len(different)} Message-IDs")


def _repeats(evidence: Evidence) -> int:
    copies = Counter((letter.message_id, letter.to) for letter in evidence.letters)
    return sum(count - 1 for count in copies.values())


def _at_odds(evidence: Evidence) -> Iterator[Finding]:
    """Finds projections that differ from the workflow's own answer."""
    for entity in sorted(evidence.projections.keys() | evidence.answers.keys()):
        shown, own = evidence.projections.get(entity), evidence.answers.get(entity)
        if shown is None or own is None:
            yield Finding("at_odds", entity, "has no projection" if shown is None else "has no workflow")
        elif shown != own:
            names = [name for name in sorted(shown.keys() | own.keys()) if shown.get(name) != own.get(name)]
            yield Finding("at_odds", entity, f"projection and workflow differ in {', '.join(names)}")

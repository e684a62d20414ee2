"""The contract page of a signed link: shown, read, activated, signed, or expired (H2–H5, P5, X1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from api.web.hosted.page_models import ContractPage, Form, Problem, TermsLink
from jalon.domain.emails import Milestone
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.money import Money
from jalon.domain.projections import (
    ChargeAt,
    PaymentState,
    StepProgress,
    SubscriptionProjection,
    VoidCause,
)
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.terms import ActivationStep
from jalon.integrations.mail.formats import Language
from jalon.integrations.mail.renderer import StoreIdentity
from jalon.policy.model.store_policy import StorePolicy

UNPAID = frozenset({PaymentState.DECLINED, PaymentState.ACTION_REQUIRED})
NOTHING_FILLED: Mapping[str, str] = MappingProxyType({})
State = Literal["awaiting", "working", "payment", "active", "ended", "expired"]


@dataclass(frozen=True, slots=True)
class Contract:
    """A subscription with the facts that its contract page shows, at the store's instant `now`."""

    subscription: SubscriptionProjection
    policy: StorePolicy
    now: datetime

    @property
    def step(self) -> ActivationStep | None:
        """The first step that is not done."""
        return next((each.step for each in self.subscription.steps if each.done_at is None), None)

    @property
    def activate_by(self) -> datetime | None:
        """The first closed instant of the activation window, where there is one and nothing holds it open."""
        return self.subscription.activates_before

    @property
    def state(self) -> State:
        """The state that the page shows."""
        status = self.subscription.status
        if status is SubscriptionStatus.VOID or (self._pending and self.step and self._window_closed):
            return "expired"
        if self._pending and self.step is None:
            payment = self.subscription.payment
            return "payment" if payment and payment.state in UNPAID else "working"
        if self._pending:
            return "awaiting"
        return "active" if status is SubscriptionStatus.ACTIVE else "ended"

    @property
    def _pending(self) -> bool:
        return self.subscription.status is SubscriptionStatus.PENDING_ACTIVATION

    @property
    def _window_closed(self) -> bool:
        return self.activate_by is not None and self.now >= self.activate_by

    @property
    def click_is_signature(self) -> bool:
        """Whether the click on Activate is also the signature (X1)."""
        return self.subscription.click_is_signature

    def signs(self, step: str) -> bool:
        """Whether the step is a signature, which requires a name and a consent."""
        return step == "sign" or (step == "click_activate" and self.click_is_signature)

    def page(
        self,
        state: State,
        token: str,
        nonce: str,
        language: Language,
        store: StoreIdentity,
        problems: tuple[Problem, ...] = (),
        filled: Mapping[str, str] = NOTHING_FILLED,
        payment_url: str | None = None,
    ) -> ContractPage:
        """The page in `state`. Its form takes effect once, under `nonce`; `filled` are the fields of the one sent before."""
        subscription = self.subscription
        sha256 = subscription.document.sha256 if subscription.document else ""
        return ContractPage(
            language=language,
            store=store,
            state=state,
            product=subscription.product,
            quantity=subscription.quantity,
            order_number=subscription.number,
            activate_by=self.activate_by,
            document_url=f"/h/contract/{token}/document",
            document_sha256=sha256,
            form=Form(f"/h/contract/{token}/{self.step}", {"nonce": nonce, "document_sha256": sha256}),
            step=self.step,
            click_is_signature=self.click_is_signature,
            charge_on_activation=self._charge(),
            milestones=self._milestones(),
            step_number=self._number,
            step_count=len(self._pages),
            signed=subscription.signed_document is not None,
            terms=self._terms(),
            signer_name=filled.get("signer_name", ""),
            signer_title=filled.get("signer_title", ""),
            consented=filled.get("consent") == "yes",
            problems=problems,
            calendar_url=f"/h/contract/{token}/deadline.ics",
            portal_url=f"/h/contract/{token}/portal",
            payment_url=payment_url,
            ended_at=subscription.ended_at,
            cause=subscription.void_cause or VoidCause.NOT_ACTIVATED,
            expired_by=subscription.void_by or self.activate_by,
            refunded=self._refunded(),
        )

    @property
    def _pages(self) -> tuple[ActivationStep, ...]:
        """The steps that have a form of their own: where the click is the signature, the two are one (X1)."""
        steps = tuple(each.step for each in self.subscription.steps)
        return tuple(step for step in steps if not (self.click_is_signature and step == "sign"))

    @property
    def _number(self) -> int:
        return self._pages.index(self.step) + 1 if self.step in self._pages else len(self._pages)

    def _terms(self) -> tuple[TermsLink, ...]:
        return tuple(
            TermsLink(each.layer, each.version, f"/h/terms/{self.policy.id}/{each.sha256}")
            for each in self.subscription.terms_documents
        )

    def _refunded(self) -> Money | None:
        """What was charged with the order and goes back with a void line."""
        subscription = self.subscription
        charged = subscription.charge_at is ChargeAt.ORDER and subscription.amount.amount
        return subscription.amount if charged else None

    def _charge(self) -> Money | None:
        subscription = self.subscription
        return subscription.amount if subscription.charge_at is ChargeAt.ACTIVATION else None

    def _milestones(self) -> tuple[Milestone, ...]:
        if self._pending and self.step is None:
            return SUBSCRIPTION.milestones(self.subscription)
        ordered = Milestone("ordered", "reached", at=self.subscription.ordered_at)
        steps = tuple(self._milestone(step) for step in self.subscription.steps)
        started = self.subscription.term_start
        active = Milestone("active", "reached", at=started) if started else Milestone("active", "awaited")
        return (ordered, *steps, active)

    def _milestone(self, step: StepProgress) -> Milestone:
        if step.done_at is not None:
            return Milestone(step.step, "reached", at=step.done_at)
        return Milestone(step.step, "awaited", until=self.activate_by)

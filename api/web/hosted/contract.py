"""The contract behind its link: shown, read, activated, signed; or expired (H2–H5, P5, X1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from api.web.hosted.page_models import ContractPage, Form, Problem
from jalon.domain.emails import Milestone
from jalon.domain.money import Money
from jalon.domain.statuses import SubscriptionStatus
from jalon.integrations.mail.formats import Language
from jalon.integrations.mail.renderer import StoreIdentity
from jalon.persistence.entities.entities import Entity
from jalon.policy.model.store_policy import StorePolicy

State = Literal["awaiting", "working", "payment", "active", "expired"]


@dataclass(frozen=True, slots=True)
class Contract:
    """A subscription as its contract page needs it, at the store's instant `now`."""

    subscription: Entity
    policy: StorePolicy
    now: datetime

    @property
    def step(self) -> str | None:
        """The first step that is not done."""
        missing = [step["step"] for step in self.subscription.view["steps"] if step["done_at"] is None]
        return missing[0] if missing else None

    @property
    def activate_by(self) -> datetime | None:
        """The first closed instant of the window."""
        return _instant(self.subscription.view["activation_by"])

    @property
    def state(self) -> State | None:
        """What the page shows; None when there is nothing to show any more."""
        status = self.subscription.status
        if status == SubscriptionStatus.VOID or (self._pending and self.step and self._window_closed):
            return "expired"
        if self._pending and self.step is None:
            payment = self.subscription.view["payment"] or {}
            return "payment" if payment.get("state") in ("declined", "action_required") else "working"
        if self._pending:
            return "awaiting"
        return "active" if status == SubscriptionStatus.ACTIVE else None

    @property
    def _pending(self) -> bool:
        return self.subscription.status == SubscriptionStatus.PENDING_ACTIVATION

    @property
    def _window_closed(self) -> bool:
        return self.activate_by is not None and self.now >= self.activate_by

    @property
    def click_is_signature(self) -> bool:
        """Whether the click on Activate signs too (X1)."""
        return bool(self.subscription.view["click_is_signature"])

    def signs(self, step: str) -> bool:
        """Whether the step is a signature, and so needs a name and a consent."""
        return step == "sign" or (step == "click_activate" and self.click_is_signature)

    def page(
        self,
        state: State,
        token: str,
        nonce: str,
        language: Language,
        store: StoreIdentity,
        problems: tuple[Problem, ...] = (),
        signer_name: str = "",
    ) -> ContractPage:
        """The page in `state`; its form is sent once under `nonce`."""
        view = self.subscription.view
        sha256 = (view["document"] or {}).get("sha256", "")
        return ContractPage(
            language=language,
            store=store,
            state=state,
            product=view["product"],
            quantity=view["quantity"],
            order_number=view["number"],
            activate_by=self.activate_by,
            document_url=f"/h/contract/{token}/document",
            document_sha256=sha256,
            form=Form(f"/h/contract/{token}/{self.step}", {"nonce": nonce, "document_sha256": sha256}),
            step=self.step,  # type: ignore[arg-type]
            click_is_signature=self.click_is_signature,
            charge_on_activation=self._charge(),
            milestones=self._milestones(),
            signer_name=signer_name,
            problems=problems,
            payment_url=(view["payment"] or {}).get("action_url"),
        )

    def _charge(self) -> Money | None:
        view = self.subscription.view
        return Money.from_dict(view["amount"]) if view["charge_at"] == "activation" else None

    def _milestones(self) -> tuple[Milestone, ...]:
        view = self.subscription.view
        ordered = Milestone("ordered", "reached", at=_instant(view["ordered_at"]))
        steps = tuple(self._milestone(step) for step in view["steps"])
        started = _instant(view["term_start"])
        active = Milestone("active", "reached", at=started) if started else Milestone("active", "awaited")
        return (ordered, *steps, active)

    def _milestone(self, step: dict[str, Any]) -> Milestone:
        done_at = _instant(step["done_at"])
        if done_at is not None:
            return Milestone(step["step"], "reached", at=done_at)
        return Milestone(step["step"], "awaited", until=self.activate_by)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

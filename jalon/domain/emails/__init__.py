"""One frozen dataclass per e-mail; `EMAILS` maps each template name to its class.

A new e-mail is one class here and one folder in `templates/emails/`.
"""

from jalon.domain.emails.activation import (
    ActivationReminder,
    ActivationVoided,
    ContractReady,
    Invitation,
    SeatReleased,
    SubscriptionActive,
    UserAdded,
)
from jalon.domain.emails.base import (
    EMAILS,
    MILESTONES,
    Email,
    Facts,
    Link,
    Milestone,
    MilestoneLabel,
    UnknownEmail,
    email_from_facts,
)
from jalon.domain.emails.orders import (
    CartReminder,
    CertificateRequested,
    DeadlineExtended,
    ExportHold,
    OrderCancelled,
    OrderConfirmed,
    OrderDelayed,
    OrderProcessing,
    OrderRejected,
    PaymentActionRequired,
    PaymentFailed,
    PaymentRecovered,
)
from jalon.domain.emails.renewal import (
    PurgeWarning,
    RenewalNotice,
    RenewalResumed,
    RenewalStopped,
    Renewed,
    SubscriptionEnded,
)

__all__ = [
    "EMAILS",
    "MILESTONES",
    "ActivationReminder",
    "ActivationVoided",
    "CartReminder",
    "CertificateRequested",
    "ContractReady",
    "DeadlineExtended",
    "Email",
    "ExportHold",
    "Facts",
    "Invitation",
    "Link",
    "Milestone",
    "MilestoneLabel",
    "OrderCancelled",
    "OrderConfirmed",
    "OrderDelayed",
    "OrderProcessing",
    "OrderRejected",
    "PaymentActionRequired",
    "PaymentFailed",
    "PaymentRecovered",
    "PurgeWarning",
    "RenewalNotice",
    "RenewalResumed",
    "RenewalStopped",
    "Renewed",
    "SeatReleased",
    "SubscriptionActive",
    "SubscriptionEnded",
    "UnknownEmail",
    "UserAdded",
    "email_from_facts",
]

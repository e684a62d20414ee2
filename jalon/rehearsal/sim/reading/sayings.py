"""What e-mails and pages say, in both languages, and when it is so. A reader takes a sentence at its word."""

from __future__ import annotations

from jalon.domain.due import Due
from jalon.domain.statuses import OrderStatus, SubscriptionStatus
from jalon.rehearsal.sim.reading import notice_truths, truths
from jalon.rehearsal.sim.reading.people_sayings import ADMINISTRATION, SEATS
from jalon.rehearsal.sim.reading.saying import Saying

_ACTIVE, _VOID = SubscriptionStatus.ACTIVE, SubscriptionStatus.VOID


ACTIVATION = (
    Saying(
        "ou can activate (?:your software |it )?until {when}",
        "ous pouvez l'activer jusqu'au {when}",
        truths.can_activate,
    ),
    Saying(
        r"(?P<days>\d+) days left to activate",
        r"(?:Plus que|Encore) (?P<days>\d+) jours pour activer",
        truths.days_left,
    ),
    Saying(
        "Tomorrow is the last day",
        "Demain est le dernier jour|Plus qu'un jour pour activer",
        truths.days_left,
    ),
    Saying(
        "Today is the last day|Last day to activate",
        "C'est le dernier jour|Dernier jour pour activer",
        truths.days_left,
    ),
    Saying(
        "could (?:be activated|activate [^.]*?) until {when}",
        "(?:pouviez activer [^.]*?|activation était possible) jusqu'au {when}",
        truths.window_closed,
    ),
    Saying(
        "its payment did not reach us|time to pay has passed",
        "son paiement ne nous est pas parvenu|délai de paiement est passé",
        truths.lapsed_unpaid,
    ),
    Saying("order[^.]* has (?:therefore )?lapsed", "ommande[^.]* a (?:donc )?expiré", truths.has_lapsed),
    Saying("The order of [^.]* was cancelled", "La commande de [^.]* a été annulée", truths.was_cancelled),
    Saying("time to activate has passed", "délai d'activation est passé", truths.was_late),
    Saying(r"Signed\.|Your signature is kept", r"Signé\.|Votre signature est conservée", truths.is_signed),
    Saying("One thing is left: the payment", "Il ne reste que le paiement", truths.is_unpaid),
    Saying(
        "(?:can be used now|is active|can use it now)(?! only)",
        "est utilisable dès maintenant|est actif|pouvez l'utiliser dès maintenant",
        truths.has_status(_ACTIVE),
    ),
)

MONEY = (
    Saying(
        "{amount} will be charged (?:on activation|when you activate)",
        "{amount} seront débités (?:à|au moment de) l'activation",
        truths.charged_later,
    ),
    Saying("(?:have charged|have received) {amount}", "avons (?:débité|reçu) {amount}", truths.was_charged),
    Saying("{amount} charged", "{amount} débités\\.", truths.was_charged),
    Saying(
        "Nothing was charged(?! for its term)|Nothing has been charged|have not been charged",
        "Rien n'a été débité(?! pour sa période)",
        truths.never_charged,
    ),
    Saying("are refunding {amount}", "(?:vous )?remboursons {amount}", truths.is_refunded),
    Saying(
        "bank asks you to confirm", "banque vous demande (?:de confirmer|une confirmation)", truths.confirms
    ),
    Saying(
        "You can confirm until {when}",
        "Vous pouvez confirmer jusqu'au {when}",
        truths.is_due(Due.AUTHENTICATION, Due.RECOVERY),
    ),
    Saying("was declined", "a été refusé", truths.was_declined),
    Saying(
        "You have until {when} to settle",
        "Vous avez jusqu'au {when} pour régler",
        truths.is_due(Due.RECOVERY, Due.CART_ABANDONED),
    ),
    Saying("It is paid|is paid\\.", "C'est payé|est payée\\.", truths.is_paid),
    Saying("Your card is kept", "Votre carte est enregistrée", truths.has_card),
    Saying("It is too late to pay", "Il est trop tard pour payer", truths.too_late_to_pay),
    Saying(
        "payment could be settled until {when}",
        "paiement pouvait être réglé jusqu'au {when}",
        truths.could_be_paid,
    ),
    Saying("There is nothing (?:left )?to pay", "Il n'y a (?:plus )?rien à payer", truths.nothing_owed),
    Saying("Your card was refused", "Votre carte n'a pas été acceptée", truths.was_declined),
    Saying("The card has expired", "La carte a expiré", truths.declined_for("expired_card")),
    Saying(
        "not enough money on the account",
        "pas assez d'argent sur le compte",
        truths.declined_for("insufficient_funds"),
    ),
    Saying("without a payment|for want of payment", "faute de paiement", truths.ended_unpaid),
)

TERMS = (
    Saying("This term runs until {when}", "Cette période court jusqu'au {when}", truths.runs_until),
    Saying(
        "The new term runs until {when}",
        "La nouvelle période (?:court|courra) jusqu'au {when}",
        truths.next_term,
    ),
    Saying(
        "began on [^.]* and runs until {when}",
        "a commencé le [^.]* et court jusqu'au {when}",
        truths.runs_until,
    ),
    Saying(
        "past term, which began on (?P<from>[^.]*?) and ended on {when}",
        "période passée, qui a commencé le (?P<from>[^.]*?) et pris fin le {when}",
        truths.past_term,
    ),
    Saying("then renews by itself", "se renouvelle ensuite", truths.renews),
    Saying("does not renew by itself", "ne se renouvelle pas", truths.renews_not),
    Saying("renews by itself on {when}", "se renouvelle de lui-même le {when}", truths.renews_on),
    Saying(
        "(?:stop|switch) the renewal (?:on again )?until {when}",
        "(?:arrêter|rétablir) le renouvellement jusqu'au {when}",
        truths.can_stop,
    ),
    Saying(
        "You can stop it until {when}",
        "ous pouvez l'arrêter jusqu'au {when}",
        truths.can_stop,
    ),
    Saying(
        "was renewed (?:by itself )?on {when}",
        "(?:a été renouvelé|s'est renouvelé de lui-même) le {when}",
        notice_truths.renewed_on,
    ),
    Saying(
        "term is not charged yet|charged nothing for it yet|and is not charged yet",
        "n'est pas encore débitée|encore rien débité|pas encore débité",
        notice_truths.charge_waits,
    ),
    Saying(
        "do not know that our notice",
        "ne savons pas si notre avis",
        notice_truths.never_heard,
    ),
    Saying(
        "Nothing was charged for its term",
        "Rien n'a été débité pour sa période",
        notice_truths.last_term_free,
    ),
    Saying("go on using it until {when}", "continuer à l'utiliser jusqu'au {when}", truths.runs_until),
    Saying("will not renew", "ne sera pas renouvelé", truths.is_stopped),
    Saying("ran until {when}", "courait jusqu'au {when}", truths.ended_at),
    Saying(
        "subscription[^.]* has (?:now )?ended", "abonnement[^.]* a pris fin", truths.has_status(*truths.ENDED)
    ),
    Saying(
        "data (?:stays available|is kept) until {when}",
        "données (?:restent disponibles|sont conservées) jusqu'au {when}",
        truths.data_kept,
    ),
    Saying("We keep your data until {when}", "conservons vos données jusqu'au {when}", truths.data_kept),
    Saying("(?:data|It) is deleted now", "sont maintenant supprimées", truths.data_gone),
    Saying(r"\bRenewal {when}", r"\bRenouvellement {when}", truths.renews_on),
)

ORDERS = (
    Saying(
        "have until {when} to give you news",
        "avons jusqu'au {when} pour vous donner",
        truths.news_due,
    ),
    Saying(
        "You have until {when} to send it",
        "Vous avez jusqu'au {when} pour nous l'envoyer",
        truths.is_due(Due.CERTIFICATE_WINDOW),
    ),
    Saying(
        "keep (?:it|your basket) (?:for you )?until {when}",
        "(?:gardons votre panier|le gardons) jusqu'au {when}",
        truths.is_due(Due.CART_ABANDONED),
    ),
    Saying(
        "You can send your answers until {when}",
        "Vous pouvez envoyer vos réponses jusqu'au {when}",
        truths.is_due(Due.CERTIFICATE_WINDOW),
    ),
    Saying(
        "order waits for your end-use certificate",
        "commande attend votre certificat",
        truths.waits_for_certificate,
    ),
    Saying("basket is waiting for you", "panier vous attend(?! chez)", truths.has_status(OrderStatus.CART)),
    Saying("basket was let go", "panier n'est plus gardé", truths.is_let_go),
    Saying("Your order is complete", "Votre commande est complète", truths.has_status(OrderStatus.COMPLETED)),
    Saying(
        "the payment did not come until {when}",
        "le paiement n'est pas venu jusqu'au {when}",
        truths.lapsed_unpaid,
    ),
    Saying(
        "(?:Your|This) order is cancelled",
        "(?:Votre|Cette) commande est annulée",
        truths.is_cancelled,
    ),
    Saying("cancelled on request", "annulée sur demande", truths.happened("order_cancelled")),
    Saying("could be sent until {when}", "pouvait être envoyé jusqu'au {when}", truths.is_late_answer),
    Saying(
        "As you asked, we have cancelled",
        "Comme vous l'avez demandé, nous avons annulé",
        truths.asked_to_cancel,
    ),
    Saying(
        "certificate, and it did not reach us in time",
        "que nous n'avons pas reçu à temps",
        truths.happened("certificate_missing"),
    ),
    Saying("could not collect the payment", "pas pu encaisser", truths.happened("payment_missing")),
    Saying(
        "in the time we allow ourselves",
        "dans le délai que nous nous fixons",
        truths.happened("hold_expired"),
    ),
    Saying(
        "and we are sorry. We have therefore",
        "désolés. Nous l'avons donc annulée",
        truths.happened("order_compensated"),
    ),
    Saying("cannot accept your order", "ne pouvons pas accepter", truths.has_status(OrderStatus.REJECTED)),
    Saying(
        "is still being processed",
        "est toujours en cours de traitement",
        truths.has_status(OrderStatus.EXPORT_HOLD),
    ),
    Saying(
        r"There is nothing (?:more |you need )to do(?! for)",
        r"Vous n'avez (?:plus )?rien à faire(?! pour)",
        truths.nothing_asked,
    ),
)

SAYINGS = (*ACTIVATION, *MONEY, *TERMS, *SEATS, *ADMINISTRATION, *ORDERS)

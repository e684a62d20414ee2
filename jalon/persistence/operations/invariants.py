"""What must never be otherwise: each invariant with the query that finds what violates it, and what to do then.

A query names the store, the entity and the subject of each violation. It reads the entities of `scope` by their indexes, or the whole book
by an index of its own. It waits for GRACE where two ledgers are written one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from jalon.domain.invariants import Severity
from jalon.domain.statuses import OrderStatus, SubscriptionStatus

GRACE = "interval '15 minutes'"
"""A payment stands in its ledger before its entity knows it, as long as a worker is away. An older difference is none of timing."""

# A charge that the customer confirmed while it was being withdrawn was taken: then the withdrawal says so.
_TAKEN = "p.purpose in ('charge', 'withdraw')"
_SETTLED = f"p.state = 'succeeded' and p.settled_at < clock_timestamp() - {GRACE}"
_UNDONE = """exists (select 1 from payment u where u.entity_id = p.entity_id and u.purpose in ('refund', 'release')
                           and u.cycle = p.cycle and u.generation = p.generation and u.state = 'succeeded')"""
# What an operator did by hand, with evidence, stands in no ledger.
_BY_HAND = "exists (select 1 from audit a where a.entity_id = {} and a.action in ('skip', 'compensate'))"


@dataclass(frozen=True, slots=True)
class Invariant:
    """One invariant. `whole`: its query reads the whole book; `recent`: it is asked only of what changed lately."""

    name: str
    words: str
    severity: Severity
    rule: str | None
    remedy: str
    sql: str
    whole: bool = False
    recent: bool = False


# With an offset each entity is looked up by its id. Without it the planner may read every id of the book into a hash.
INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "payment_has_entity",
        "Every payment that was taken, and every mandate, belongs to an order or a subscription.",
        Severity.CRITICAL,
        "T15",
        "Find the payment at the provider by its key, give it back there, and tell the developers.",
        f"""select p.store_id, p.entity_id, p.key as subject from scope join payment p on p.entity_id = scope.id
            where (p.purpose = 'mandate' or {_TAKEN}) and {_SETTLED}
              and not exists (select 1 from entity e where e.id = p.entity_id offset 0)""",
    ),
    Invariant(
        "payment_is_known",
        "Every charge that was taken and not given back stands in the timeline of its order or subscription.",
        Severity.CRITICAL,
        "X17",
        "See whether workers run. Then ask the workflow (`?live=true`), and give the charge back or repair the entity.",
        f"""select p.store_id, p.entity_id, p.key as subject
            from scope join payment p on p.entity_id = scope.id join entity e on e.id = p.entity_id
            where {_TAKEN} and {_SETTLED} and e.parked = 0 and not {_UNDONE}
              and not exists (select 1 from timeline t where t.entity_id = p.entity_id and t.event = 'payment_captured'
                              and coalesce((t.data ->> 'term')::int, p.cycle) = p.cycle)
              and not {_BY_HAND.format("p.entity_id")}""",
    ),
    Invariant(
        "charged_once",
        "No occurrence is charged twice: an order once, a subscription once a term.",
        Severity.CRITICAL,
        "X17",
        "Give the later charge back at the provider, stop charges of the store, and tell the developers.",
        f"""select p.store_id, p.entity_id, max(p.key) as subject from scope join payment p on p.entity_id = scope.id
            where {_TAKEN} and p.state = 'succeeded' and not {_UNDONE}
            group by p.store_id, p.entity_id, p.cycle having count(distinct p.generation) > 1""",
    ),
    Invariant(
        "active_is_signed",
        "No subscription is active before all steps of its activation were taken, and a contract that is signed is kept.",
        Severity.CRITICAL,
        "P4",
        "Read its timeline. Suspend nothing by hand: the developers find out which step was passed over.",
        f"""select e.store_id, e.id as entity_id, e.id as subject from scope join entity e on e.id = scope.id
            where e.kind = 'subscription' and e.status = '{SubscriptionStatus.ACTIVE}'
              and (exists (select 1 from jsonb_array_elements(e.view -> 'steps') s where s ->> 'done_at' is null)
                   or (e.view -> 'steps' @> '[{{"step": "sign"}}]'
                       and not exists (select 1 from document d where d.entity_id = e.id
                                       and d.id = e.view -> 'signed_document' ->> 'id')))""",
    ),
    Invariant(
        "completed_is_paid",
        "No order that costs something is completed without a charge or a mandate.",
        Severity.CRITICAL,
        "X3",
        "Look for its payment at the provider. Without one, ask the customer for another card.",
        f"""select e.store_id, e.id as entity_id, e.id as subject from scope join entity e on e.id = scope.id
            where e.kind = 'order' and e.status = '{OrderStatus.COMPLETED}' and (e.view -> 'total' ->> 'amount')::numeric > 0
              and not exists (select 1 from payment p where p.entity_id = e.id and (p.purpose = 'mandate' or {_TAKEN})
                              and p.state = 'succeeded')
              and not {_BY_HAND.format("e.id")}""",
    ),
    Invariant(
        "void_is_free",
        "Nothing is kept of a charge for a line that lapsed.",
        Severity.CRITICAL,
        "P5",
        "Give the charge back at the provider, and see why its refund was not made.",
        f"""select p.store_id, p.entity_id, p.key as subject
            from scope join payment p on p.entity_id = scope.id join entity e on e.id = p.entity_id
            where e.kind = 'subscription' and e.status = '{SubscriptionStatus.VOID}' and e.parked = 0
              and {_TAKEN} and {_SETTLED} and not {_UNDONE} and not {_BY_HAND.format("p.entity_id")}""",
    ),
    Invariant(
        "line_exists",
        "Every line that an order counts as active has its subscription.",
        Severity.CRITICAL,
        "P2",
        "See whether the relay delivers. The customer sees the order as completed and cannot use the line.",
        """select e.store_id, e.id as entity_id, l ->> 'subscription' as subject
            from scope join entity e on e.id = scope.id cross join lateral jsonb_array_elements(e.view -> 'lines') l
            where e.kind = 'order' and l ->> 'outcome' = 'active'
              and not exists (select 1 from entity s where s.id = l ->> 'subscription' offset 0)""",
    ),
    Invariant(
        "mail_once",
        "An e-mail leaves under the one Message-ID of its intent, by which a receiver knows a repetition.",
        Severity.WARNING,
        None,
        "The customer may have got an e-mail twice. Tell the developers.",
        """select m.store_id, m.entity_id, m.message_id as subject from scope join mail m on m.entity_id = scope.id
            where m.message_id not like '<' || left(m.key, 40) || '@%'""",
    ),
    Invariant(
        "receipt_settled",
        "No write waits longer than 15 minutes for its workflow.",
        Severity.WARNING,
        "T15",
        "See whether relay, workers and Temporal run; then `GET /v1/ops/causes` for what stops this entity.",
        f"""select store_id, entity_id, id as subject from receipt
            where state = 'pending' and accepted_at < clock_timestamp() - {GRACE} order by seq limit :most""",
        whole=True,
    ),
    Invariant(
        "deadline_met",
        "No deadline has passed for 15 minutes without taking effect, unless a parked step holds it.",
        Severity.WARNING,
        "G6",
        "See whether workers run; then `GET /v1/ops/causes` for what stops this entity.",
        f"""select e.store_id, e.id as entity_id, e.id as subject
            from (select s.id, case when c.store_id is null then clock_timestamp() - {GRACE}
                                    when c.advance_to is null then c.now else '-infinity' end as until
                  from unnest(string_to_array(current_setting('app.stores'), ',')) s(id)
                  left join test_clock c on c.store_id = s.id) clocks
            cross join lateral (select * from entity where store_id = clocks.id and next_due_at < clocks.until
                                order by next_due_at limit :most) e
            where e.parked = 0 and not coalesce((e.view -> 'agenda' -> 0 ->> 'held')::boolean, false)
              and not exists (select 1 from transition t where t.entity_id = e.id
                              and t.recorded_at > clock_timestamp() - interval '1 minute')""",
        whole=True,
    ),
    Invariant(
        "receipt_recorded",
        "Every write that counts as applied has its transition.",
        Severity.CRITICAL,
        "G3",
        "Compare the entity with its workflow (`?live=true`), and tell the developers.",
        """select r.store_id, r.entity_id, r.id as subject from scope join receipt r on r.entity_id = scope.id
            where r.state = 'applied' and r.entity_kind <> 'installation'
              and not exists (select 1 from transition t where t.entity_id = r.entity_id and t.seq > r.after_seq)""",
    ),
    Invariant(
        "projection_is_last",
        "What people read of an order or a subscription is its last transition.",
        Severity.CRITICAL,
        "G6",
        "Compare the entity with its workflow (`?live=true`), and tell the developers.",
        """select e.store_id, e.id as entity_id, e.id as subject from scope join entity e on e.id = scope.id
            where not e.busy
              and (select max(t.seq) from transition t where t.entity_id = e.id and t.epoch = e.epoch) is distinct from e.seq""",
    ),
    Invariant(
        "audit_continues",
        "Each entry of the audit has its own digest and that of the entry before.",
        Severity.CRITICAL,
        "G6",
        "Somebody changed the audit in the database. Run `jalon audit verify`, and tell the data protection officer.",
        """select a.store_id, a.entity_id, a.id::text as subject from scope join audit a on a.entity_id = scope.id
            where a.digest <> audit_digest(a)
               or a.previous <> coalesce((select b.digest from audit b where b.entity_id = a.entity_id and b.id < a.id
                                          order by b.id desc limit 1), ''::bytea)""",
        recent=True,
    ),
)

-- What comes in: every write of a caller, every message between entities, every report of a payment provider.

-- received_at is the instant that decides, in the store's time (G3); accepted_at is real time.
create table receipt (
    -- A receipt is numbered under its entity's inbox lock, so numbers rise in the order of receipt within an entity.
    seq bigint generated always as identity primary key,
    id text not null unique,
    store_id text not null,
    entity_kind text not null,
    entity_id text not null,
    -- How many transitions its entity had made. A reset hears the receipt again at the same point of its life.
    after_seq int not null default 0,
    command text not null,
    body jsonb not null,
    actor text not null,
    role text not null,
    principal text not null,
    idempotency_key text not null,
    fingerprint bytea not null,
    received_at timestamptz not null,
    accepted_at timestamptz not null default clock_timestamp(),
    state text not null default 'pending' check (state in ('pending', 'applied', 'refused')),
    -- PostgreSQL settles a receipt a moment before the workflow's history holds it. Only a confirmed delivery ends the sending.
    delivered boolean not null default false,
    deferred boolean not null default false,
    outcome jsonb,
    view jsonb,
    -- Where its request is continued, as a traceparent of W3C Trace Context.
    trace text,
    unique (store_id, principal, idempotency_key)
);
create index receipt_entity on receipt (entity_id, seq);
create index receipt_age on receipt (accepted_at);
-- What is open of one entity.
create index receipt_open on receipt (store_id, entity_id, seq) where state = 'pending' or not delivered;
-- What is open of all: the relay's sweep goes by number.
create index receipt_sweep on receipt (seq) where state = 'pending' or not delivered;

-- A report as it came, once. It belongs to no store before its payment is found.
create table provider_event (
    provider text,
    id text,
    received_at timestamptz not null default clock_timestamp(),
    body bytea not null,
    -- The reason why the content cannot be read; null where it can.
    unreadable text,
    primary key (provider, id)
);

-- Instants named *_at in the store's time carry the test clock in a sandbox store; recorded_at and accepted_at are real.

create table policy_version (
    store_id text not null,
    policy_hash text not null,
    loaded_at timestamptz not null default clock_timestamp(),
    body jsonb not null,
    primary key (store_id, policy_hash)
);;

create table test_clock (
    store_id text primary key,
    now timestamptz not null,
    advance_id text,
    advance_to timestamptz,
    delivered int not null default 0,
    unsettled jsonb not null default '[]'
);;

create table party (
    store_id text not null,
    id text primary key,
    email_hash bytea not null,
    language text not null,
    wrapped_key bytea,
    body bytea,
    undeliverable text,
    identity_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    unique (store_id, email_hash)
);;

create table personal_record (
    store_id text not null,
    id text primary key,
    party_id text not null references party (id),
    kind text not null,
    body bytea not null,
    created_at timestamptz not null default clock_timestamp()
);;
create index personal_record_party on personal_record (party_id);;

create table receipt (
    seq bigint generated always as identity primary key,
    id text not null unique,
    store_id text not null,
    entity_kind text not null,
    entity_id text not null,
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
    deferred boolean not null default false,
    outcome jsonb,
    view jsonb,
    unique (store_id, principal, idempotency_key)
);;
create index receipt_pending on receipt (store_id, entity_id, seq) where state = 'pending';;
create index receipt_entity on receipt (entity_id, seq);;
create index receipt_age on receipt (accepted_at);;

create table entity (
    store_id text not null,
    id text primary key,
    kind text not null check (kind in ('order', 'subscription')),
    epoch int not null,
    seq int not null,
    status text not null,
    view jsonb not null,
    next_due_at timestamptz,
    busy boolean not null,
    parked int not null,
    number text,
    order_id text,
    buyer_id text,
    purchase_order_number text,
    audit_digest bytea not null default ''::bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null
);;
create index entity_due on entity (store_id, next_due_at) where next_due_at is not null;;
create index entity_busy on entity (store_id) where busy;;
create index entity_parked on entity (store_id) where parked > 0;;
create index entity_list on entity (store_id, kind, created_at, id);;
create index entity_number on entity (number);;
create index entity_order on entity (order_id);;
create index entity_buyer on entity (buyer_id);;
create index entity_purchase_order on entity (purchase_order_number);;

create table transition (
    store_id text not null,
    entity_id text not null,
    epoch int not null,
    seq int not null,
    digest bytea not null,
    at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (entity_id, epoch, seq)
);;

create table timeline (
    store_id text not null,
    entity_id text not null,
    epoch int not null,
    seq int not null,
    n int not null,
    at timestamptz not null,
    event text not null,
    rule text,
    actor text,
    data jsonb not null,
    primary key (entity_id, epoch, seq, n)
);;

create table audit (
    id bigint generated always as identity primary key,
    store_id text not null,
    entity_id text not null,
    at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    actor text not null,
    role text not null,
    action text not null,
    rule text,
    reason text,
    data jsonb not null,
    previous bytea not null,
    digest bytea not null
);;
create index audit_entity on audit (entity_id, id);;

create table outbox (
    id bigint generated always as identity primary key,
    store_id text not null,
    entity_id text not null,
    type text not null,
    at timestamptz not null,
    data jsonb not null,
    recorded_at timestamptz not null default clock_timestamp()
);;
create index outbox_store on outbox (store_id, id);;

create table frozen_terms (
    store_id text not null,
    entity_id text not null,
    occurrence text not null,
    body jsonb not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (entity_id, occurrence)
);;

create table payment (
    key text primary key,
    store_id text not null,
    entity_id text not null,
    purpose text not null,
    cycle int not null,
    generation int not null,
    amount numeric not null,
    currency text not null,
    provider text not null,
    state text not null check (state in ('intent', 'sent', 'unknown', 'action_required', 'succeeded', 'declined')),
    outcome jsonb,
    at timestamptz not null,
    sent_at timestamptz,
    settled_at timestamptz,
    unique (store_id, entity_id, purpose, cycle, generation)
);;
create index payment_entity on payment (entity_id);;
create index payment_unknown on payment (store_id, sent_at) where state in ('sent', 'unknown');;

create table mail (
    key text primary key,
    store_id text not null,
    entity_id text not null,
    party_id text not null,
    template text not null,
    message_id text not null unique,
    state text not null check (state in ('intent', 'accepted', 'refused')),
    attempts int not null default 0,
    refusal text,
    at timestamptz not null,
    accepted_at timestamptz
);;
create index mail_entity on mail (entity_id);;

create table document (
    store_id text not null,
    id text primary key,
    entity_id text not null,
    kind text not null,
    language text not null,
    sha256 text not null,
    media_type text not null,
    party_id text not null references party (id),
    body bytea not null,
    created_at timestamptz not null,
    unique (entity_id, kind, language)
);;

create table hold_decision (
    store_id text not null,
    order_id text not null,
    person text not null,
    decision text not null check (decision in ('release', 'reject')),
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (order_id, person)
);;

create table outage (
    id bigint generated always as identity primary key,
    store_id text,
    started_at timestamptz not null,
    ended_at timestamptz not null check (ended_at > started_at),
    source text not null check (source in ('heartbeat', 'declared')),
    actor text not null,
    reason text not null,
    recorded_at timestamptz not null default clock_timestamp()
);;

create table door_heartbeat (
    door text primary key,
    seen_at timestamptz not null
);;

create table api_key (
    id text primary key,
    key_hash bytea not null unique,
    person text not null,
    role text not null,
    stores text[] not null,
    created_at timestamptz not null default clock_timestamp(),
    revoked_at timestamptz
);;

create table provider_event (
    id text primary key,
    provider text not null,
    received_at timestamptz not null default clock_timestamp(),
    body jsonb not null
);;

-- One store never reads another's rows: every transaction names the stores it may see, and the owner is held to it too.
do $$
declare t text;
begin
    foreach t in array array['policy_version', 'test_clock', 'party', 'personal_record', 'receipt', 'entity', 'transition', 'timeline',
                             'audit', 'outbox', 'frozen_terms', 'payment', 'mail', 'document', 'hold_decision'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy own_store on %I using (store_id = any (string_to_array(current_setting(''app.stores'', true), '',''))) '
                       'with check (store_id = any (string_to_array(current_setting(''app.stores'', true), '','')))', t);
    end loop;
end $$;;

alter table outage enable row level security;;
alter table outage force row level security;;
create policy own_store on outage using (store_id is null or store_id = any (string_to_array(current_setting('app.stores', true), ',')));;

grant select, insert, update, delete on all tables in schema public to jalon_app;;
grant usage on all sequences in schema public to jalon_app;;
revoke update, delete on audit, timeline, transition, hold_decision, frozen_terms from jalon_app;;
revoke all on alembic_version from jalon_app;;
grant select on alembic_version to jalon_app;;

create view orders with (security_invoker = true) as
    select store_id, id, number, status, buyer_id, purchase_order_number, created_at, updated_at, view
    from entity where kind = 'order';;
create view subscriptions with (security_invoker = true) as
    select store_id, id, order_id, number as order_number, status, buyer_id, purchase_order_number, created_at, updated_at, view
    from entity where kind = 'subscription';;
grant select on orders, subscriptions to jalon_app;;

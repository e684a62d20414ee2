-- Orders and subscriptions: where each one is, how it came there, and the terms it lives by.
-- Instants named `at`, `*_at` and `now` are the store's time, which a test clock may hold; recorded_at is always real time.

-- A text that a view holds for an instant has its offset from UTC, so that no setting of a session changes what it means.
create function instant(written text) returns timestamptz language sql immutable strict parallel safe as $$
    select written::timestamptz
$$;

-- The projection of an entity. `view` is the workflow's own answer; the other columns are those that a query looks for.
-- `purchase_order_number` is folded, as searches compare it; the view has it as it was written.
-- `buyer_id` is who manages it: the buyer of an order, the present admin of a subscription; the view keeps who bought.
-- No check lists the kinds or statuses: the domain knows them, and a new one needs no migration.
create table entity (
    store_id text not null,
    id text primary key,
    kind text not null,
    order_id text,
    number text,
    status text not null,
    view jsonb not null,
    buyer_id text,
    purchase_order_number text,
    epoch int not null,
    seq int not null,
    next_due_at timestamptz,
    busy boolean not null,
    parked int not null,
    -- The runs of its workflow that recorded something, the newest last. What an earlier one records late is left out.
    runs uuid[] not null default '{}',
    placed_at timestamptz generated always as (instant(view ->> 'placed_at')) stored,
    -- A column of its own, so that the planner knows how few there are.
    person_held boolean generated always as (kind = 'subscription' and view -> 'holds' -> 0 ->> 'opened_at' is not null) stored,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index entity_list on entity (store_id, kind, created_at, id);
-- A key for every store lists the youngest of all.
create index entity_youngest on entity (kind, created_at desc, id desc);
create index entity_status on entity (kind, status, created_at desc, id desc);
create index entity_placed on entity (kind, placed_at) where placed_at is not null;
create index entity_number on entity (number);
create index entity_order on entity (order_id);
create index entity_buyer on entity (buyer_id, created_at desc, id desc);
-- An advance of a test clock asks again and again who is due and who is busy; operators ask who is parked.
create index entity_due on entity (store_id, next_due_at) where next_due_at is not null;
create index entity_busy on entity (store_id) where busy;
create index entity_parked on entity (store_id) where parked > 0;
create index entity_held on entity (store_id) where status = 'export_hold';
create index entity_held_person on entity (store_id) where person_held;
-- Of the delayed orders those whose customer may still wait for news: AWAITED_NEWS of the domain, and processing for their lines.
create index entity_delayed on entity ((view ->> 'delayed_at'), id)
    where kind = 'order' and view ->> 'delayed_at' is not null
      and status in ('submitted', 'screening', 'export_hold', 'processing');
-- A list of those of which a fact holds; few have any.
-- Subscriptions of whose renewal no notice has reached the customer.
create index entity_notice_missing on entity ((view ->> 'notice_missing_since'), id)
    where kind = 'subscription' and view ->> 'notice_missing_since' is not null;
create index entity_with_charge_waits_for on entity (kind, created_at desc, id desc) where view ->> 'charge_waits_for' is not null;
create index entity_with_notice_missing_since on entity (kind, created_at desc, id desc)
    where view ->> 'notice_missing_since' is not null;
create index entity_with_delayed_at on entity (kind, created_at desc, id desc) where view ->> 'delayed_at' is not null;
create index entity_with_declined_at on entity (kind, created_at desc, id desc) where view ->> 'declined_at' is not null;
create index entity_with_cancel_requested_at on entity (kind, created_at desc, id desc)
    where view ->> 'cancel_requested_at' is not null;
create index entity_with_past_due_since on entity (kind, created_at desc, id desc) where view ->> 'past_due_since' is not null;
create index entity_with_stop_requested_at on entity (kind, created_at desc, id desc)
    where view ->> 'stop_requested_at' is not null;
create index entity_with_renewal_committed_at on entity (kind, created_at desc, id desc)
    where view ->> 'renewal_committed_at' is not null;

-- Who has a seat of which subscription: software asks at its start who may use it. The view tells it too, but row-level security lets no
-- index on an expression of a view find rows, since its operators might tell of rows that are not to be seen.
create table seat_holder (
    store_id text not null,
    party_id text not null,
    entity_id text not null,
    primary key (party_id, entity_id)
);
create index seat_holder_entity on seat_holder (entity_id);

create function follow_seats() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if tg_op = 'INSERT' or old.view -> 'seats' is distinct from new.view -> 'seats' then
        delete from seat_holder where entity_id = new.id and party_id not in (
            select seat ->> 'party' from jsonb_array_elements(coalesce(new.view -> 'seats', '[]')) seat
            where seat ->> 'party' is not null);
        insert into seat_holder (store_id, party_id, entity_id)
        select distinct new.store_id, seat ->> 'party', new.id
        from jsonb_array_elements(coalesce(new.view -> 'seats', '[]')) seat where seat ->> 'party' is not null
        on conflict (party_id, entity_id) do nothing;
    end if;
    return null;
end $$;
create trigger follow_seats after insert or update of view on entity
    for each row when (new.kind = 'subscription') execute function follow_seats();

-- For people who write SQL. The invoker's row-level security holds in a view only where it says so.
create view orders with (security_invoker = true) as
    select store_id, id, number, status, buyer_id, view ->> 'purchase_order_number' as purchase_order_number, created_at, updated_at, view
    from entity where kind = 'order';
create view subscriptions with (security_invoker = true) as
    select store_id, id, order_id, number as order_number, status, buyer_id,
           view ->> 'purchase_order_number' as purchase_order_number, created_at, updated_at, view
    from entity where kind = 'subscription';

-- What an entity recorded, once. The digest tells a repetition from another course after a reset, which opens the next epoch.
create table transition (
    store_id text not null,
    entity_id text not null,
    epoch int not null,
    seq int not null,
    digest bytea not null,
    at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    -- The receipts that it settled: why it happened.
    receipts text[] not null default '{}',
    primary key (entity_id, epoch, seq)
);

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
);

-- What people and deadlines did to an entity, a person or a store, a chain of each: an entry carries the digest of the one before, so a changed or
-- missing entry shows. The database itself continues the chain.
create table audit (
    id bigint generated always as identity primary key,
    store_id text not null,
    entity_id text not null,
    at timestamptz not null,
    actor text not null,
    role text not null,
    action text not null,
    rule text,
    reason text,
    data jsonb not null,
    previous bytea not null,
    digest bytea not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create index audit_entity on audit (entity_id, id);
-- What people did in a store, the latest first.
create index audit_acts on audit (store_id, id) where role not in ('system', 'entity');
-- Each hour the chains that moved are signed. The rows lie in the order of their recording.
create index audit_recorded on audit using brin (recorded_at);

-- The verification (jalon/persistence/operations/audits.py) makes the same digest by itself.
create function audit_digest(entry audit) returns bytea language sql immutable as $$
    select sha256(entry.previous || convert_to(jsonb_build_array(
        entry.store_id, entry.entity_id, to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), entry.actor, entry.role,
        entry.action, entry.rule, entry.reason, entry.data)::text, 'UTF8'))
$$;

create function continue_audit() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
    new.previous := coalesce(
        (select digest from audit where entity_id = new.entity_id order by id desc limit 1), ''::bytea);
    new.recorded_at := clock_timestamp();
    new.digest := audit_digest(new);
    return new;
end $$;
create trigger continue_audit before insert on audit for each row execute function continue_audit();

-- The events as others hear of them, written in the transaction that makes them true.
create table outbox (
    id bigint generated always as identity primary key,
    store_id text not null,
    entity_id text not null,
    type text not null,
    at timestamptz not null,
    data jsonb not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create index outbox_store on outbox (store_id, id);

-- Every version of a store's policy that was in force.
create table policy_version (
    store_id text not null,
    policy_hash text not null,
    body jsonb not null,
    loaded_at timestamptz not null default clock_timestamp(),
    primary key (store_id, policy_hash)
);

-- The bytes of every terms document that a store has served, by their hash: what was accepted stays readable when the file moves on (T12).
create table terms_text (
    store_id text not null,
    sha256 text not null,
    content bytea not null,
    first_served_at timestamptz not null default clock_timestamp(),
    primary key (store_id, sha256)
);

-- What a placement or a term lives by, whatever the store's file says later (G6).
create table frozen_terms (
    store_id text not null,
    entity_id text not null,
    occurrence text not null,
    body jsonb not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (entity_id, occurrence)
);

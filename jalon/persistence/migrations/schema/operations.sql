-- What runs the shop: clocks, reviews, what stands still, outages, and the keys of callers.

-- A sandbox store's frozen instant. `unsettled` lists whom an advance waits for.
create table test_clock (
    store_id text primary key,
    now timestamptz not null,
    advance_id text,
    advance_to timestamptz,
    delivered int not null default 0,
    unsettled jsonb not null default '[]'
);

-- A reviewer decides once on each hold. `order_id` is an order, or a subscription of which a new admin or a user is
-- held; `turn` numbers its holds, one for each placement or person. Who issued the reviewer's key, and
-- whether the reviewer had accepted it, tell whether two reviewers are two people.
create table hold_decision (
    store_id text not null,
    order_id text not null,
    turn int not null default 1,
    person text not null,
    issued_by text not null,
    accepted boolean not null,
    decision text not null check (decision in ('release', 'reject')),
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (order_id, turn, person)
);

-- Database steps that a fault of ours keeps from going on, for operators to see.
create table stalled (
    store_id text not null,
    entity_id text not null,
    step text not null,
    cause text not null,
    fingerprint text not null,
    since timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    primary key (entity_id, step)
);

-- Outages of the API, found or declared (G7). Without a store, one of every live store.
create table outage (
    id bigint generated always as identity primary key,
    store_id text,
    started_at timestamptz not null,
    ended_at timestamptz not null check (ended_at > started_at),
    source text not null check (source in ('heartbeat', 'declared')),
    actor text not null,
    reason text not null,
    recorded_at timestamptz not null default clock_timestamp()
);

-- The correction of an outage that was declared by mistake. The outage stays on record; deadlines that come due no longer count it.
create table outage_withdrawal (
    outage_id bigint primary key references outage on delete cascade,
    actor text not null,
    reason text not null,
    recorded_at timestamptz not null default clock_timestamp()
);

-- When each API process was last seen. An outage is a time in which none was.
create table api_heartbeat (
    process text primary key,
    seen_at timestamptz not null
);

create table api_key (
    id text primary key,
    key_hash bytea not null unique,
    person text not null,
    role text not null,
    stores text[] not null,
    issued_by text not null default 'command line',
    created_at timestamptz not null default clock_timestamp(),
    -- When its person exchanged the token that the issuer saw for one that nobody else saw.
    accepted_at timestamptz,
    revoked_by text,
    revoked_at timestamptz,
    -- When it ends by itself, as the session of somebody who signed in at the console does. A key that programs hold has no end.
    expires_at timestamptz
);
-- The keys as others may see them: without the hash of the token.
create view known_key as
    select id, person, role, stores, created_at, accepted_at, revoked_at, issued_by, revoked_by, expires_at from api_key;

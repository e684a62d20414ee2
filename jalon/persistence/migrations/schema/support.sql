-- What support writes about an order or a subscription: notes, which name people. Each is sealed under the key of the buyer or the admin, so
-- that the erasure of that person empties it. Nothing is changed or deleted.
create table support_note (
    id bigint generated always as identity primary key,
    store_id text not null,
    entity_id text not null,
    party_id text not null references party (id),
    body bytea not null,
    actor text not null,
    role text not null,
    -- The store's time; recorded_at is real time.
    at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create index support_note_entity on support_note (entity_id, id);
create index support_note_party on support_note (party_id);

-- Another person is to become the admin, since nobody reaches the present one. The evidence is sealed under the key of the successor. Who asked,
-- and with whose key, tells whether whoever approves is another person.
create table admin_recovery (
    id bigint generated always as identity primary key,
    store_id text not null,
    entity_id text not null,
    admin_id text not null,
    party_id text not null references party (id),
    reason text not null,
    evidence bytea not null,
    person text not null,
    issued_by text not null,
    accepted boolean not null,
    at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create index admin_recovery_entity on admin_recovery (entity_id, id);
create index admin_recovery_party on admin_recovery (party_id);

create table admin_recovery_decision (
    recovery_id bigint primary key references admin_recovery (id),
    store_id text not null,
    approved boolean not null,
    person text not null,
    reason text not null,
    at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);

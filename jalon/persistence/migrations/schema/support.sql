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

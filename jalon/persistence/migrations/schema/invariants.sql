-- What must never be otherwise, as the relays check it: what was found, and how far the check has come.

-- A violation that stands. The next check that finds it mended deletes it.
create table invariant_violation (
    store_id text not null,
    invariant text not null,
    -- What violates it: an entity, a payment key, a receipt, an e-mail, an audit entry. It names no person.
    subject text not null,
    entity_id text not null,
    found_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    primary key (store_id, invariant, subject)
);

-- One row: all stores are checked together. `after` is the last entity of the slice that was checked last.
create table invariant_check (
    only_one boolean primary key default true check (only_one),
    checked_at timestamptz,
    after text not null default '',
    pass_began_at timestamptz,
    -- Since when every entity has been checked once.
    whole_since timestamptz
);

-- What changed lately is checked first. The rows lie in the order of their recording.
create index transition_recorded on transition using brin (recorded_at) with (pages_per_range = 16);

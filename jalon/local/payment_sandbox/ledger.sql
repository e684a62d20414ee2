create table if not exists charge (
    seq integer primary key autoincrement,
    id text not null unique,
    status text not null check (status in ('processing', 'action_required', 'succeeded', 'declined')),
    amount integer not null check (amount > 0),
    currency text not null,
    refunded integer not null default 0 check (refunded between 0 and amount),
    method text not null,
    mandate text,
    decline_code text,
    retryable integer not null default 0,
    challenge text unique,
    metadata text not null,
    at text not null
);
create index if not exists charge_key on charge (json_extract(metadata, '$.payment_key'));
create index if not exists charge_store on charge (json_extract(metadata, '$.store'));
create index if not exists charge_method on charge (method, mandate);

create table if not exists mandate (
    seq integer primary key autoincrement,
    id text not null unique,
    status text not null check (status in ('action_required', 'stored', 'declined', 'released')),
    method text not null,
    decline_code text,
    retryable integer not null default 0,
    challenge text unique,
    metadata text not null,
    at text not null,
    released_at text
);
create index if not exists mandate_key on mandate (json_extract(metadata, '$.payment_key'));

create table if not exists refund (
    seq integer primary key autoincrement,
    id text not null unique,
    status text not null check (status in ('succeeded', 'declined')),
    charge text not null references charge (id),
    amount integer not null check (amount > 0),
    currency text not null,
    decline_code text,
    retryable integer not null default 0,
    metadata text not null,
    at text not null
);
create index if not exists refund_key on refund (json_extract(metadata, '$.payment_key'));

create table if not exists setup (
    seq integer primary key autoincrement,
    id text not null unique,
    status text not null check (status in ('open', 'complete')),
    method text,
    return_url text not null,
    language text not null,
    metadata text not null,
    at text not null
);

create table if not exists answered_key (
    key text primary key,
    fingerprint text not null,
    status integer,
    body text,
    real_time real not null
);

create table if not exists event (
    seq integer primary key autoincrement,
    id text not null unique,
    type text not null,
    object text not null,
    metadata text not null,
    at text not null,
    state text not null check (state in ('waiting', 'delivered', 'given_up', 'unaddressed')),
    attempts integer not null default 0,
    due_real_time real not null default 0
);
create index if not exists event_waiting on event (due_real_time) where state = 'waiting';

create table if not exists webhook_address (
    only integer primary key check (only = 1),
    url text not null,
    secret text not null,
    duplicates integer not null default 0,
    reorder integer not null default 0
);

-- People, and what is kept or sent for them. Personal values are sealed under the person's own key:
-- without wrapped_key they are unreadable, in every backup too.

create table party (
    store_id text not null,
    id text primary key,
    -- A keyed hash: an address is found by it, and cannot be read from it.
    email_hash bytea not null,
    language text not null,
    wrapped_key bytea,
    body bytea,
    undeliverable text,
    identity_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    unique (store_id, email_hash)
);
-- Support looks for an address in every store at once.
create index party_email on party (email_hash);

create table personal_record (
    store_id text not null,
    id text primary key,
    party_id text not null references party (id),
    kind text not null,
    body bytea not null,
    created_at timestamptz not null default clock_timestamp()
);
create index personal_record_party on personal_record (party_id);

-- Documents as they were shown and signed, one of a kind and language.
create table document (
    store_id text not null,
    id text primary key,
    entity_id text not null,
    party_id text not null references party (id),
    kind text not null,
    language text not null,
    media_type text not null,
    sha256 text not null,
    body bytea not null,
    created_at timestamptz not null,
    unique (entity_id, kind, language)
);

-- The ledger of e-mails: an intent stands here before the mail server is asked, and a retry sees what was accepted.
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
    -- When it was written and left, from which the hours that it names are counted, and when the server had it.
    left_at timestamptz,
    accepted_at timestamptz
);
create index mail_entity on mail (entity_id);
create index mail_party on mail (party_id);

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

-- What a buyer has filled in of an end-use certificate and not sent yet, one for each order. It is no answer before it is sent (T5).
create table certificate_draft (
    store_id text not null,
    entity_id text not null,
    party_id text not null references party (id),
    body bytea not null,
    saved_at timestamptz not null default clock_timestamp(),
    primary key (entity_id, party_id)
);
create index certificate_draft_party on certificate_draft (party_id);

-- One-time codes by which a person signs in to the portal (P3), as keyed hashes. Their clock is real time in every store. A code opens the
-- browser that asked for it; `network_hash` is null where the person had signed in with that browser before.
create table sign_in_code (
    store_id text not null,
    id text primary key,
    party_id text not null references party (id),
    code_hash bytea not null,
    device_hash bytea not null,
    network_hash bytea,
    tries int not null default 0,
    created_at timestamptz not null default clock_timestamp(),
    used_at timestamptz
);
create index sign_in_code_party on sign_in_code (party_id, created_at);
create index sign_in_code_created on sign_in_code (created_at);

-- Who is signed in. signed_in_at is when a code was last given; null for somebody who came by the link of an activation (P3).
create table portal_session (
    store_id text not null,
    token_hash bytea primary key,
    party_id text not null references party (id),
    created_at timestamptz not null default clock_timestamp(),
    signed_in_at timestamptz,
    ended_at timestamptz
);
create index portal_session_party on portal_session (party_id);
create index portal_session_created on portal_session (created_at);

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
    recorded_at timestamptz not null default clock_timestamp(),
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
    -- The server that took it and what that server said, without any address.
    server text,
    answer text,
    -- The status of the report with which it came back, after a server had taken it.
    bounced text,
    -- What it is rendered from: its facts, and the ids of people whom it names. Support reads the e-mail again from that.
    request jsonb,
    at timestamptz not null,
    -- When it was written and left, from which the hours that it names are counted, and when the server had it.
    left_at timestamptz,
    accepted_at timestamptz,
    -- Tells the order of e-mails of one instant of a test clock.
    recorded_at timestamptz not null default clock_timestamp()
);
create index mail_entity on mail (entity_id, recorded_at, key);
create index mail_party on mail (party_id);
-- What no server has answered yet.
create index mail_unsent on mail (recorded_at) where state = 'intent';

-- How staff enter the console where no identity provider signs them in.

-- A link that signs its person in once. Only the hash of its token is kept. `issued_by` and `accepted` become those of the session's key:
-- whoever made the link for somebody else has seen it.
create table staff_link (
    link_hash bytea primary key,
    person text not null,
    role text not null,
    stores text[] not null,
    issued_by text not null,
    accepted boolean not null,
    created_at timestamptz not null default clock_timestamp(),
    over_at timestamptz not null,
    used_at timestamptz
);

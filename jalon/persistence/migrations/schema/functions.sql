-- What the application may do only through its owner: each function checks what it must, and destroys or changes nothing else.

-- Destroys what was kept for the customer's use, once its retention is over, and tells the audit once what that was (D17). Of the documents
-- only the kinds named here are destroyed: contracts, invoices and certificates stay, and so does a kind that nobody named yet. What was
-- begun of a certificate and never sent goes too. The seats were taken back when the subscription ended.
create function purge_data(of_entity text) returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare
    store text;
    store_now timestamptz;
    of_order text;
    documents jsonb;
    drafts integer;
begin
    select e.store_id, coalesce(c.now, clock_timestamp()), e.order_id into store, store_now, of_order
    from entity e left join test_clock c on c.store_id = e.store_id
    where e.id = of_entity and (e.view ->> 'retained_until')::timestamptz <= coalesce(c.now, clock_timestamp())
    for update of e;
    if not found then
        raise exception 'the data of % is retained still', of_entity;
    end if;
    with destroyed as (
        delete from document where entity_id = of_entity and kind in ('customer_data') returning id, kind, sha256
    )
    select coalesce(jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'sha256', sha256) order by id), '[]')
    into documents from destroyed;
    delete from certificate_draft where entity_id = of_order;
    get diagnostics drafts = row_count;
    if documents <> '[]' or drafts > 0
       or not exists (select from audit where entity_id = of_entity and action = 'purge_data') then
        insert into audit (store_id, entity_id, at, actor, role, action, rule, data)
        values (store, of_entity, store_now, 'system', 'system', 'purge_data', 'D17',
                jsonb_build_object('documents', documents, 'certificate_drafts', drafts));
    end if;
end $$;

-- Forgets the receipts that no Idempotency-Key may meet any more (T15). The chain of each store tells how many.
create function forget_receipts() returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
    forgotten bigint;
begin
    -- Two at once would continue the same chains.
    perform pg_advisory_xact_lock(hashtextextended('forget_receipts', 0));
    with gone as (
        delete from receipt where state <> 'pending' and accepted_at < now() - interval '30 days' returning store_id, seq
    ), told as (
        insert into audit (store_id, entity_id, at, actor, role, action, rule, data)
        select g.store_id, g.store_id, coalesce(min(c.now), clock_timestamp()), 'system', 'system', 'forget_receipts', 'T15',
               jsonb_build_object('receipts', count(*), 'up_to', max(g.seq))
        from gone g left join test_clock c on c.store_id = g.store_id group by g.store_id
    )
    select count(*) into forgotten from gone;
    return forgotten;
end $$;

-- Forgets the codes, sessions and links that open nothing any more.
create function forget_sign_ins() returns bigint language sql security definer set search_path = public, pg_temp as $$
    with codes as (
        delete from sign_in_code where created_at < now() - interval '1 day' returning 1
    ), ended as (
        delete from portal_session where created_at < now() - interval '1 day' returning 1
    ), links as (
        delete from staff_link where over_at < now() - interval '1 day' returning 1
    )
    select (select count(*) from codes) + (select count(*) from ended) + (select count(*) from links)
$$;

-- An outage of every live store that an operator declares (G7). The caller's key is good for every store.
create function declare_outage_of_all(started_at timestamptz, ended_at timestamptz, actor text, reason text) returns setof outage
language sql security definer set search_path = public, pg_temp as $$
    insert into outage (store_id, started_at, ended_at, source, actor, reason)
    values (null, $1, $2, 'declared', $3, $4) returning *
$$;

-- The withdrawal of an outage of every live store. The first one stays. The caller's key is good for every store.
create function withdraw_outage_of_all(of_outage bigint, actor text, reason text) returns void
language sql security definer set search_path = public, pg_temp as $$
    insert into outage_withdrawal (outage_id, actor, reason) select o.id, $2, $3 from outage o where o.id = $1 and o.store_id is null
    on conflict (outage_id) do nothing
$$;

-- Stores a report of a payment provider as it came. False where it is stored already.
create function keep_provider_event(provider text, event text, body bytea, unreadable text) returns boolean
language sql security definer set search_path = public, pg_temp as $$
    with kept as (
        insert into provider_event (provider, id, body, unreadable) values ($1, $2, $3, $4)
        on conflict (provider, id) do nothing returning 1
    )
    select exists (select 1 from kept)
$$;

create function find_key(hash bytea) returns setof known_key language sql stable security definer set search_path = public, pg_temp as $$
    select k.* from known_key k join api_key a on a.id = k.id where a.key_hash = hash and a.revoked_at is null
        and (a.expires_at is null or a.expires_at > clock_timestamp())
$$;

-- With `lasts` it is a session, which ends by itself.
create function issue_key(
    id text, hash bytea, person text, role text, stores text[], issued_by text, accepted boolean, lasts interval
) returns void
language sql security definer set search_path = public, pg_temp as $$
    insert into api_key (id, key_hash, person, role, stores, issued_by, accepted_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, case when $7 then clock_timestamp() end, clock_timestamp() + $8)
$$;

-- Exchanges a token for a fresh one, which only the key's person sees. False where no key has it.
create function accept_key(held bytea, fresh bytea) returns boolean language sql security definer set search_path = public, pg_temp as $$
    with accepted as (
        update api_key set key_hash = fresh, accepted_at = coalesce(accepted_at, clock_timestamp())
        where key_hash = held and revoked_at is null and (expires_at is null or expires_at > clock_timestamp()) returning 1
    )
    select exists (select 1 from accepted)
$$;

-- False where there is no such key, or it was revoked before. A revocation is final.
create function revoke_key(key text, revoker text) returns boolean language sql security definer set search_path = public, pg_temp as $$
    with revoked as (
        update api_key set revoked_at = clock_timestamp(), revoked_by = revoker where id = key and revoked_at is null returning 1
    )
    select exists (select 1 from revoked)
$$;

create function make_staff_link(
    hash bytea, person text, role text, stores text[], issued_by text, accepted boolean, lasts interval
) returns timestamptz language sql security definer set search_path = public, pg_temp as $$
    insert into staff_link (link_hash, person, role, stores, issued_by, accepted, over_at)
    values ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7) returning over_at
$$;

-- The link of this hash while it opens anything.
create function find_staff_link(hash bytea) returns setof staff_link
language sql stable security definer set search_path = public, pg_temp as $$
    select * from staff_link where link_hash = hash and used_at is null and over_at > clock_timestamp()
$$;

-- Uses the link up. Of two who come at once, one gets it.
create function use_staff_link(hash bytea) returns setof staff_link
language sql security definer set search_path = public, pg_temp as $$
    update staff_link set used_at = clock_timestamp()
    where link_hash = hash and used_at is null and over_at > clock_timestamp() returning *
$$;

revoke execute on all functions in schema public from public;
grant execute on all functions in schema public to jalon_app;

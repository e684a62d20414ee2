-- Who sees and does what, once every table is there.

-- One store never reads another's rows: every transaction names the stores it may see, and the owner is held to it too.
-- The tables are found by their column, so that none is forgotten. The subselect splits the list once a statement, not once a row.
do $$
declare
    own_table regclass;
begin
    for own_table in
        select c.oid from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'store_id' and a.attnotnull
    loop
        execute format('alter table %s enable row level security', own_table);
        execute format('alter table %s force row level security', own_table);
        execute format(
            'create policy own_store on %s '
            'using (store_id = any ((select string_to_array(current_setting(''app.stores'', true), '',''))::text[])) '
            'with check (store_id = any (string_to_array(current_setting(''app.stores'', true), '','')))',
            own_table);
    end loop;
end $$;

-- An outage without a store is everybody's.
alter table outage enable row level security;
alter table outage force row level security;
create policy own_store on outage
    using (
        store_id is null or store_id = any ((select string_to_array(current_setting('app.stores', true), ','))::text[])
    );

-- What was recorded is never changed: the application may change the columns that say how far a thing has come, and no others.
grant select, insert on all tables in schema public to jalon_app;
grant usage on all sequences in schema public to jalon_app;
grant update (epoch, seq, status, view, next_due_at, busy, parked, number, buyer_id, purchase_order_number, updated_at)
    on entity to jalon_app;
grant update (state, outcome, view, delivered, deferred) on receipt to jalon_app;
grant update (state, outcome, sent_at, settled_at) on payment to jalon_app;
grant update (state, refusal, attempts, party_id, accepted_at) on mail to jalon_app;
grant update (body, language, email_hash, undeliverable, identity_at) on party to jalon_app;
grant update (now, advance_id, advance_to, delivered, unsettled) on test_clock to jalon_app;
grant update (cause, fingerprint, seen_at) on stalled to jalon_app;
grant update (seen_at) on api_heartbeat to jalon_app;
grant update (revoked_at, revoked_by) on api_key to jalon_app;
-- A note of what stands still, and of which process beats, is gone once it no longer holds. Nothing else is deleted by the application.
grant delete on stalled, api_heartbeat to jalon_app;

-- Destroys what was kept for the customer's use, once its retention is over (D17). Contracts stay.
create function purge_documents(of_entity text) returns void language plpgsql security definer set search_path = public as $$
begin
    if exists (
        select 1 from entity e left join test_clock c on c.store_id = e.store_id
        where e.id = of_entity
          and coalesce((e.view ->> 'retained_until')::timestamptz > coalesce(c.now, clock_timestamp()), true)
    ) then
        raise exception 'the data of % is retained still', of_entity;
    end if;
    delete from document where entity_id = of_entity and kind <> 'contract';
end $$;

-- Forgets the receipts that no Idempotency-Key may meet any more (T15).
create function forget_receipts() returns bigint language sql security definer set search_path = public as $$
    with forgotten as (
        delete from receipt where state <> 'pending' and accepted_at < now() - interval '30 days' returning 1
    )
    select count(*) from forgotten
$$;
revoke execute on function purge_documents, forget_receipts from public;
grant execute on function purge_documents, forget_receipts to jalon_app;

-- The application compares the revision with its own release, and leaves it alone.
revoke all on alembic_version from jalon_app;
grant select on alembic_version to jalon_app;
-- The views are for reading.
revoke insert, update, delete on orders, subscriptions from jalon_app;

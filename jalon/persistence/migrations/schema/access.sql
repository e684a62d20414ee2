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

grant select, insert, update, delete on all tables in schema public to jalon_app;
grant usage on all sequences in schema public to jalon_app;
-- What was recorded is never changed.
revoke update, delete on audit, timeline, transition, hold_decision, frozen_terms from jalon_app;
-- The application compares the revision with its own release, and leaves it alone.
revoke all on alembic_version from jalon_app;
grant select on alembic_version to jalon_app;
-- The views are for reading.
revoke insert, update, delete on orders, subscriptions from jalon_app;

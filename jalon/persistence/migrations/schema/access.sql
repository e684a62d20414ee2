-- Who sees and does what, once every table is there.

-- Every table has row-level security, to which its owner is held too. One store never reads another's rows: every transaction names the
-- stores it may see. The rows of no store belong to a transaction that names none. The tables are found by their column, so that none is
-- forgotten. The subselect is evaluated once a statement, not once a row. As a set it also lets the planner expect many rows:
-- of an array of unknown length it expects ten stores, and sorts what an index has in order.
do $$
declare
    each record;
begin
    for each in
        select c.oid::regclass as found, a.attnotnull as of_a_store
        from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attname = 'store_id'
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    loop
        execute format('alter table %s enable row level security', each.found);
        execute format('alter table %s force row level security', each.found);
        if each.of_a_store then
            execute format(
                'create policy own_store on %s '
                'using (store_id in (select unnest(string_to_array(current_setting(''app.stores'', true), '','')))) '
                'with check (store_id = any (string_to_array(current_setting(''app.stores'', true), '','')))',
                each.found);
        elsif each.of_a_store is null then
            execute format(
                'create policy of_no_store on %s using (coalesce(current_setting(''app.stores'', true), '''') = '''')', each.found);
        end if;
    end loop;
end $$;

-- An outage without a store is everybody's to read. A transaction that names stores writes none.
create policy own_store on outage
    using (
        store_id is null or store_id in (select unnest(string_to_array(current_setting('app.stores', true), ',')))
    )
    with check (
        case when store_id is null then coalesce(current_setting('app.stores', true), '') = ''
             else store_id = any (string_to_array(current_setting('app.stores', true), ',')) end
    );
create policy of_owner on outage for insert to current_user with check (true);
-- A withdrawal is seen with its outage.
create policy own_store on outage_withdrawal
    using (exists (select 1 from outage o where o.id = outage_id))
    with check (exists (select 1 from outage o where o.id = outage_id and o.store_id is not null));
create policy of_owner on outage_withdrawal to current_user using (true);
-- A closing asks whether the API is silent.
create policy read_by_all on api_heartbeat for select using (true);
-- The functions that search name the stores themselves: under a policy, operators on parts of a text find no index.
create policy of_owner on search_text to current_user using (true);
create policy of_owner on provider_event to current_user using (true);
create policy of_owner on api_key to current_user using (true);
create policy of_owner on staff_link to current_user using (true);

-- What was recorded is never changed: the application may change the columns that say how far a thing has come, and no others.
grant select, insert on all tables in schema public to jalon_app;
grant usage on all sequences in schema public to jalon_app;
grant update (epoch, seq, status, view, next_due_at, busy, parked, runs, number, buyer_id, purchase_order_number, updated_at)
    on entity to jalon_app;
grant update (state, outcome, view, delivered, deferred) on receipt to jalon_app;
grant update (state, outcome, sent_at, settled_at) on payment to jalon_app;
grant update (state, refusal, bounced, server, answer, attempts, party_id, request, left_at, accepted_at) on mail to jalon_app;
grant update (body, language, email_hash, undeliverable, identity_at) on party to jalon_app;
grant update (body, saved_at) on certificate_draft to jalon_app;
grant update (tries, used_at) on sign_in_code to jalon_app;
grant update (signed_in_at, ended_at) on portal_session to jalon_app;
grant update (now, advance_id, advance_to, delivered, unsettled) on test_clock to jalon_app;
grant update (cause, fingerprint, seen_at) on stalled to jalon_app;
grant update (state, why, started_by, started_role, started_key, started_at, approved_by, approved_at, forgiven, forgiven_of, engaged,
              ended_at) on repair to jalon_app;
grant update (state, receipt_id, point, after_epoch, after_seq, sent_at, settled_at, found_step, found_cause, code, message)
    on repair_item to jalon_app;
grant update (seen_at) on api_heartbeat to jalon_app;
grant update (note, owner, ignored_at, ignored_until, ignored_more, ignored_reason, ignored_by, changed_at) on cause_note to jalon_app;
grant update (stopped, since, actor, reason) on emergency_stop to jalon_app;
grant update (seen_at) on invariant_violation to jalon_app;
grant update (checked_at, after, pass_began_at, whole_since) on invariant_check to jalon_app;
-- A note of what stands still, of what is as it must not be, and of which process beats, is gone once it no longer holds. Nothing else is
-- deleted by the application.
grant delete on stalled, api_heartbeat, invariant_violation to jalon_app;
-- Functions keep the reports of providers, make and end keys, which are read in known_key, and make and use links of staff.
revoke insert on provider_event from jalon_app;
revoke all on api_key, staff_link from jalon_app;
-- What support searches is read and written by functions alone.
revoke all on search_text from jalon_app;
-- The application compares the revision with its own release, and leaves it alone.
revoke insert on alembic_version from jalon_app;
-- The database itself follows who has a seat.
revoke insert on seat_holder from jalon_app;
-- And what is parked, and what stopped for which cause.
revoke insert on parked_step, cause_occurrence from jalon_app;
-- The views are for reading.
revoke insert on orders, subscriptions, known_key, stuck from jalon_app;

-- What is stuck, by cause, what people say of a cause, and what an operator stopped.

-- The same digest as `fingerprint` of jalon/domain/parking.py.
create function cause_fingerprint(step text, cause text) returns text language sql immutable strict parallel safe as $$
    select left(encode(sha256(convert_to(split_part(step, '/', 1) || ':' || cause, 'UTF8')), 'hex'), 12)
$$;

-- What is at stake while an entity is stuck: its next charge, or the order's total, and the next deadline that it would hit.
-- A held entry waits for the step, and a mere reminder is no deadline.
-- As a set it stands within the query that calls it; by itself each call costs more than what it does. A projection is unpacked each time
-- that it is looked into, so that all is taken from it at once.
create function stake(kind text, view jsonb)
returns table (amount numeric, currency text, due_at timestamptz, due_what text, due_rule text)
language sql immutable parallel safe rows 1 as $$
    select (m.money ->> 'amount')::numeric, m.money ->> 'currency', d.due_at, d.what, d.rule
    from jsonb_to_record(view) as v (status text, total jsonb, amount jsonb, renewal_amount jsonb, agenda jsonb)
    cross join lateral (
        select case when kind = 'order' then v.total
                    when v.status = 'pending_activation' then v.amount
                    else coalesce(v.renewal_amount, v.amount) end as money) m
    left join lateral (
        select instant(a ->> 'due_at') as due_at, a ->> 'what' as what, a ->> 'rule' as rule
        from jsonb_array_elements(coalesce(v.agenda, '[]')) a
        where not coalesce((a ->> 'held')::boolean, false)
          and a ->> 'what' not in ('cart_reminder', 'activation_reminder', 'seat_loss_warning', 'purge_warning')
        order by instant(a ->> 'due_at') limit 1) d on true
$$;

-- The parked steps of every entity, a row each, so that two thousand of them are counted without reading their projections.
-- `since` is the store's time, `recorded_at` real time.
create table parked_step (
    store_id text not null,
    entity_id text not null,
    step text not null,
    cause text not null,
    fingerprint text not null,
    since timestamptz not null,
    recorded_at timestamptz not null,
    reason text,
    amount numeric,
    currency text,
    due_at timestamptz,
    due_what text,
    due_rule text,
    primary key (entity_id, step)
);
create index parked_step_cause on parked_step (fingerprint, recorded_at, entity_id);

-- Each time that something stopped for a cause, with the release of the process that recorded it. A cause keeps its history when it is
-- repaired: the first line says which release brought it.
create table cause_occurrence (
    id bigint generated always as identity primary key,
    store_id text not null,
    fingerprint text not null,
    entity_id text not null,
    step text not null,
    cause text not null,
    kind text not null check (kind in ('parked', 'stalled', 'failing_task', 'undeliverable')),
    release text not null default coalesce(nullif(current_setting('app.release', true), ''), 'unknown'),
    recorded_at timestamptz not null default clock_timestamp()
);
create index cause_occurrence_seen on cause_occurrence (store_id, fingerprint, recorded_at) include (entity_id);
create index cause_occurrence_entity on cause_occurrence (store_id, fingerprint, entity_id, recorded_at);

-- The note, the owner and the ignoring of a cause in one store.
create table cause_note (
    store_id text not null,
    fingerprint text not null,
    note text,
    owner text,
    ignored_at timestamptz,
    ignored_until timestamptz,
    ignored_more int check (ignored_more > 0),
    ignored_reason text,
    ignored_by text,
    changed_at timestamptz not null default clock_timestamp(),
    primary key (store_id, fingerprint)
);

create function follow_parked() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    delete from parked_step where entity_id = new.id and step not in (
        select p ->> 'step' from jsonb_array_elements(coalesce(new.view -> 'parked', '[]')) p);
    insert into parked_step as known (store_id, entity_id, step, cause, fingerprint, since, recorded_at, reason,
                                      amount, currency, due_at, due_what, due_rule)
    select new.store_id, new.id, p ->> 'step', p ->> 'cause', p ->> 'fingerprint', instant(p ->> 'since'),
           coalesce(instant(p ->> 'real_since'), clock_timestamp()), p ->> 'reason',
           s.amount, s.currency, s.due_at, s.due_what, s.due_rule
    from jsonb_array_elements(coalesce(new.view -> 'parked', '[]')) p cross join stake(new.kind, new.view) s
    where p ->> 'step' is not null and p ->> 'cause' is not null and p ->> 'fingerprint' is not null and p ->> 'since' is not null
    on conflict (entity_id, step) do update set
        cause = excluded.cause, fingerprint = excluded.fingerprint, since = excluded.since, reason = excluded.reason,
        recorded_at = case when known.since = excluded.since and known.fingerprint = excluded.fingerprint
                           then known.recorded_at else excluded.recorded_at end,
        amount = excluded.amount, currency = excluded.currency,
        due_at = excluded.due_at, due_what = excluded.due_what, due_rule = excluded.due_rule;
    return null;
end $$;
create trigger follow_parked after update of view on entity
    for each row when (new.parked > 0 or old.parked > 0) execute function follow_parked();
create trigger follow_parked_first after insert on entity for each row when (new.parked > 0) execute function follow_parked();

create function count_parked() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into cause_occurrence (store_id, fingerprint, entity_id, step, cause, kind, recorded_at)
    values (new.store_id, new.fingerprint, new.entity_id, new.step, new.cause, 'parked', new.recorded_at);
    return null;
end $$;
create trigger count_parked_first after insert on parked_step for each row execute function count_parked();
create trigger count_parked after update on parked_step
    for each row when (new.recorded_at <> old.recorded_at) execute function count_parked();

-- A note is renewed every few seconds while a step stalls; only its beginning, or another cause, counts.
create function count_stalled() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into cause_occurrence (store_id, fingerprint, entity_id, step, cause, kind)
    values (new.store_id, new.fingerprint, new.entity_id, new.step, new.cause,
            case when new.step = 'workflow_task' then 'failing_task' else 'stalled' end);
    return null;
end $$;
create trigger count_stalled_first after insert on stalled for each row execute function count_stalled();
create trigger count_stalled after update on stalled
    for each row when (new.fingerprint <> old.fingerprint or new.seen_at > old.seen_at + interval '5 minutes')
    execute function count_stalled();

-- The cause of an e-mail that reached nobody: a server refused it for good, or it came back. None where its reader was erased.
create function undelivered(state text, refusal text, bounced text) returns text language sql immutable parallel safe as $$
    select case when bounced is not null then 'MailBounced:' || bounced
                when state = 'refused' and refusal <> 'erased' then 'MailRefused:' || refusal end
$$;
create index mail_undelivered on mail (party_id) where state = 'refused' or bounced is not null;
create index party_undeliverable on party (store_id, id) where undeliverable is not null and wrapped_key is not null;

create function count_undelivered() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    cause text := undelivered(new.state, new.refusal, new.bounced);
begin
    insert into cause_occurrence (store_id, fingerprint, entity_id, step, cause, kind)
    select new.store_id, cause_fingerprint('mail', cause), new.entity_id, 'mail/' || new.template, cause, 'undeliverable'
    where cause is not null;
    return null;
end $$;
create trigger count_undelivered after update of state, bounced on mail
    for each row when ((new.state = 'refused' and old.state <> 'refused') or (new.bounced is not null and old.bounced is null))
    execute function count_undelivered();

-- Everything that is stuck now, a row for each step. A person who is reached again, or gave another address, ends what was undeliverable.
create view stuck with (security_invoker = true) as
    select store_id, entity_id, step, 'parked' as kind, fingerprint, cause, since, recorded_at, reason,
           amount, currency, due_at, due_what, due_rule
    from parked_step
    union all
    select s.store_id, s.entity_id, s.step, case when s.step = 'workflow_task' then 'failing_task' else 'stalled' end,
           s.fingerprint, s.cause, s.since, s.since, null, k.amount, k.currency, k.due_at, k.due_what, k.due_rule
    from stalled s left join entity e on e.id = s.entity_id left join lateral stake(e.kind, e.view) k on true
    where s.seen_at > clock_timestamp() - interval '5 minutes'
      and not exists (select 1 from transition t where t.entity_id = s.entity_id and t.recorded_at > s.seen_at)
    union all
    select m.store_id, m.entity_id, 'mail/' || m.template, 'undeliverable', cause_fingerprint('mail', m.cause), m.cause,
           m.since, m.recorded_at, null, k.amount, k.currency, k.due_at, k.due_what, k.due_rule
    from (select m.store_id, m.entity_id, m.template, undelivered(m.state, m.refusal, m.bounced) as cause,
                 min(m.at) as since, min(m.recorded_at) as recorded_at
          from mail m join party p on p.id = m.party_id
          where (m.state = 'refused' or m.bounced is not null) and p.undeliverable is not null and p.wrapped_key is not null
          group by 1, 2, 3, 4) m
    left join entity e on e.id = m.entity_id left join lateral stake(e.kind, e.view) k on true
    where m.cause is not null;

-- What an operator stopped at once in a store, with the last change.
create table emergency_stop (
    store_id text not null,
    what text not null check (what in ('charges', 'mail')),
    stopped boolean not null,
    since timestamptz not null default clock_timestamp(),
    actor text not null,
    reason text not null,
    primary key (store_id, what)
);

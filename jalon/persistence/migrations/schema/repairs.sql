-- Repairs in bulk: what was planned for each entity, and what came of it.

-- A repair begins as a plan, and is started by quoting its version. It is of one store, or of several; it is seen by whoever sees them all.
create table repair (
    id text primary key,
    -- Null where the repair is of several stores.
    store_id text,
    stores text[] not null,
    name text not null,
    action text not null check (action in ('retry', 'skip', 'compensate', 'reset')),
    reason text not null,
    -- The fingerprint by which the entities were selected, where they were.
    cause text,
    -- The options of the plan, and the command with the body that each entity gets, but for its step.
    options jsonb not null,
    command text not null,
    body jsonb not null,
    -- Equal as long as the plan finds the same.
    version text not null,
    needs_second_person boolean not null,
    planned_by text not null,
    planned_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    state text not null default 'planned' check (
        state in ('planned', 'awaiting_approval', 'canary', 'running', 'paused', 'stopped', 'aborted', 'done')),
    -- Why it is paused, stopped or aborted.
    why text,
    started_by text,
    started_role text,
    -- The key that started it: a second person holds another.
    started_key jsonb,
    started_at timestamptz,
    approved_by text,
    approved_at timestamptz,
    -- How many items had settled, and how many of them not healed, when somebody resumed it after it had stopped.
    forgiven int not null default 0,
    forgiven_of int not null default 0,
    -- Whether its workflow is known to have been started.
    engaged boolean not null default false,
    ended_at timestamptz
);
create policy own_stores on repair
    using (stores <@ string_to_array(current_setting('app.stores', true), ','))
    with check (stores <@ string_to_array(current_setting('app.stores', true), ','));
create index repair_started on repair (started_at desc, id desc) where started_at is not null;
create index repair_open on repair (id) where started_at is not null and ended_at is null;

-- One step of one entity in a repair. `plan` is what the plan said of it; `code` and `message` are of a refusal.
create table repair_item (
    store_id text not null,
    repair_id text not null references repair,
    n int not null,
    entity_id text not null,
    kind text,
    number text,
    step text not null,
    fingerprint text,
    -- Equal as long as the step stands as the plan found it.
    found text not null,
    plan jsonb not null,
    state text not null default 'unsent' check (
        state in ('unsent', 'sent', 'healed', 'parked_again', 'parked_other', 'refused')),
    receipt_id text,
    -- The run and the event to which the entity is reset, written down before it is, and the run that replaced it.
    point jsonb,
    -- Where the entity stood when it was sent: its epoch, and the number of its transition.
    after_epoch int,
    after_seq int,
    sent_at timestamptz,
    settled_at timestamptz,
    -- The step and the cause at which it stands now, where it parked.
    found_step text,
    found_cause text,
    code text,
    message text,
    primary key (repair_id, n)
);
create index repair_item_open on repair_item (entity_id, step) where state in ('unsent', 'sent');
create index repair_item_state on repair_item (repair_id, state, n);

-- The ledger of payments: what is meant to move, written down before a provider is asked, and what became of it.

create table payment (
    key text primary key,
    store_id text not null,
    entity_id text not null,
    purpose text not null,
    cycle int not null,
    generation int not null,
    amount numeric not null,
    currency text not null,
    provider text not null,
    -- void: proven that nothing was taken under the key and nothing will be. The occurrence goes on under another key.
    state text not null
        check (state in ('intent', 'sent', 'unknown', 'action_required', 'succeeded', 'declined', 'void')),
    outcome jsonb,
    at timestamptz not null,
    sent_at timestamptz,
    settled_at timestamptz,
    recorded_at timestamptz not null default clock_timestamp(),
    reference text generated always as (outcome ->> 'reference') stored
);
-- One occurrence is paid once: it keeps at most one key that is not void.
create unique index payment_occurrence on payment (store_id, entity_id, purpose, cycle, generation)
    where state <> 'void';
create index payment_entity on payment (entity_id, recorded_at, key);
create index payment_mandate on payment (reference) where purpose in ('mandate', 'give_up');
-- A test clock waits for the buyer who has to confirm at the bank.
create index payment_waiting on payment (store_id) where state = 'action_required';
create index payment_unknown on payment (store_id, sent_at) where state in ('sent', 'unknown');

-- The text that support searches: addresses, names, companies, numbers and ids. Personal text stands in clear in this table and in no
-- other. The application never reads the table: it calls the functions below, which show what belongs to the transaction's stores.
-- Backups kept over thirty days leave it out (docs/operations.md).

-- In a schema of its own, so that rights on the functions of `public` are about our own functions.
create schema trigrams;
create extension pg_trgm schema trigrams;

-- `subject` is an entity or a person. `key` is a text as jalon/domain/searching.py folds it: all of it where `whole` holds, else a word of
-- it, or the rest of it from a word on. `since` tells the newer subject.
create table search_text (
    store_id text not null,
    subject text not null,
    field text not null,
    key text collate "C" not null,
    whole boolean not null,
    since timestamptz not null
);
-- Of a name that many bear, the newest are read without the others.
create index search_text_key on search_text (store_id, key, whole, since desc);
-- Whether any subject has a text that is one typo away.
create index search_text_known on search_text (key);
create index search_text_subject on search_text (subject);
-- A list of entries still to be sorted in would be read by each search.
-- Trigrams are of letters and digits: the @ of an address counts as a letter that no folded text has.
create index search_text_part on search_text using gin (translate(key, '@', 'æ') trigrams.gin_trgm_ops)
    with (fastupdate = off) where whole;
-- A part of a common name has so many entries there that the newest people are read before them.
create index search_text_people on search_text (store_id, since desc) include (key, field, subject)
    where whole and field in ('name', 'email', 'company');

-- Adds the texts by which a person is found, once each. An erased person gets none: the lock waits for an erasure that has not ended.
-- Where `moved`, the texts of the former address go.
create function remember_person(of_party text, fields text[], keys text[], wholes boolean[], moved boolean) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    person party;
begin
    select * into person from party where id = of_party and wrapped_key is not null for share;
    if not found then
        return;
    end if;
    if moved then
        delete from search_text where subject = of_party and field = 'email';
    end if;
    insert into search_text (store_id, subject, field, key, whole, since)
    select person.store_id, of_party, n.field, n.key, n.whole, person.created_at
    from unnest(fields, keys, wholes) as n (field, key, whole)
    where not exists (select from search_text s where s.subject = of_party and s.field = n.field and s.key = n.key and s.whole = n.whole);
end $$;

-- Erasing a person destroys the key, and in the same transaction what stands here.
create function forget_searched_person() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    delete from search_text where subject = old.id;
    return null;
end $$;
create trigger forget_searched_person after update of wrapped_key on party
    for each row when (new.wrapped_key is null) execute function forget_searched_person();
create trigger forget_deleted_person after delete on party for each row execute function forget_searched_person();

-- A number or id without its hyphens and in lower case. Both are ASCII, so this is what jalon/domain/searching.py makes of them.
create function folded_number(written text) returns text language sql immutable strict parallel safe as $$
    select regexp_replace(lower(written), '[^0-9a-z]', '', 'g')
$$;

-- The texts of an entity. A subscription has the number of its order, under which it is shown. The customer's number is folded already.
create function entity_texts(of entity) returns table (field text, key text, whole boolean) language sql immutable as $$
    select * from (values
        ('id', folded_number(of.id), true),
        ('id', folded_number(split_part(of.id, '_', 2)), false),
        ('number', case when of.order_id is null then folded_number(of.number) end, true),
        ('number', case when of.order_id is null and of.number like '%-%' then folded_number(split_part(of.number, '-', -1)) end, false),
        ('purchase_order_number', of.purchase_order_number, true)
    ) as texts (field, key, whole) where texts.key is not null and texts.key <> ''
$$;

-- Adds the texts of an entity that are not there yet.
create function remember_entity(of entity) returns void language sql security definer set search_path = public, pg_temp as $$
    insert into search_text (store_id, subject, field, key, whole, since)
    select of.store_id, of.id, t.field, t.key, t.whole, of.created_at from entity_texts(of) t
    where not exists (select from search_text s where s.subject = of.id and s.field = t.field and s.key = t.key and s.whole = t.whole)
$$;

create function follow_searched_entity() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if tg_op = 'UPDATE' then
        delete from search_text where subject = new.id and field in ('number', 'purchase_order_number');
    end if;
    perform remember_entity(new);
    return null;
end $$;
create trigger search_new_entity after insert on entity for each row execute function follow_searched_entity();
create trigger search_changed_entity after update of number, purchase_order_number on entity
    for each row when (old.number is distinct from new.number or old.purchase_order_number is distinct from new.purchase_order_number)
    execute function follow_searched_entity();

-- The provider's own reference of a payment or mandate finds its entity.
create function remember_payment(of payment) returns void language sql security definer set search_path = public, pg_temp as $$
    insert into search_text (store_id, subject, field, key, whole, since)
    select of.store_id, of.entity_id, 'payment', folded_number(of.reference), true, of.at
    where not exists (select from search_text s where s.subject = of.entity_id and s.field = 'payment'
                      and s.key = folded_number(of.reference))
$$;

create function follow_searched_payment() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform remember_payment(new);
    return null;
end $$;
create trigger search_new_payment after insert on payment
    for each row when (new.reference is not null) execute function follow_searched_payment();
create trigger search_settled_payment after update of outcome on payment
    for each row when (new.reference is not null and old.reference is distinct from new.reference) execute function follow_searched_payment();

-- Whom or what a folded text finds in the transaction's stores, by each way until `at_most` rows are there: 1 all of a text, 2 a word or
-- the rest of it, 3 the beginning of either, 4 a part. Ways 1 and 2 give the newest. Way 3 looks at three hundred texts and gives the newest
-- of them. Way 4 looks at the texts of the newest people, and only where these do not fill the page at three hundred others that hold it.
-- It is left out where something bears all of the text. A text of one or two letters has ways 1 and 2; one of three has no way 4, whose
-- index knows threes only.
create function search_subjects(wanted text, at_most int) returns table (way int, field text, subject text, since timestamptz)
rows 50 language plpgsql security definer set search_path = public, pg_temp as $$
declare
    stores text[] := string_to_array(current_setting('app.stores', true), ',');
    of_a_store int := greatest(at_most, 300 / greatest(cardinality(stores), 1));
    people_of_a_store int := 3000 / greatest(cardinality(stores), 1);
    -- What tells a number or an address from the others: the end of the one, the middle of the other. The rest stands in long lists there.
    told_by text := case when wanted ~ '[0-9].*[0-9]' and wanted !~ '@' then right(wanted, 6)
                         when length(wanted) > 12 and wanted ~ '....@....' then translate(substring(wanted from '....@....'), '@', 'æ')
                         else translate(wanted, '@', 'æ') end;
    found_now int;
    missing int := at_most;
    borne boolean := false;
begin
    for each_way in 1..2 loop
        return query select each_way, t.field, t.subject, t.since
            from unnest(stores) s cross join lateral (
                select * from search_text k where k.store_id = s and k.key = wanted and k.whole = (each_way = 1)
                order by k.since desc limit missing) t
            order by t.since desc limit missing;
        get diagnostics found_now = row_count;
        missing := missing - found_now;
        borne := borne or (each_way = 1 and found_now > 0);
        if missing <= 0 then
            return;
        end if;
    end loop;
    if length(wanted) < 3 then
        return;
    end if;
    return query select 3, t.field, t.subject, t.since
        from unnest(stores) s cross join lateral (
            select * from search_text k where k.store_id = s and k.key > wanted and k.key < wanted || U&'\+10FFFF' limit of_a_store) t
        order by t.since desc limit missing;
    get diagnostics found_now = row_count;
    missing := missing - found_now;
    if missing <= 0 or length(wanted) < 4 or borne then
        return;
    end if;
    return query select 4, t.field, t.subject, t.since
        from unnest(stores) s cross join lateral (
            select * from (
                select k.key, k.field, k.subject, k.since from search_text k
                where k.store_id = s and k.whole and k.field in ('name', 'email', 'company')
                order by k.since desc limit people_of_a_store) newest
            where newest.key like '%' || wanted || '%' limit missing) t
        order by t.since desc limit missing;
    get diagnostics found_now = row_count;
    if found_now >= missing or cardinality(trigrams.show_trgm(told_by)) = 0 then
        return;
    end if;
    -- Of a pattern that the planner does not know it expects many rows, and would read the table in its order until it had enough.
    perform set_config('enable_seqscan', 'off', true);
    return query select 4, t.field, t.subject, t.since
        from (select * from search_text k where translate(k.key, '@', 'æ') like '%' || told_by || '%' and k.key like '%' || wanted || '%'
                and k.whole and k.store_id || '' = any (stores) limit 300) t
        order by t.since desc limit missing;
    perform set_config('enable_seqscan', 'on', true);
end $$;

-- Whom or what one of these texts finds, of which each is a typo away from what was asked: way 5, a whole text before a word. Of very many
-- stores the newest few of each are looked at.
create function search_typos(near text[], at_most int) returns table (way int, field text, subject text, since timestamptz)
rows 50 language sql security definer set search_path = public, pg_temp as $$
    with known as materialized (
        select n.key from unnest(near) as n (key) where exists (select from search_text s where s.key = n.key)
    ), looked as materialized (
        select string_to_array(current_setting('app.stores', true), ',') as stores
    )
    select 5, t.field, t.subject, t.since
    from known cross join looked cross join unnest(looked.stores) s cross join lateral (
        (select * from search_text k where k.store_id = s and k.key = known.key and k.whole order by k.since desc
         limit least(at_most, 1 + 1400 / cardinality(looked.stores)))
        union all
        (select * from search_text k where k.store_id = s and k.key = known.key and not k.whole order by k.since desc
         limit least(at_most, 1 + 1400 / cardinality(looked.stores)))) t
    order by t.whole desc, t.since desc limit at_most
$$;

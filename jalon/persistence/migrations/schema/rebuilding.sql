-- Writes what support searches anew, a page at a time, after a restore of a backup that left it out (docs/operations.md). Texts that stand
-- stay as they are, so that a page may be written twice, and while orders go on. People are written by the application, which has their keys.

-- The next entities by their ids. The lock keeps a number as it is read here until the page is written.
create function remember_entities(past text, at_most int, out upto text, out written int)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    each entity;
begin
    written := 0;
    for each in select * from entity where id > past order by id limit at_most for share loop
        perform remember_entity(each);
        upto := each.id;
        written := written + 1;
    end loop;
end $$;

-- The next payments by their keys.
create function remember_payments(past text, at_most int, out upto text, out written int)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    each payment;
begin
    written := 0;
    for each in select * from payment where key > past order by key limit at_most loop
        if each.reference is not null then
            perform remember_payment(each);
        end if;
        upto := each.key;
        written := written + 1;
    end loop;
end $$;

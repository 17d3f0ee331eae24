-- What a role was granted by others, with a grant option or by default: revoke_clinic_access() takes all of it, a level takes its
-- place; or they are refused and say who granted. Nothing is left of what was said to be taken.
\set SHOW_CONTEXT never
set client_min_messages to warning;
begin;
call test.clinic();
create role regress_owner;
create role regress_deputy in role regress_owner;
create role regress_r;
create role regress_f;
create role regress_g;
create role regress_stranger;
alter schema clinic owner to regress_owner;
do $$
declare name text;
begin
  for name in select oid::regclass from pg_class where relnamespace = 'clinic'::regnamespace and relkind in ('r', 'v') loop
    execute format('alter table %s owner to regress_owner', name);
  end loop;
end $$;
grant usage, create on schema test to regress_owner, regress_deputy, regress_r, regress_f, regress_g;
create view test.held as
  select grantee, privilege, grantor from (
    select g.grantee::regrole::text, lower(g.privilege_type) || case when g.is_grantable then '*' else '' end || ' ' || o.name as privilege, g.grantor::regrole::text
    from (select 'schema' as name, nspacl as list from pg_namespace where nspname = 'clinic'
      union all select relname, relacl from pg_class where relnamespace = 'clinic'::regnamespace
      union all select relname || '.' || attname, attacl from pg_class join pg_attribute on attrelid = pg_class.oid where relnamespace = 'clinic'::regnamespace
      union all select proname, proacl from pg_proc where pronamespace = 'clinic'::regnamespace
      union all select typname, typacl from pg_type where typnamespace = 'clinic'::regnamespace
      union all select 'default', defaclacl from pg_default_acl where defaclnamespace = 'clinic'::regnamespace) o, aclexplode(o.list) g) g
  where grantee in ('regress_r', 'regress_f', 'regress_g');
grant select on test.held to public;
-- What is left to each beside what a level gives, once statements were run, each as a role.
create procedure test.run(variadic statements text[]) language plpgsql as $$
declare
  statement text;
  answer text;
  part record;
begin
  foreach statement in array statements loop
    begin
      execute 'set local role ' || split_part(statement, ': ', 1);
      if statement ~ ': select' then execute split_part(statement, ': ', 2) into answer; raise info '% → %', statement, coalesce(nullif(answer, ''), 'done');
      else execute split_part(statement, ': ', 2); raise info '%', statement; end if;
    exception when others then
      get stacked diagnostics answer = pg_exception_detail;
      raise info '% → % %', statement, sqlstate, sqlerrm;
      raise info '  DETAIL %', answer;
      get stacked diagnostics answer = pg_exception_hint;
      raise info '  HINT %', answer;
    end;
    set local role none;
  end loop;
  for part in select grantee, count(*) as rights, string_agg(privilege || ' by ' || grantor, ', ' order by privilege) filter (where grantor <> 'regress_owner' or privilege ~ '[*]|^default') as odd from test.held group by 1 order by 1
  loop raise info '  % has % rights%', part.grantee, part.rights, coalesce(': ' || part.odd, ''); end loop;
  raise exception 'taken back' using errcode = 'P9998';
exception when sqlstate 'P9998' then set local role none;
end $$;
set local role regress_deputy;
select grant_clinic_access('regress_r', 'reader'), grant_clinic_access('regress_f', 'finder');
reset role;

-- Granted on by who has the grant option: on a table, a column, the schema; by two, and further on.
call test.run($$regress_owner: grant select on clinic.bookings to regress_r with grant option$$,
  $$regress_r: grant select on clinic.bookings to regress_f$$,
  $$regress_owner: select revoke_clinic_access('regress_f')$$);
call test.run($$regress_owner: grant select on clinic.bookings to regress_r with grant option$$,
  $$regress_r: grant select on clinic.bookings to regress_f$$,
  $$regress_deputy: select grant_clinic_access('regress_f', 'finder')$$);
call test.run($$regress_owner: grant select on clinic.bookings to regress_r with grant option$$,
  $$regress_r: grant select on clinic.bookings to regress_f$$,
  $$regress_owner: select revoke_clinic_access('regress_r')$$);
call test.run($$regress_owner: grant select on clinic.bookings to regress_r with grant option$$,
  $$regress_r: grant select on clinic.bookings to regress_f$$,
  $$regress_owner: select grant_clinic_access('regress_r', 'reader')$$);
call test.run($$regress_owner: grant select (id, contact), update (contact) on clinic.bookings to regress_r with grant option$$,
  $$regress_r: grant select (contact), update (contact) on clinic.bookings to regress_f$$,
  $$regress_owner: select grant_clinic_access('regress_f', 'finder')$$);
call test.run($$regress_owner: grant usage, create on schema clinic to regress_r with grant option$$,
  $$regress_r: grant usage, create on schema clinic to regress_f$$,
  $$regress_owner: select revoke_clinic_access('regress_f')$$);
call test.run($$regress_owner: grant select on clinic.bookings to regress_r with grant option$$,
  $$regress_owner: grant usage on schema clinic to regress_g$$,
  $$regress_owner: grant select on clinic.bookings to regress_g$$,
  $$regress_r: grant select on clinic.bookings to regress_g with grant option$$,
  $$regress_g: grant select on clinic.bookings to regress_f$$,
  $$regress_owner: select revoke_clinic_access('regress_g')$$);
-- On other things of the schema.
call test.run($$regress_owner: create function clinic.own() returns integer language sql as 'select 1'$$,
  $$regress_owner: grant execute on function clinic.own() to regress_f$$,
  $$regress_owner: create sequence clinic.numbers$$,
  $$regress_owner: grant usage, select on sequence clinic.numbers to regress_f$$,
  $$regress_owner: create type clinic.mood as enum ()$$,
  $$regress_owner: grant usage on type clinic.mood to regress_f$$,
  $$regress_owner: select grant_clinic_access('regress_f', 'finder')$$);
call test.run($$regress_owner: create function clinic.own() returns integer language sql as 'select 1'$$,
  $$regress_owner: grant execute on function clinic.own() to regress_f$$,
  $$regress_owner: create sequence clinic.numbers$$,
  $$regress_owner: grant usage, select on sequence clinic.numbers to regress_f$$,
  $$regress_owner: create type clinic.mood as enum ()$$,
  $$regress_owner: grant usage on type clinic.mood to regress_f$$,
  $$regress_owner: select revoke_clinic_access('regress_f')$$);
-- By default, for what is made later: the owner's, and somebody else's, who is named.
call test.run($$regress_owner: alter default privileges in schema clinic grant select on tables to regress_r$$,
  $$regress_owner: alter default privileges in schema clinic grant all on sequences to regress_r$$,
  $$regress_owner: alter default privileges in schema clinic grant execute on routines to regress_r with grant option$$,
  $$regress_owner: alter default privileges in schema clinic grant usage on types to regress_r$$,
  $$regress_owner: select revoke_clinic_access('regress_r')$$,
  $$regress_owner: select revoke_clinic_access('regress_r')$$,
  $$none: revoke all on schema test from regress_r$$,
  $$none: drop role regress_r$$);
call test.run($$none: alter default privileges for role regress_stranger in schema clinic grant select on tables to regress_r$$,
  $$regress_owner: select revoke_clinic_access('regress_r')$$,
  $$none: select revoke_clinic_access('regress_r')$$);
-- On somebody else's table in the schema.
call test.run($$none: create table clinic.theirs (id bigint)$$,
  $$none: alter table clinic.theirs owner to regress_stranger$$,
  $$none: grant usage on schema clinic to regress_stranger$$,
  $$regress_stranger: grant select on clinic.theirs to regress_r$$,
  $$regress_owner: select revoke_clinic_access('regress_r')$$,
  $$regress_owner: select grant_clinic_access('regress_r', 'finder')$$,
  $$none: select revoke_clinic_access('regress_r')$$);
-- Somebody's own table.
call test.run($$none: create table clinic.theirs (id bigint)$$,
  $$none: alter table clinic.theirs owner to regress_r$$,
  $$none: select revoke_clinic_access('regress_r')$$);
-- A grantor who lost USAGE finds nothing to take.
call test.run($$regress_owner: grant select on clinic.bookings to regress_r with grant option$$,
  $$regress_r: grant select on clinic.bookings to regress_f$$,
  $$regress_owner: revoke usage on schema clinic from regress_r$$,
  $$regress_owner: select revoke_clinic_access('regress_f')$$,
  $$regress_owner: select revoke_clinic_access('regress_r')$$,
  $$regress_owner: select revoke_clinic_access('regress_f')$$);
-- Who isn't the owner takes nothing, also of what he granted.
call test.run($$regress_owner: grant select on clinic.bookings to regress_r with grant option$$,
  $$regress_r: grant select on clinic.bookings to regress_f$$,
  $$regress_r: select revoke_clinic_access('regress_f')$$);
rollback;

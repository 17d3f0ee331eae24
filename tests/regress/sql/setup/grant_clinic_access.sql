-- grant_clinic_access: a level in place of the one before; once or twice is the same; names are quoted; strange ones are refused.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

create role "Finder; drop table";
create temp view access as
  select relname as "table", attname as "column", string_agg(privilege_type || case when is_grantable then ' with grant option' else '' end, ' ' order by privilege_type) as privileges
  from (
    select relname, null as attname, relacl as acl from pg_class where relnamespace = 'clinic'::regnamespace
    union all select relname, attname, attacl from pg_class join pg_attribute on attrelid = pg_class.oid where relnamespace = 'clinic'::regnamespace
  ) object, aclexplode(acl) where grantee = (select oid from pg_roles where rolname = 'Finder; drop table') group by 1, 2;
create temp table level (level text, "table" text, "column" text, privileges text);
-- What each level has, by itself.
set local pg_clinic.actor = 'Sue';
select level, grant_clinic_access('"Finder; drop table"', level) from unnest('{finder,reader,scheduler,admin}'::text[]) level \g /dev/null
do $$
declare l text;
begin
  foreach l in array '{finder,reader,scheduler,admin}'::text[] loop
    perform revoke_clinic_access('"Finder; drop table"'), grant_clinic_access('"Finder; drop table"', l);
    insert into level select l, * from access;
  end loop;
end $$;
select "table", "column", privileges from level where level = 'finder' order by 1, 2 nulls first;
select "table", "column", privileges from level where level = 'admin' and "column" is null order by 1;
select "table", privileges, string_agg("column", ' ' order by "column") from level where level = 'admin' and "column" is not null group by 1, 2;
-- From each level to each: nothing of the former stays, nothing of the new is missing.
create function pg_temp.after(was text, is_now text) returns text language plpgsql as $$
begin
  perform grant_clinic_access('"Finder; drop table"', was), grant_clinic_access('"Finder; drop table"', is_now);
  return (select string_agg(format('%s %s', "table", privileges), ', ') from (
    (select "table", "column", privileges from access except select "table", "column", privileges from level where level = is_now) union all
    (select "table", "column", privileges from level where level = is_now except select "table", "column", privileges from access)) d);
end $$;
select count(*), count(difference) as differences from (
  select pg_temp.after(was, is_now) as difference
  from unnest('{finder,reader,scheduler,admin}'::text[]) was, unnest('{finder,reader,scheduler,admin}'::text[]) is_now) c;
select role, level, granted_by, granted_login from clinic.access_levels;
select has_schema_privilege('Finder; drop table', 'clinic', 'usage') as usage, has_schema_privilege('Finder; drop table', 'clinic', 'create') as "create";
-- PUBLIC gets nothing.
select relname from pg_class, aclexplode(relacl) where relnamespace = 'clinic'::regnamespace and grantee = 0;
-- A table of the app's own: a reader reads it; what was granted by hand stays with another level, not after revoking.
create table clinic.mine (id bigint);
grant insert on clinic.mine to "Finder; drop table";
select grant_clinic_access('"Finder; drop table"', 'reader');
select * from access where "table" = 'mine';
select grant_clinic_access('"Finder; drop table"', 'finder');
select * from access where "table" = 'mine';
select revoke_clinic_access('"Finder; drop table"'), revoke_clinic_access('"Finder; drop table"') as again;
select * from access;
select has_schema_privilege('Finder; drop table', 'clinic', 'usage') as usage, (select count(*) from clinic.access_levels) as levels;
drop role "Finder; drop table";

-- A role that is renamed keeps what it may; the list has its former name until it is granted again, or forgotten by hand.
create role test_portal;
select grant_clinic_access('test_portal', 'finder');
alter role test_portal rename to test_web;
set local role test_web;
select count(*) > 0 as finds from next_available('Checkup');
reset role;
select role, level from clinic.access_levels;
select revoke_clinic_access('test_web');
set local role test_web;
call test.refused($$select from next_available('Checkup')$$);
reset role;
-- A role of the same name is another one.
create role test_portal;
set local role test_portal;
call test.refused($$select from next_available('Checkup')$$);
reset role;
call test.refused($$select grant_clinic_access('test_dropped', 'finder')$$);
select grant_clinic_access('test_portal', 'reader');
select role, level from clinic.access_levels;

-- Levels and roles that aren't there, or need none.
call test.refused($$select grant_clinic_access('pg_monitor', 'owner')$$);
call test.violates($$select grant_clinic_access('pg_monitor', 'Reader')$$);
call test.violates($$select grant_clinic_access('pg_monitor', '')$$);
call test.refused($$select grant_clinic_access('no_such_role', 'reader')$$);
call test.refused($$select grant_clinic_access(0, 'reader')$$);
call test.refused($$select grant_clinic_access(4294967295, 'reader')$$);
call test.refused($$select revoke_clinic_access(4294967295)$$);
call test.refused($$select grant_clinic_access(null, 'reader')$$);
call test.refused($$select revoke_clinic_access(null)$$);
create role test_super superuser;
call test.refused($$select grant_clinic_access('test_super', 'finder')$$);
create role test_owner;
create role test_deputy in role test_owner;
grant usage on schema public to test_owner;
alter schema clinic owner to test_owner;
call test.refused($$select grant_clinic_access('test_owner', 'finder')$$);
call test.refused($$select revoke_clinic_access('test_owner')$$);
call test.refused($$select grant_clinic_access('test_deputy', 'finder')$$);
-- A group can be given a level.
create role test_group;
create role test_member in role test_group;
select grant_clinic_access('test_group', 'reader');
set local role test_member;
select count(*) from clinic.booking_history;
call test.refused($$select grant_clinic_access('test_member', 'admin')$$);
call test.refused($$select revoke_clinic_access('test_group')$$);
-- No hand writes the list.
call test.refused($$insert into clinic.access_levels (role, level) values ('test_member', 'admin')$$);
call test.refused($$update clinic.access_levels set level = 'admin'$$);
call test.refused($$delete from clinic.access_levels$$);
rollback;

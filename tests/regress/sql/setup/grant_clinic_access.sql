-- grant_clinic_access: each level and those before it; once or twice is the same; names are quoted; strange ones are refused.
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
select grant_clinic_access('"Finder; drop table"', 'finder');
select * from access order by 1, 2 nulls first;
create temp table finder as select * from access;
select grant_clinic_access('"Finder; drop table"', 'finder');
(select * from access except select * from finder) union all (select * from finder except select * from access);
-- A higher level adds; a lower one takes nothing away.
select grant_clinic_access('"Finder; drop table"', 'reader');
select grant_clinic_access('"Finder; drop table"', 'scheduler');
select grant_clinic_access('"Finder; drop table"', 'admin');
select grant_clinic_access('"Finder; drop table"', 'finder');
-- Nobody gets what could be handed on, nor TRUNCATE, TRIGGER or REFERENCES.
select * from access where "column" is null order by 1;
select has_schema_privilege('Finder; drop table', 'clinic', 'usage') as usage, has_schema_privilege('Finder; drop table', 'clinic', 'create') as "create";
-- PUBLIC gets nothing.
select relname from pg_class, aclexplode(relacl) where relnamespace = 'clinic'::regnamespace and grantee = 0;

-- Levels and roles that aren't there.
call test.refused($$select grant_clinic_access('pg_monitor', 'owner')$$);
call test.violates($$select grant_clinic_access('pg_monitor', 'Reader')$$);
call test.violates($$select grant_clinic_access('pg_monitor', '')$$);
call test.refused($$select grant_clinic_access('no_such_role', 'reader')$$);
call test.refused($$select grant_clinic_access(0, 'reader')$$);
call test.refused($$select grant_clinic_access(4294967295, 'reader')$$);
-- A group can be given a level.
create role test_group;
create role test_member in role test_group;
select grant_clinic_access('test_group', 'reader');
set local role test_member;
select count(*) from clinic.booking_history;
rollback;

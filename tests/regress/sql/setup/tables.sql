-- The tables that init_clinic() makes: a catalog of names that apps and drivers rely on, and the rules all keep.
\set SHOW_CONTEXT never

-- Columns, in the order of the design.
select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as not_null,
       case when a.attidentity <> '' then 'identity' when a.attgenerated <> '' then 'generated: ' else '' end
         || regexp_replace(coalesce(pg_get_expr(d.adbin, d.adrelid), ''), '\s+', ' ', 'g') as default
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'clinic'::regnamespace and c.relkind = 'r'
order by c.oid, a.attnum;

-- Constraints. Drivers switch on these names.
select conrelid::regclass as table, conname as constraint, contype as type
from pg_constraint
where connamespace = 'clinic'::regnamespace and contype in ('p', 'u', 'f', 'x', 'c')
order by conrelid, contype, conname collate "C";

-- The exclusions that keep bookings apart, whole.
select conname, pg_get_constraintdef(oid) from pg_constraint
where conrelid = 'clinic.bookings'::regclass and contype in ('x', 'u')
order by 1;

-- No name is one that PostgreSQL made up.
select conname from pg_constraint
where connamespace = 'clinic'::regnamespace and contype in ('p', 'u', 'f', 'x', 'c')
  and conname ~ '(_check|_excl|_not_null|[0-9])$';

-- A table with an id has it as its primary key. Those that others may refer to have the clinic with it as a key besides: not
-- what triggers alone write.
select c.relname as no_primary_key from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'id'
where c.relnamespace = 'clinic'::regnamespace and c.relkind = 'r'
  and not exists (select from pg_constraint where conrelid = c.oid and conname = c.relname || '_pkey' and contype = 'p' and conkey = array[a.attnum])
order by 1;
select c.relname as no_key_with_clinic from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'id'
where c.relnamespace = 'clinic'::regnamespace and c.relkind = 'r'
  and not exists (select from pg_constraint where conrelid = c.oid and conname = c.relname || '_id_key' and pg_get_constraintdef(oid) = 'UNIQUE (clinic_id, id)')
order by 1;

-- Every other key, foreign key and exclusion contains the tenant (clinics itself, the version and the levels of access apart), but
-- bookings_person: a person is one in all clinics.
select conrelid::regclass as table, conname from pg_constraint
where connamespace = 'clinic'::regnamespace and contype in ('p', 'u', 'f', 'x')
  and conrelid not in ('clinic.clinics'::regclass, 'clinic.schema_version'::regclass, 'clinic.access_levels'::regclass) and pg_get_constraintdef(oid) <> 'PRIMARY KEY (id)'
  and not exists (select from pg_attribute where attrelid = conrelid and attnum = any (conkey) and attname = 'clinic_id')
order by 1, 2;

-- Indexes and triggers.
select indexrelid::regclass as index, pg_get_indexdef(indexrelid) like '%clinic_id%' as has_tenant
from pg_index where indrelid in (select oid from pg_class where relnamespace = 'clinic'::regnamespace)
  and not exists (select from pg_constraint where conindid = indexrelid)
order by indexrelid;
select tgrelid::regclass as table, tgname as trigger, pg_get_triggerdef(oid) from pg_trigger
where not tgisinternal and tgrelid in (select oid from pg_class where relnamespace = 'clinic'::regnamespace)
order by 1, 2;

-- Nothing is without a comment: the schema, tables, columns, triggers.
select 'schema clinic' as without_comment where obj_description('clinic'::regnamespace, 'pg_namespace') is null
union all
select pg_describe_object('pg_class'::regclass, c.oid, 0) from pg_class c
where c.relnamespace = 'clinic'::regnamespace and c.relkind in ('r', 'v', 'm', 'p') and obj_description(c.oid, 'pg_class') is null
union all
select pg_describe_object('pg_class'::regclass, c.oid, a.attnum) from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'clinic'::regnamespace and c.relkind in ('r', 'v', 'm', 'p') and a.attnum > 0
  and col_description(c.oid, a.attnum) is null
union all
select pg_describe_object('pg_trigger'::regclass, t.oid, 0) from pg_trigger t join pg_class c on c.oid = t.tgrelid
where c.relnamespace = 'clinic'::regnamespace and not t.tgisinternal and obj_description(t.oid, 'pg_trigger') is null
union all
select pg_describe_object('pg_proc'::regclass, p.oid, 0) from pg_proc p
where p.pronamespace = 'clinic'::regnamespace and obj_description(p.oid, 'pg_proc') is null;

-- Instants are timestamptz and ranges tstzrange everywhere; only built-in types, so that a dump restores without us.
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 join pg_type t on t.oid = a.atttypid
where c.relnamespace = 'clinic'::regnamespace and c.relkind = 'r'
  and (t.typnamespace <> 'pg_catalog'::regnamespace or t.typname in ('timestamp', 'tsrange', 'timetz'));

-- Nobody but the owner may do anything until grant_clinic_access() says so.
select relname, relacl from pg_class where relnamespace = 'clinic'::regnamespace and relacl is not null;
select nspacl from pg_namespace where nspname = 'clinic' and nspacl is not null;

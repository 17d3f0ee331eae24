-- Everything that the extension adds to a database. A change in these lists is a change for users: it belongs into the README and
-- an upgrade script.
\set SHOW_CONTEXT never

select extname, extnamespace::regnamespace from pg_extension where extname in ('pg_clinic', 'btree_gist') order by 1;

-- Since PostgreSQL 17 a type's array type is a member too: left out.
create temp view member as
  select classid, objid from pg_depend
  where refclassid = 'pg_extension'::regclass and deptype = 'e'
    and refobjid = (select oid from pg_extension where extname = 'pg_clinic')
    and not (classid = 'pg_type'::regclass and objid in (select typarray from pg_type));

-- Only functions. No table, so pg_dump carries those like any others.
select pg_describe_object(classid, objid, 0) as other_member from member where classid <> 'pg_proc'::regclass;

\pset format unaligned
select (p.proname || '(' || pg_get_function_arguments(p.oid) || ') returns ' ||
  case when p.proretset then 'table' else p.prorettype::regtype::text end) collate "C" as function
from member m join pg_proc p on m.classid = 'pg_proc'::regclass and m.objid = p.oid
order by 1;
\pset format aligned

-- The columns that the set-returning ones give.
select p.proname, string_agg(distinct (
    select string_agg(name || ' ' || type::regtype, ', ' order by position)
    from unnest(p.proargnames, p.proallargtypes, p.proargmodes) with ordinality as arg (name, type, mode, position)
    where mode = 't'), ' or ') as columns
from member m join pg_proc p on m.classid = 'pg_proc'::regclass and m.objid = p.oid
where p.proretset
group by 1 order by 1;

-- The planner's hints. A function that reads is stable and parallel safe; none is strict, because NULL means "the default";
-- none is SECURITY DEFINER.
select p.proname, provolatile as volatile, proparallel as parallel, proisstrict as strict, prosecdef as definer,
       procost as cost, prorows as rows, count(*) as overloads
from member m join pg_proc p on m.classid = 'pg_proc'::regclass and m.objid = p.oid
group by 1, 2, 3, 4, 5, 6, 7
order by 1, 2;

-- No function depends on the caller's search_path, none is without a comment.
select p.oid::regprocedure as without_pinned_path
from member m join pg_proc p on m.classid = 'pg_proc'::regclass and m.objid = p.oid
where not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false);
select pg_describe_object(classid, objid, 0) as without_comment
from member where obj_description(objid, classid::regclass::name) is null;

-- The settings say what they do and what their default means. The prefix is ours, so a misspelled one is an error.
load 'pg_clinic';
\x on
select name, vartype, context, boot_val, short_desc, extra_desc from pg_settings where name like 'pg\_clinic.%' order by 1;
\x off
set pg_clinic.clinicid = 1;

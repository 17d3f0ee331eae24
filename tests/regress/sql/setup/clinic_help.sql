-- clinic_help: a page of the reference in psql, or all functions.
\set SHOW_CONTEXT never
select clinic_help('decline_offer');
select count(*) > 80 as many, max(length(line)) <= 78 as fits from clinic_help() as help (line);
select line from clinic_help() as help (line) where line like 'find_slots %';
-- As people write it; a name of several functions shows all of them.
select count(*) = (select count(*) from clinic_help('find_slots')) as same from clinic_help(' Find_Slots( ');
select p.proname from pg_proc p join pg_depend d on d.objid = p.oid and d.deptype = 'e' join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_clinic'
where d.classid = 'pg_proc'::regclass and d.refclassid = 'pg_extension'::regclass and p.prorettype <> 'trigger'::regtype and not exists (select from clinic_help(p.proname) as help (line) where line like '%' || p.proname || '%');
call test.refused($$select clinic_help('find_slot')$$);
call test.refused($$select clinic_help('drop table')$$);
call test.refused($$select clinic_help('')$$);

-- What there is in a database, to be compared with another's by difference.sql: the rows of sql/shipped/catalog.sql but
-- for the functions, which here have their COST and ROWS, and the comments. place orders them.
-- The query of that file stands for the line below that names it.
select row_number() over () as place, kind, object, definition from (
@catalog@
) as catalog where kind not in ('function', 'rule', 'row security', 'inheritance', 'owner', 'privilege')
union all
select row_number() over (order by p.oid), 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid)
from pg_depend d join pg_extension e on e.oid = d.refobjid join pg_proc p on p.oid = d.objid
where d.refclassid = 'pg_extension'::regclass and d.classid = 'pg_proc'::regclass and d.deptype = 'e' and e.extname = 'pg_clinic'
union all
select row_number() over (order by d.classoid, d.objoid, d.objsubid), 'comment on ' || i.type,
  case i.type when 'function' then d.objoid::regprocedure::text else i.identity end, d.description
from pg_description d cross join pg_identify_object(d.classoid, d.objoid, d.objsubid) i
where i.type in ('table', 'table column', 'view', 'view column', 'trigger', 'table constraint', 'index', 'function')
  and (i.identity ~ '(^| on )clinic\.' or i.identity like '"@extschema@".%')

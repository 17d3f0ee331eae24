-- docs/reference.md, line by line, from the catalogs and from a table glossary (name, meaning) of GLOSSARY.md's section Names.
-- `make accept-shipped` writes it, a test compares it. Functions stand in alphabetical order; those of triggers aren't for users.
with functions as (
  select p.oid, p.proname::text as name, obj_description(p.oid, 'pg_proc') as comment, p.provolatile as volatility,
    p.proargnames as names, coalesce(p.proallargtypes, p.proargtypes::oid[]) as types, p.proargmodes as modes,
    p.prorettype::regtype::text as result, p.proretset as is_set, count(*) over (partition by p.proname) as namesakes,
    row_number() over (order by p.proname, p.oid) as place
  from pg_proc p join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
  join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_clinic'
  where p.prorettype <> 'trigger'::regtype
), arguments as (
  select f.oid, f.place, a.number, f.names[a.number] as name, format_type(a.type, null) as type,
    coalesce(f.modes[a.number], 'i') as mode, pg_get_function_arg_default(f.oid, a.number::int) as default_value
  from functions f cross join lateral unnest(f.types) with ordinality as a (type, number)
), explained as (
  select a.*, coalesce(g.meaning, '') as meaning from arguments a left join glossary g using (name)
), lines (place, part, number, line) as (
  select place, 1, 0, E'\n## ' || name || E'\n' from functions
  union all
  -- A comment's example ends with its line, or where it is spoken on.
  select f.place, 2, 0, rtrim(regexp_replace(
      regexp_replace(f.comment, '\s*?Example: (.*?)[.;]?\s*?(?= With | The | clinic\.|\n|$)', E'\n\n```sql\n\\1;\n```\n\n', ''),
      '\n\s*\n\s*', E'\n\n', 'g'), E'\n') || E'\n'
  from functions f
  union all
  select f.place, 3, 0, case f.volatility when 'v' then 'Writes. ' else 'Reads. ' end || 'Answers '
      || case when f.is_set and exists (select from arguments a where a.oid = f.oid and a.mode = 't') then 'rows'
           when f.is_set then 'rows of `' || f.result || '`' when f.result = 'void' then 'nothing' else 'one `' || f.result || '`' end || '.'
  from functions f
  union all
  select distinct place, 4, 0, E'\n| argument | type | default | meaning |\n|---|---|---|---|' from arguments where mode in ('i', 'v')
  union all
  select place, 5, number, format('| `%s` | %s | %s | %s |', name, type, case when default_value is null then 'must be given'
      else '`' || replace(regexp_replace(default_value, '::[a-z ]+(\[\])?$', ''), 'NULL', 'null') || '`' end, replace(meaning, '|', '\|'))
  from explained where mode in ('i', 'v')
  union all
  select distinct place, 6, 0, E'\n| column | type | meaning |\n|---|---|---|' from arguments where mode = 't'
  union all
  select place, 7, number, format('| `%s` | %s | %s |', name, type, replace(meaning, '|', '\|')) from explained where mode = 't'
)
select line from (
  select 0 as place, 0 as part, 0 as number,
    E'# Reference: functions\n\nGenerated from the database and GLOSSARY.md by `make accept-shipped`: edit the comments in sql/functions and the glossary.\n\n'
      'Every argument can be named (`from_date => …`); one that is null means its default, and where that is null, too, what the meaning or the text says,\n'
      'else that it narrows nothing. What a function refuses, and with which SQLSTATE, is in [README](../README.md), as is who may call it.' as line
  union all select * from lines
) as all_lines order by place, part, number

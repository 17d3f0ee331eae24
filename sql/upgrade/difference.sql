-- Writes SQL that makes the database of the table old as that of the table new is, both filled by state.sql. :'part' says
-- what of it: 'tables' what a step has to do before upgrade_clinic() makes what is missing, 'functions' the script of
-- `alter extension update`. make accept-shipped runs it.
with changed as (
  select kind, object, o.definition as old, n.definition as new, n.place
  from old o full join new n using (kind, object) where o.definition is distinct from n.definition
), columns as (
  -- With default and NOT NULL, because a table may have rows.
  select c.object, c.place, split_part(c.object, '.', 1) as of_table,
    concat_ws(' ', split_part(c.object, '.', 2), c.definition, d.definition, n.definition) as definition
  from new c left join new d on d.kind = 'default' and d.object = c.object left join new n on n.kind = 'not null' and n.object = c.object
  where c.kind = 'column'
), statements (number, place, statement) as (
  -- What is dropped: it is gone, or upgrade_clinic() makes it anew.
  select 1, 0, 'drop view ' || string_agg('clinic.' || object, ', ' order by object)
  from changed where kind = 'view' and old is not null having count(*) > 0
  union all
  select 2, place, format('drop trigger %s on clinic.%s', split_part(object, '.', 2), split_part(object, '.', 1))
  from changed where kind = 'trigger' and old is not null
  union all
  select case when old like 'FOREIGN KEY%' then 3 else 4 end, place,
    format('alter table clinic.%s drop constraint %s', split_part(object, '.', 1), split_part(object, '.', 2))
  from changed where kind = 'constraint' and old is not null
  union all
  select 4, place, 'drop index clinic.' || split_part(object, '.', 2) from changed where kind = 'index' and old is not null
  union all
  select 5, 0, 'drop table clinic.' || object from changed where kind = 'table' and new is null
  union all
  select 6, 0, format('alter table clinic.%s drop column %s', split_part(object, '.', 1), split_part(object, '.', 2))
  from changed c where kind = 'column' and new is null and exists (select from new where kind = 'table' and object = split_part(c.object, '.', 1))
  union all
  -- What is new.
  select 7, place, (select format(E'create table clinic.%s (\n  %s\n)', t.object, string_agg(c.definition, E',\n  ' order by c.place))
    from columns c where c.of_table = t.object)
  from changed t where kind = 'table' and old is null
  union all
  select 8, c.place, format('alter table clinic.%s add column %s', c.of_table, c.definition)
  from changed x join columns c using (object) where x.kind = 'column' and x.old is null
    and exists (select from old where kind = 'table' and object = c.of_table)
  union all
  -- What is another.
  select 9, place, format('alter table clinic.%s alter column %s type %s', split_part(object, '.', 1), split_part(object, '.', 2), new)
  from changed where kind = 'column' and old is not null and new is not null
  union all
  select 10, place, format('alter table clinic.%s alter column %s %s', split_part(object, '.', 1), split_part(object, '.', 2),
    case kind when 'not null' then 'drop not null' else coalesce('set ' || new, 'drop default') end)
  from changed c where kind in ('not null', 'default') and old is not null and (new is null or kind = 'default')
    and exists (select from new n where n.kind = 'column' and n.object = c.object)
  union all
  select 11, place, format('comment on %s %s is %s', replace(regexp_replace(kind, '^comment on (table (?=c))?', ''), 'view column', 'column'), object,
    coalesce(quote_literal(new), 'null'))
  from changed c
  where kind like 'comment on %' and kind <> 'comment on function'
    -- What upgrade_clinic() makes anew it gives its comments; of what is gone nothing is said.
    and case kind
      when 'comment on table' then exists (select from new n where n.kind = 'table' and 'clinic.' || n.object = c.object)
      when 'comment on table column' then exists (select from new n where n.kind = 'column' and 'clinic.' || n.object = c.object)
      else exists (select from old o where o.kind = c.kind and o.object = c.object)
        and not exists (select from changed x where x.kind = 'view' and c.object ~ ('^clinic\.' || x.object || '(\.|$)'))
        and not exists (select from changed x where x.kind in ('trigger', 'constraint')
          and c.object = split_part(x.object, '.', 2) || ' on clinic.' || split_part(x.object, '.', 1)) end
), functions (number, place, statement) as (
  select 1, place, 'drop function ' || object
  from changed where kind = 'function' and old is not null and split_part(new, ' LANGUAGE ', 1) is distinct from split_part(old, ' LANGUAGE ', 1)
  union all
  select 2, place, rtrim(new, E'\n') from changed where kind = 'function' and new is not null
  union all
  -- A function that is dropped loses its comment.
  select 3, n.place, format('comment on function %s is %s', n.object, quote_literal(n.definition))
  from new n where n.kind = 'comment on function' and (exists (select from changed c where c.kind = n.kind and c.object = n.object)
    or exists (select from changed c where c.kind = 'function' and c.object = n.object and c.old is not null))
)
select regexp_replace(replace(replace(statement, '"@extschema@".', case :'part' when 'functions' then '' else '@extschema@.' end),
    E'AS ''$libdir/pg_clinic'', $function$', E'AS ''MODULE_PATHNAME'', $function$'), '[ \t]+(?=\n|$)', '', 'g') || ';'
from (select * from statements where :'part' = 'tables' union all select * from functions where :'part' = 'functions') as all_statements
order by number, place;

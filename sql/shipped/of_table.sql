-- What a table ($1, its oid) has of the things that functions and triggers rely on, and what works against them: the verdict
-- of src/pg/platform/structure.rs, which is given once a session and so must be quick. Definitions as in catalog.sql, which
-- lists everything; a test compares them. oid is of an index, whose change changes the answer.
with thing (kind, name, definition, state, oid) as (
  select 'table', c.relname::text as name,
    concat_ws(' ',
      case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'f' then 'foreign table' when 'v' then 'view'
        when 'm' then 'materialized view' else 'relation of another kind' end,
      (select format('of access method %s', amname) from pg_am where oid = c.relam and amname <> 'heap'),
      case when c.relispartition then 'that is a partition'
        when exists (select from pg_inherits where inhrelid = c.oid) then 'that inherits from another' end,
      case when c.relkind = 'r' and exists (select from pg_inherits where inhparent = c.oid) then 'from which others inherit' end,
      case when c.relkind = 'r' and exists (select from pg_rewrite where ev_class = c.oid) then 'with rules' end),
    null, null::oid
  from pg_class c where c.oid = $1
  union all
  select 'not null', a.attname::text, 'not null', null, null
  from pg_attribute a where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped and a.attnotnull
  union all
  select 'constraint', c.conname::text, regexp_replace(pg_get_constraintdef(c.oid), ' NOT VALID$', ''),
    case when not c.convalidated or not (i.indisvalid and i.indisready and i.indislive) then 'not valid' end, i.indexrelid
  from pg_constraint c
  left join pg_index i on i.indexrelid = c.conindid and c.contype in ('p', 'u', 'x')
  where c.conrelid = $1 and c.contype in ('p', 'u', 'f', 'x', 'c')
  union all
  select 'index', x.relname::text, pg_get_indexdef(i.indexrelid),
    case when not (i.indisvalid and i.indisready and i.indislive) then 'not valid' end, i.indexrelid
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  where i.indrelid = $1 and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'))
  union all
  select 'trigger', g.tgname::text, pg_get_triggerdef(g.oid), case when g.tgenabled not in ('O', 'A') then 'disabled' end, null
  from pg_trigger g where g.tgrelid = $1 and not g.tgisinternal
)
select kind, name, regexp_replace(trim(regexp_replace(definition, '\s+', ' ', 'g')), ' WITH \([a-z_]+=[^)]*\)', '') as definition, state, oid
from thing

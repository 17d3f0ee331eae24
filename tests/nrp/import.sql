-- Imports an instance of the public nurse-rostering benchmark (Curtois and Qu; data in ../shared/data/nrp) into a clinic of
-- its own, in clinic.* tables and rules alone. Any file of that format will do:
--
--   psql -v file=/path/to/Instance1.txt -f tests/nrp/import.sql
--
-- Afterwards the setting pg_clinic.clinic_id is the new clinic, and the horizon begins on Monday 2029-01-01:
--   select status, objective from solve_roster('2029-01-01', '2029-01-14');

\set content `cat :'file'`
begin;
create temp table nrp_line on commit drop as
  select number, trim(line) as line, max(case when line like 'SECTION%' then number end) over (order by number) as section_at
  from regexp_split_to_table(:'content', E'\r?\n') with ordinality as l (line, number)
  where trim(line) <> '' and line not like '#%';
create temp table nrp on commit drop as
  select number, (select trim(s.line) from nrp_line s where s.number = l.section_at) as section,
    string_to_array(l.line, ',') as field
  from nrp_line l where l.number <> l.section_at;

select set_config('pg_clinic.clinic_id', init_clinic('NRP ' || :'file' || ' ' || clock_timestamp(), 'UTC')::text, false) \g /dev/null
insert into clinic.shift_kinds (name) select field[1] from nrp where section = 'SECTION_SHIFTS';
insert into clinic.staff (name) select field[1] from nrp where section = 'SECTION_STAFF' order by number;

-- One shift a day and kind; its length is what counts, so all begin at midnight and exclude each other.
insert into clinic.shifts (shift_kind, during, staff_needed)
  select c.field[2], tstzrange(day, day + s.field[2]::integer * interval '1 minute'), c.field[3]::integer
  from nrp c join nrp s on s.section = 'SECTION_SHIFTS' and s.field[1] = c.field[2],
    lateral (select timestamptz '2029-01-01 00:00+00' + c.field[1]::integer * interval '24 hours' as day) as at
  where c.section = 'SECTION_COVER' order by c.number;

-- The commonest weights are the clinic's; a shift with others has its own.
create temp table nrp_weight on commit drop as
  select field[4]::integer as under, field[5]::integer as over from nrp where section = 'SECTION_COVER'
  group by 1, 2 order by count(*) desc, 1, 2 limit 1;
insert into clinic.rules (rule_kind, mode, weight, over_weight) select 'cover', 'soft', under, over from nrp_weight;
insert into clinic.rule_overrides (rule_kind, shift_id, mode, weight, over_weight, approved_by, reason)
  select 'cover', s.id, 'soft', field[4]::integer, field[5]::integer, 'import', 'benchmark'
  from nrp c join clinic.shifts s on s.clinic_id = current_clinic() and s.shift_kind = field[2]
    and lower(s.during) = timestamptz '2029-01-01 00:00+00' + field[1]::integer * interval '24 hours'
  where c.section = 'SECTION_COVER'
    and (field[4]::integer, field[5]::integer) <> (select under, over from nrp_weight);

-- What a kind of shift may not be followed by.
insert into clinic.rules (rule_kind, shift_kind, next_shift_kind, mode)
  select 'forbidden_succession', field[1], next, 'hard'
  from nrp, unnest(string_to_array(nullif(trim(field[3]), ''), '|')) as next where section = 'SECTION_SHIFTS';

-- Limits of each person.
insert into clinic.rule_overrides (rule_kind, shift_kind, period, staff_id, mode, limit_value, approved_by, reason)
  select l.rule_kind, l.shift_kind, l.period, s.id, 'hard', l.limit_value, 'import', 'benchmark'
  from nrp n join clinic.staff s on s.clinic_id = current_clinic() and s.name = n.field[1],
    lateral (
      select 'max_shifts', split_part(cap, '=', 1), 'plan', split_part(cap, '=', 2)::integer
        from unnest(string_to_array(n.field[2], '|')) as cap
      union all values
        ('max_minutes', null, 'plan', n.field[3]::integer), ('min_minutes', null, 'plan', n.field[4]::integer),
        ('max_consecutive_days', null, null, n.field[5]::integer),
        ('min_consecutive_days', null, null, n.field[6]::integer),
        ('min_consecutive_days_off', null, null, n.field[7]::integer),
        ('max_weekends', null, 'plan', n.field[8]::integer)
    ) as l (rule_kind, shift_kind, period, limit_value)
  where n.section = 'SECTION_STAFF';

insert into clinic.time_off (staff_id, during, reason)
  select s.id, tstzrange(day, day + interval '24 hours'), 'fixed day off'
  from nrp n join clinic.staff s on s.clinic_id = current_clinic() and s.name = n.field[1],
    unnest(n.field[2:]) as index,
    lateral (select timestamptz '2029-01-01 00:00+00' + index::integer * interval '24 hours' as day) as at
  where n.section = 'SECTION_DAYS_OFF' and trim(index) <> '';

insert into clinic.rules (rule_kind, mode, weight) values ('shift_request', 'soft', 1);
insert into clinic.shift_requests (staff_id, on_date, shift_kind, is_wanted, weight)
  select s.id, date '2029-01-01' + n.field[2]::integer, n.field[3], n.section = 'SECTION_SHIFT_ON_REQUESTS', n.field[4]::integer
  from nrp n join clinic.staff s on s.clinic_id = current_clinic() and s.name = n.field[1]
  where n.section in ('SECTION_SHIFT_ON_REQUESTS', 'SECTION_SHIFT_OFF_REQUESTS');

-- The benchmark knows no more than that.
insert into clinic.rules (rule_kind, mode) values
  ('load_balance', 'off'), ('preferred_balance', 'off'), ('preference_debt', 'off'), ('preferred', 'off'), ('non_preferred', 'off');
commit;

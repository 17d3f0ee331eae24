-- The roster to look at: a plan, or the record of some dates, as text and as picture.

create function roster_board(plan_id bigint, clinic_id bigint default null)
  returns table (roster_board text)
  language c stable parallel safe cost 10000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_roster_board_of_plan';
comment on function roster_board(bigint, bigint) is
$$A plan as text for psql, at most 78 columns wide: a row a provider (or kind of shift) and time, a column a date, a week below the other. Example: select roster_board(3)
Before a name: * preferred, ! non-preferred (whoever of the two says so), ~ both. ?open 2: two people are missing; +1: one more than needed. Below: what each has.$$;

create function roster_board(from_date date default null, to_date date default null, clinic_id bigint default null)
  returns table (roster_board text)
  language c stable parallel safe cost 10000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_roster_board';
comment on function roster_board(date, date, bigint) is
$$The record from from_date (default today) to to_date (default six days later) as text for psql, like that of a plan. Example: select roster_board(date '2026-04-13', date '2026-04-19')$$;

create function roster_board_svg(plan_id bigint, clinic_id bigint default null)
  returns text
  language c stable parallel safe cost 20000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_roster_board_svg_of_plan';
comment on function roster_board_svg(bigint, bigint) is
$$A plan as an SVG picture, 1,200 pixels wide. Example, in a shell: psql -AtX -c "select roster_board_svg(3)" -o roster.svg
A row a provider (or kind of shift), a column a date, a card a shift. Needs no script and no other file; names are escaped.$$;

create function roster_board_svg(from_date date default null, to_date date default null, clinic_id bigint default null)
  returns text
  language c stable parallel safe cost 20000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_roster_board_svg';
comment on function roster_board_svg(date, date, bigint) is
$$The record from from_date (default today) to to_date (default six days later) as an SVG picture, like that of a plan. Example: select roster_board_svg(date '2026-04-13', date '2026-04-19')$$;

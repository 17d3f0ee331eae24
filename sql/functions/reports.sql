-- For the front desk and analysts: a day as rows, text and picture; opening time and how much of it was booked; rates.
-- Nothing is stored: each call reads the rows it reports on.

create function day_sheet(
    from_date date default null, to_date date default null, group_by text default 'provider', provider_id bigint default null,
    room_id bigint default null, now timestamptz default now(), clinic_id bigint default null)
  returns table (
    local_date date, provider_id bigint, provider_name text, room_id bigint, room_name text, kind text, starts_at timestamptz,
    ends_at timestamptz, minutes double precision, booking_id bigint, status text, is_overbooked boolean, appointment_type text,
    patient_id text, patient_name text, contact text, note text, session_id bigint)
  language c stable parallel safe cost 5000 rows 100
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_day_sheet';
comment on function day_sheet(date, date, text, bigint, bigint, timestamptz, bigint) is
$$The days from from_date (default today) to to_date (default from_date), by date, provider (or group_by => 'room') and time: what is booked and what is free. Example: select provider_name, kind, starts_at, minutes, patient_name from day_sheet(date '2026-04-13', date '2026-04-17')
kind: booking | hold | gap (open, and neither booked nor the buffer after a booking; of a room, the turnover) | time_off (within the opening) | closed (no opening that day; one row without times). A room is open whenever any provider is. Cancelled bookings and expired holds are left out; a no-show keeps its place. What starts in a window counts to the date on which the window starts, so a night is one sheet. Who is in a group visit together has one session_id; others have none. note: why there is time off, or why a rule was set aside. Reads the bookings of the dates and of a day on either side.$$;

create function day_board(on_date date default null, now timestamptz default now(), clinic_id bigint default null)
  returns table (day_board text)
  language c stable parallel safe cost 5000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_day_board';
comment on function day_board(date, timestamptz, bigint) is
$$A day (default today) as text for psql, at most 78 columns wide: a line a provider, a letter where a booking starts, its legend below. Example: select day_board(date '2026-04-13')
A second line has what is overbooked beside; a group visit is drawn once. v marks now.$$;

create function day_board_svg(on_date date default null, now timestamptz default now(), clinic_id bigint default null)
  returns text
  language c stable parallel safe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_day_board_svg';
comment on function day_board_svg(date, timestamptz, bigint) is
$$A day (default today) as an SVG picture, 1,200 pixels wide. Example, in a shell: psql -AtX -c "select day_board_svg(date '2026-04-13')" -o day.svg
It names patients: show it to those who may read them. Needs no script and no other file; names are escaped.$$;

create function provider_openings(
    from_date date default null, to_date date default null, provider_id bigint default null,
    now timestamptz default now(), clinic_id bigint default null)
  returns table (
    provider_id bigint, provider_name text, local_date date, starts_at timestamptz, ends_at timestamptz,
    open_minutes double precision)
  language c stable parallel safe cost 5000 rows 500
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_provider_openings';
comment on function provider_openings(date, date, bigint, timestamptz, bigint) is
$$When providers are open on the clinic's dates from_date (default today) to to_date (default from_date), by provider and time: availability or its overrides, windows joined, minus time off of provider and clinic. Example: select provider_name, sum(open_minutes) / 60 as hours from provider_openings(date '2026-04-13', date '2026-04-19') group by 1
A window counts to the date it starts on, also past midnight; time it shares with a window of the next date counts once, to the earlier. Minutes are elapsed ones, so an opening over a change of the clocks is shorter or longer. A disabled provider has openings on dates before today only.$$;

create function room_openings(
    from_date date default null, to_date date default null, room_id bigint default null,
    now timestamptz default now(), clinic_id bigint default null)
  returns table (
    room_id bigint, room_name text, local_date date, starts_at timestamptz, ends_at timestamptz,
    open_minutes double precision)
  language c stable parallel safe cost 5000 rows 500
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_room_openings';
comment on function room_openings(date, date, bigint, timestamptz, bigint) is
$$When rooms are open: whenever any provider is (see provider_openings), minus time off of the room. Example: select * from room_openings(date '2026-04-13', room_id => 2)
A disabled room has openings like any other: it may have been in use.$$;

create function utilization(
    from_date date default null, to_date date default null, group_by text default 'provider',
    provider_id bigint default null, room_id bigint default null,
    now timestamptz default now(), clinic_id bigint default null)
  returns table (
    grouped_by text, grouped_id bigint, grouped_name text, local_date date, open_minutes double precision, booked_minutes double precision,
    overbooked_minutes double precision, outside_minutes double precision, utilization double precision, utilization_percent double precision)
  language c stable parallel safe cost 50000 rows 500
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_utilization';
comment on function utilization(date, date, text, bigint, bigint, timestamptz, bigint) is
$$utilization = booked_minutes / open_minutes, to four decimals, and in percent, on the dates from from_date (default today) to to_date (default from_date): of all (grouped_by is all), then by provider (or group_by => 'room') and date, or by group_by => weekday, hour, week or month, of all providers, of one, or of a room. Example: select grouped_name, utilization_percent from utilization(date '2026-04-01', date '2026-04-30', 'weekday')
open_minutes: see provider_openings and room_openings. booked_minutes: the part of the opening that bookings take; counted once where an overbooked one is beside another, so utilization is never above 1. overbooked_minutes: the part that overbooked bookings take. outside_minutes: minutes of bookings in time off or while closed; not part of booked_minutes. Buffers, turnovers, no-shows, cancelled bookings and expired holds are no booked time. What has neither opening nor bookings has no row, save the one of all. Of an hour counts the time in it, by the clock on the wall. Reads every booking of the dates: a year of 330,000 takes part of a second.$$;

create function no_show_rates(
    from_date date default null, to_date date default null, group_by text default 'provider',
    now timestamptz default now(), clinic_id bigint default null)
  returns table (
    grouped_by text, grouped_id bigint, grouped_name text, came bigint, no_shows bigint, unrecorded bigint,
    no_show_rate double precision, no_show_percent double precision)
  language c stable parallel safe cost 50000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_no_show_rates';
comment on function no_show_rates(date, date, text, timestamptz, bigint) is
$$no_show_rate = no_shows / (no_shows + came), to four decimals, and in percent: of all (grouped_by is all), then one row for each provider, or by group_by => room, type, weekday, hour, week, month, lead_time (days from booking to start) or patient. Dates of the appointments; by default the 366 up to today. Example: select grouped_name, no_show_percent from no_show_rates(group_by => 'weekday')
came: arrived, checked-in or fulfilled. unrecorded: still booked though over, counted neither way; mark_no_shows() settles them. Cancelled bookings don't count. A patient is patient_id, else name and contact together; those without have a row without a name.$$;

create function lead_times(
    from_date date default null, to_date date default null, group_by text default 'type',
    now timestamptz default now(), clinic_id bigint default null)
  returns table (
    grouped_by text, grouped_id bigint, grouped_name text, bookings bigint, first_quartile_days double precision,
    median_days double precision, third_quartile_days double precision, mean_days double precision)
  language c stable parallel safe cost 50000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_lead_times';
comment on function lead_times(date, date, text, timestamptz, bigint) is
$$Days (of 24 hours) from when a booking was made to its start: of all (grouped_by is all), then by type, or by group_by => provider, room, weekday, hour, week or month. Dates of the appointments; by default the 366 up to today. Example: select grouped_name, median_days from lead_times(date '2026-01-01', date '2026-03-31')
Of bookings that are booked, arrived, checked-in, fulfilled or noshow. A moved booking counts from when it was first made to where it is now; one made after its start counts 0. Quartiles are interpolated (percentile_cont).$$;

create function cancellation_rates(
    from_date date default null, to_date date default null, group_by text default 'provider', late_hours double precision default 24,
    now timestamptz default now(), clinic_id bigint default null)
  returns table (
    grouped_by text, grouped_id bigint, grouped_name text, bookings bigint, cancellations bigint, late_cancellations bigint,
    cancellation_rate double precision, cancellation_percent double precision, late_rate double precision,
    late_percent double precision, median_notice_hours double precision)
  language c stable parallel safe cost 50000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_cancellation_rates';
comment on function cancellation_rates(date, date, text, double precision, timestamptz, bigint) is
$$How many bookings were cancelled, and how many of them late: less than late_hours before the start, or after it. cancellation_rate and late_rate are shares of all bookings, to four decimals, and in percent: of all (grouped_by is all), then by provider, or by group_by => room, type, weekday, hour, week or month. Dates of the appointments; by default the 366 up to today. Example: select grouped_name, late_percent from cancellation_rates(group_by => 'type', late_hours => 48)
bookings: booked, cancelled, noshow, arrived, checked-in or fulfilled. A hold is none.$$;

create function cancellations(
    from_date date default null, to_date date default null, now timestamptz default now(), clinic_id bigint default null)
  returns table (
    booking_id bigint, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, appointment_type_id bigint, appointment_type text,
    cancelled_at timestamptz, notice_hours double precision, cancellation_reason text, freed_minutes double precision,
    is_refilled boolean,
    refill_booking_id bigint, refilled_minutes double precision)
  language c stable parallel safe cost 50000 rows 500
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_cancellations';
comment on function cancellations(date, date, timestamptz, bigint) is
$$Cancelled bookings, by time, each with how long before its start (notice_hours; negative = afterward), why, and whether the place was refilled. Dates of the appointments; by default the 366 up to today. Example: select cancellation_reason, count(*) from cancellations() where notice_hours < 24 group by 1
is_refilled: another booking of that provider, normal like it or overbooked like it, occupies some of its time now; refill_booking_id is the first of them, freed_minutes is how much of it was still to come, refilled_minutes how much of that they take. Holds don't count, neither way. Looks up each cancelled booking's place in an index.$$;

create function refill_rates(
    from_date date default null, to_date date default null, group_by text default 'provider', now timestamptz default now(),
    clinic_id bigint default null)
  returns table (
    grouped_by text, grouped_id bigint, grouped_name text, cancellations bigint, in_time bigint, refilled bigint,
    freed_minutes double precision, refilled_minutes double precision, refill_rate double precision,
    refill_percent double precision, median_notice_hours double precision)
  language c stable parallel safe cost 50000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_refill_rates';
comment on function refill_rates(date, date, text, timestamptz, bigint) is
$$refill_rate = refilled_minutes / freed_minutes of cancelled bookings, by provider, room, type, weekday, hour, week or month, and of all; see cancellations(). Example: select * from refill_rates(date '2026-01-01', date '2026-03-31', 'type')
in_time: cancelled before the start. refilled: those of them whose place another booking has now.$$;

create function recommend_overbooking(
    risk double precision, from_date date default null, to_date date default null,
    now timestamptz default now(), clinic_id bigint default null)
  returns table (
    provider_id bigint, provider_name text, appointment_type_id bigint, appointment_type text, places integer,
    outcomes bigint, no_shows bigint, smoothed_rate double precision, recommended_limit integer,
    risk_at_limit double precision, risk_above_limit double precision, current_limit integer)
  language c stable parallel safe cost 50000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_recommend_overbooking';
comment on function recommend_overbooking(double precision, date, date, timestamptz, bigint) is
$$By provider and type: recommended_limit, the largest max_overbook with which the probability that more patients arrive on a day than there are places stays under risk. Dates of the appointments; by default the 366 up to today. Example: select * from recommend_overbooking(0.05) where recommended_limit <> current_limit
places: normal bookings of that provider and type on a typical day (the median). outcomes, no_shows: see no_show_rates(). smoothed_rate: their rate, drawn toward the clinic's as if 20 more outcomes were known, and the clinic's toward 0; a short history recommends little. risk_at_limit, risk_above_limit: the probability with recommended_limit and with one more, if each patient stays away with smoothed_rate, independently (binomial tail). current_limit: what clinic.overbooking_rules say now. Changes no rule.$$;

create function expected_no_shows(
    from_date date default null, to_date date default null, provider_id bigint default null,
    now timestamptz default now(), clinic_id bigint default null)
  returns table (
    local_date date, provider_id bigint, provider_name text, bookings bigint, expected_no_shows double precision,
    expected_rate double precision, expected_percent double precision)
  language c stable parallel safe cost 50000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_expected_no_shows';
comment on function expected_no_shows(date, date, bigint, timestamptz, bigint) is
$$By date and provider, from from_date (default today) to to_date (default from_date): how many are booked and still to come, and how many of them will probably stay away. Example: select * from expected_no_shows(current_date + 1, current_date + 7)
Each booking counts with the no-show rate of its provider and type over the 366 days before today, drawn toward the clinic's as if 20 more outcomes were known, and the clinic's toward 0, as recommend_overbooking() has it. expected_rate: expected_no_shows / bookings.$$;

create function third_next_available(
    appointment_type text default null, provider_id bigint default null, now timestamptz default now(),
    clinic_id bigint default null, appointment_type_id bigint default null)
  returns table (
    grouped_by text, grouped_id bigint, grouped_name text, slot_start timestamptz, local_date date, local_time time, days_ahead integer)
  language c stable parallel safe cost 50000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_third_next_available';
comment on function third_next_available(text, bigint, timestamptz, bigint, bigint) is
$$The third next available appointment of a type: of all providers (grouped_by is all), then of each. days_ahead, the days from today, is the usual measure of access: the next one may be free by chance. Example: select grouped_name, days_ahead from third_next_available('Checkup')
Of each provider count the earliest free places that don't get in each other's way, buffers included; of all, the third of these. Each is free by itself: that the first would reach a daily cap isn't counted. Overbooked places don't count. Null: there are fewer than three up to the booking horizon. A disabled provider has no row.$$;

create function lost_capacity(
    from_date date default null, to_date date default null, group_by text default 'provider', provider_id bigint default null,
    now timestamptz default now(), clinic_id bigint default null)
  returns table (
    grouped_by text, grouped_id bigint, grouped_name text, open_minutes double precision, booked_minutes double precision,
    gap_minutes double precision, no_show_minutes double precision, unfilled_minutes double precision, lost_minutes double precision,
    lost_rate double precision, lost_percent double precision, gap_cents bigint, no_show_cents bigint, unfilled_cents bigint,
    lost_cents bigint)
  language c stable parallel safe cost 50000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_lost_capacity';
comment on function lost_capacity(date, date, text, bigint, timestamptz, bigint) is
$$What became of the providers' opening time (see provider_openings) up to now: booked, or lost to patients who didn't come (no_show_minutes), to cancelled bookings whose place stayed empty (unfilled_minutes), or because nobody was ever booked (gap_minutes): of all (grouped_by is all), then by provider, or by group_by => weekday, hour, week or month. Dates by default the 366 up to today. Example: select grouped_name, lost_percent, lost_cents from lost_capacity(date '2026-01-01', date '2026-03-31', 'weekday')
Each minute counts once, for the first of these reasons: booked, no-show, cancelled, gap; so they add up to open_minutes. lost_rate = lost_minutes / open_minutes. Cents: of a no-show or a cancelled booking the share of its type's price_cents that was lost; of gaps what a minute of the clinic's booked ones brings on average, types without a price left out. Null where no type has a price. A buffer after a booking is a gap.$$;

create function waiting_times(
    from_date date default null, to_date date default null, group_by text default 'type',
    now timestamptz default now(), clinic_id bigint default null)
  returns table (
    grouped_by text, grouped_id bigint, grouped_name text, entries bigint, placed bigint, still_waiting bigint, gave_up bigint,
    placed_rate double precision, placed_percent double precision, first_quartile_days double precision, median_days double precision,
    third_quartile_days double precision, median_days_so_far double precision)
  language c stable parallel safe cost 50000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_waiting_times';
comment on function waiting_times(date, date, text, timestamptz, bigint) is
$$How long patients of the waitlist wait who joined on the dates (by default the 366 up to today): of all (grouped_by is all), then by type, or by group_by => provider (whom they wait for), weekday, week or month of joining. Example: select grouped_name, placed_percent, median_days from waiting_times(date '2026-01-01', date '2026-03-31')
placed: has a place now; the quartiles are of days (of 24 hours) from joining to that appointment. still_waiting: since median_days_so_far. gave_up: left the list. placed_rate = placed / entries.$$;

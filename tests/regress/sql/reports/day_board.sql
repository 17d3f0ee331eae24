-- day_board() and day_board_svg(): a day as text and as a picture.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.providers (name) values ('Dr. Baer-Lichtenstein-Hohenfels'), ('李小龙'), ('Curie <&> "Sons"');
insert into clinic.rooms (name, room_type) select 'Room ' || n, 'exam' from generate_series(2, 5) n;
insert into clinic.appointment_types (name, duration_minutes) values ('Surgery', 90), ('Injection', 5);
insert into clinic.overbooking_rules (max_overbook) values (2);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values
  (1, 1, '13:00', '17:00'), (2, 1, '08:00', '16:00'), (3, 1, '09:00', '12:00');
insert into clinic.time_off (provider_id, during, reason) values
  (1, '[2026-04-13 11:00, 2026-04-13 12:00)', 'Training'), (null, '[2026-04-13 16:00, 2026-04-13 18:00)', 'Staff <meeting>');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, is_overbooked) values
  (1, 1, 1, 'Ada Lovelace', '[2026-04-13 09:00,)', 'fulfilled', false),
  (1, 2, 1, 'Grace Hopper', '[2026-04-13 09:15,)', 'fulfilled', true),
  (1, 1, 1, 'Alan Turing', '[2026-04-13 10:00,)', 'noshow', false),
  (1, 1, 2, 'Emmy Noether', '[2026-04-13 13:00,)', 'booked', false),
  (2, 3, 1, 'Max Born', '[2026-04-13 08:00,)', 'checked-in', false),
  (2, 3, 2, 'Lise Meitner', '[2026-04-13 10:00,)', 'arrived', false),
  (2, 3, 1, 'Cancelled', '[2026-04-13 12:00,)', 'cancelled', false),
  (3, 4, 3, 'One', '[2026-04-13 09:00,)', 'booked', false), (3, 4, 3, 'Two', '[2026-04-13 09:15,)', 'booked', false),
  (3, 4, 3, '<script>alert("x")</script>', '[2026-04-13 11:30,)', 'booked', false);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, status, hold_expires_at)
  values (2, 3, 1, '[2026-04-13 14:00,)', 'pending', '2035-01-01 12:00');

select day_board('2026-04-13', '2026-04-13 10:20');
-- Another date, another scale.
select day_board('2026-04-20', '2026-04-13 10:20');
select day_board('2026-04-14', '2026-04-13 10:20');
-- In a FROM clause.
select count(*), max(length(day_board)) <= 78 as fits from day_board('2026-04-13', '2026-04-13 10:20');
-- 24 hours, and the day with 25.
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2026-10-25', '00:00', '24:00');
select day_board('2026-10-25', '2026-10-25 02:30+01');

create temp table picture as select day_board_svg('2026-04-13', '2026-04-13 10:20') as svg;
select split_part(svg, E'\n', 1) as opens, right(rtrim(svg, E'\n'), 6) as ends from picture;
-- A box for each booking, with all there is to know in its title; names are escaped.
select string_agg(title[1], E'\n' order by n) as titles
from picture, regexp_matches(svg, '<title>(.*?)</title>', 'g') with ordinality as m (title, n);
select svg ~ '<script' as scripted, svg ~ 'Curie &lt;&amp;&gt; &quot;Sons&quot;' as escaped, svg ~ 'Cancelled' as cancelled,
  svg ~ '10:20</text>' as has_clock, svg ~ 'off: Staff &lt;meeting' as has_reason from picture;
-- The clock is marked on its own day only, and nothing else depends on it.
select day_board_svg('2026-04-13', '2026-04-14') ~ '#c6251b' as has_clock,
  day_board_svg('2026-04-13', '2026-04-14') = day_board_svg('2026-04-13', '2026-04-15') as is_same;
select day_board_svg('2026-04-14', '2026-04-13') ~ 'Nobody is open' as is_empty;
rollback;

-- The next place of this client, who has every second provider to itself: so nobody ever asks for a taken place. Each
-- run has 30 dates of its own. With :same_day 0 two clients meet on a date once in 30 bookings, as bookings for the
-- coming month do; with 1 they are always on the same date.
\set i :i + 1
\if :same_day
  \set nth_provider :i % 100
  \set nth_day (:i / 100) % 30
\else
  \set nth_provider (:i / 30) % 100
  \set nth_day (:i * (1 + 6 * :client_id)) % 30
\endif
\set provider :first_provider + 2 * :nth_provider + :client_id
\set room :first_room + 2 * :nth_provider + :client_id
\set day :first_day + 30 * :dates + :nth_day
\set seat :i / 3000
\set patient (:run * 2 + :client_id) * 1000000 + :i

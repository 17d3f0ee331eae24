-- A clinic with a room for each of 200 providers, open all day, and a bare copy of the table of bookings: the same
-- columns, constraints and indexes, without the triggers. Whoever writes there must give the derived columns.

select init_clinic('busy', 'Europe/Berlin') as clinic \gset
update clinic.clinics set booking_horizon_days = 3660 where id = :clinic;
insert into clinic.providers (clinic_id, name, buffer_minutes)
select :clinic, 'Provider ' || p, 5 from generate_series(0, 199) as p;
insert into clinic.rooms (clinic_id, name, room_type)
select :clinic, 'Room ' || r, 'exam' from generate_series(0, 199) as r;
insert into clinic.appointment_types (clinic_id, name, duration_minutes) values (:clinic, 'Follow-up', 15);
insert into clinic.provider_availability (clinic_id, provider_id, day_of_week, start_time, end_time)
select :clinic, p.id, weekday, '06:00', '22:00'
from clinic.providers as p cross join generate_series(1, 7) as weekday where p.clinic_id = :clinic;

create table bench.bare_bookings (like clinic.bookings including all);
do $$
declare
  definition text;
begin
  for definition in
    select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'clinic.bookings'::regclass and contype = 'f'
  loop
    execute 'alter table bench.bare_bookings add ' || definition;
  end loop;
  -- Its client doesn't know the id of a booking that it makes.
  alter table bench.bare_bookings drop constraint bookings_session;
end $$;

create table bench.run (
  run       integer primary key,
  round     integer not null,
  contender text not null,
  clients   integer not null,
  commits   text not null,
  days      text not null,
  tps       double precision not null
);

-- Fails unless the triggers derived what the client of the bare table computed itself.
create procedure bench.check_derived() language plpgsql as $$
declare
  compared bigint;
  differing bigint;
begin
  select count(*), count(*) filter (where
      (b.provider_busy, b.room_busy, b.local_date, b.day_seat, b.day_capacity, b.status)
      is distinct from (c.provider_busy, c.room_busy, c.local_date, c.day_seat, c.day_capacity, c.status))
  into compared, differing
  from bench.bare_bookings as b join clinic.bookings as c using (clinic_id, provider_id, room_id, during);
  if differing > 0 or compared = 0 then
    raise 'of % bookings written both ways, % differ', compared, differing;
  end if;
end $$;

-- Where pgbench finds them.
select :clinic as clinic, min(p.id) as provider,
  (select min(r.id) from clinic.rooms as r where r.clinic_id = :clinic) as room,
  (select t.id from clinic.appointment_types as t where t.clinic_id = :clinic) as type
from clinic.providers as p where p.clinic_id = :clinic \g (format=unaligned tuples_only=on fieldsep=' ')
analyze;

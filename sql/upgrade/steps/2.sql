-- 0.2.0: one person may be several providers.
alter table clinic.providers add column person_id text;
comment on column clinic.providers.person_id is
  'The app''s own key of the person, where one is several providers, in one clinic or in several: they can''t be booked twice at one time.';
alter table clinic.bookings add column person_id text;
comment on column clinic.bookings.person_id is 'Derived: the provider''s person, who can''t be booked as another provider at that time, in any clinic.';

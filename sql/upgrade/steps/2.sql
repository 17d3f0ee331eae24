-- 0.2.0.

-- generated: by make accept-shipped. What is missing then upgrade_clinic() makes.
alter table clinic.holidays drop constraint holidays_date_key;
alter table clinic.providers add column person_id text;
alter table clinic.resources add column site_id bigint;
alter table clinic.holidays add column site_id bigint;
alter table clinic.bookings add column person_id text;
comment on column clinic.providers.person_id is 'The app''s own key of the person, where one is several providers, in one clinic or in several: they can''t be booked twice at one time.';
comment on column clinic.resources.site_id is 'The site that it stays at: it is had in the rooms there only; null = it goes anywhere.';
comment on table clinic.holidays is 'Public holidays: no window of a provider starts on one, anywhere or at a site, but those with open_on_holidays and the overrides of that date.';
comment on column clinic.holidays.site_id is 'The site; null = all of the clinic.';
comment on column clinic.bookings.person_id is 'Derived: the provider''s person, who can''t be booked as another provider at that time, in any clinic.';

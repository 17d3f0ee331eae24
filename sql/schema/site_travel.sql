create table clinic.site_travel (
  clinic_id    bigint      not null,
  from_site_id bigint      not null,
  to_site_id   bigint      not null,
  minutes      integer     not null,
  created_at   timestamptz not null default now(),
  constraint site_travel_pkey primary key (clinic_id, from_site_id, to_site_id),
  constraint site_travel_from_fkey foreign key (from_site_id, clinic_id) references clinic.sites (id, clinic_id) on delete cascade,
  constraint site_travel_to_fkey foreign key (to_site_id, clinic_id) references clinic.sites (id, clinic_id) on delete cascade,
  constraint site_travel_sites check (from_site_id <> to_site_id),
  constraint site_travel_minutes check (minutes between 0 and 1440)
);
comment on table clinic.site_travel is
  'How long the way from one site to another takes: so much time is left between a provider''s bookings there, one after the other. Where only the way back is said, it takes as long; where neither is, no time.';
comment on column clinic.site_travel.clinic_id is 'The clinic.';
comment on column clinic.site_travel.from_site_id is 'Whence.';
comment on column clinic.site_travel.to_site_id is 'Whither.';
comment on column clinic.site_travel.minutes is 'Minutes that it takes, from the end of one booking to the start of the other.';
comment on column clinic.site_travel.created_at is 'When the row was written.';

-- links: what ties the table to the extension.

alter table clinic.site_travel alter column clinic_id set default @extschema@.current_clinic();

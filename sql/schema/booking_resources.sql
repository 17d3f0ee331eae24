create table clinic.booking_resources (
  clinic_id   bigint    not null,
  booking_id  bigint    not null,
  resource_id bigint    not null,
  busy        tstzrange not null,
  constraint booking_resources_pkey primary key (clinic_id, booking_id, resource_id),
  constraint booking_resources_booking_fkey foreign key (booking_id, clinic_id)
    references clinic.bookings (id, clinic_id) on delete cascade,
  -- Not on delete cascade: a unit that bookings hold stays until they are moved. Disabled, no other booking gets it.
  constraint booking_resources_resource_fkey foreign key (resource_id, clinic_id)
    references clinic.resources (id, clinic_id),
  constraint booking_resources_busy check (not isempty(busy)),
  -- A unit is held by one booking at a time (23P01).
  constraint booking_resources_unit exclude using gist (clinic_id with =, resource_id with =, busy with &&)
);
comment on table clinic.booking_resources is
  'Derived: the units that bookings hold. Written by triggers of clinic.bookings; a booking that takes no time holds none.';
comment on column clinic.booking_resources.clinic_id is 'The clinic.';
comment on column clinic.booking_resources.booking_id is 'The booking that holds the unit.';
comment on column clinic.booking_resources.resource_id is 'The unit.';
comment on column clinic.booking_resources.busy is 'When: the appointment, without buffers.';

-- links: what ties the table to the extension.

alter table clinic.booking_resources alter column clinic_id set default @extschema@.current_clinic();

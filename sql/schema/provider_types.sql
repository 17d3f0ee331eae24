create table clinic.provider_types (
  clinic_id           bigint      not null,
  appointment_type_id bigint      not null,
  provider_id         bigint      not null,
  enabled             boolean     not null default true,
  duration_minutes    integer,
  slot_step_minutes   integer,
  minimum_notice_minutes integer,
  booking_horizon_days integer,
  before_minutes integer,
  after_minutes integer,
  room_before_minutes integer,
  room_after_minutes integer,
  created_at          timestamptz not null default now(),
  constraint provider_types_pkey primary key (clinic_id, appointment_type_id, provider_id),
  constraint provider_types_type_fkey foreign key (appointment_type_id, clinic_id)
    references clinic.appointment_types (id, clinic_id) on delete cascade,
  -- Not on delete cascade: a type that so lost its last provider would be done by everybody.
  constraint provider_types_provider_fkey foreign key (provider_id, clinic_id)
    references clinic.providers (id, clinic_id),
  constraint provider_types_duration check (duration_minutes between 1 and 1440),
  constraint provider_types_slot_step check (slot_step_minutes between 1 and 1440),
  constraint provider_types_minimum_notice check (minimum_notice_minutes between 0 and 525600),
  constraint provider_types_booking_horizon check (booking_horizon_days between 0 and 3660),
  constraint provider_types_before check (before_minutes between 0 and 1440),
  constraint provider_types_after check (after_minutes between 0 and 1440),
  constraint provider_types_room_before check (room_before_minutes between 0 and 1440),
  constraint provider_types_room_after check (room_after_minutes between 0 and 1440)
);
create index provider_types_provider_idx on clinic.provider_types (clinic_id, provider_id);
comment on table clinic.provider_types is
  'Which provider does what. A type without a row is done by every provider; once it has one, only by those with an enabled row.';
comment on column clinic.provider_types.clinic_id is 'The clinic.';
comment on column clinic.provider_types.appointment_type_id is 'The appointment type.';
comment on column clinic.provider_types.provider_id is 'The provider.';
comment on column clinic.provider_types.enabled is
  'False: this provider doesn''t do it. A type all of whose rows are disabled is done by nobody.';
comment on column clinic.provider_types.duration_minutes is
  'Length of an appointment with this provider in minutes, at most a day; null = the type''s.';
comment on column clinic.provider_types.slot_step_minutes is
  'Minutes between slot starts of the type with this provider; null = the type''s.';
comment on column clinic.provider_types.minimum_notice_minutes is
  'A slot of the type with this provider starts at least this many minutes after now; null = as the type says.';
comment on column clinic.provider_types.booking_horizon_days is
  'The date of a slot of the type with this provider is at most this many days after today; null = as the type says.';
comment on column clinic.provider_types.before_minutes is
  'Minutes of this provider before an appointment of the type; null = as the type says.';
comment on column clinic.provider_types.after_minutes is
  'Minutes of this provider after one, unless the buffer is longer; null = as the type says.';
comment on column clinic.provider_types.room_before_minutes is
  'Minutes of the room before one with this provider; null = as the type says.';
comment on column clinic.provider_types.room_after_minutes is
  'Minutes of the room after one with this provider, unless its turnover is longer; null = as the type says.';
comment on column clinic.provider_types.created_at is 'When the row was written.';

-- links: what ties the table to the extension.

alter table clinic.provider_types alter column clinic_id set default @extschema@.current_clinic();

create table clinic.reserved_window_types (
  clinic_id           bigint      not null,
  reserved_window_id  bigint      not null,
  appointment_type_id bigint      not null,
  created_at          timestamptz not null default now(),
  constraint reserved_window_types_pkey primary key (clinic_id, reserved_window_id, appointment_type_id),
  constraint reserved_window_types_window_fkey foreign key (reserved_window_id, clinic_id)
    references clinic.reserved_windows (id, clinic_id) on delete cascade,
  constraint reserved_window_types_type_fkey foreign key (appointment_type_id, clinic_id)
    references clinic.appointment_types (id, clinic_id) on delete cascade
);
comment on table clinic.reserved_window_types is 'The appointment types that a reserved window is kept for.';
comment on column clinic.reserved_window_types.clinic_id is 'The clinic.';
comment on column clinic.reserved_window_types.reserved_window_id is 'The reserved window.';
comment on column clinic.reserved_window_types.appointment_type_id is 'The appointment type.';
comment on column clinic.reserved_window_types.created_at is 'When the row was written.';

-- links: what ties the table to the extension.

alter table clinic.reserved_window_types alter column clinic_id set default @extschema@.current_clinic();

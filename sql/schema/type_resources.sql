create table clinic.type_resources (
  clinic_id           bigint      not null,
  appointment_type_id bigint      not null,
  kind                text        not null,
  quantity            integer     not null default 1,
  created_at          timestamptz not null default now(),
  constraint type_resources_pkey primary key (clinic_id, appointment_type_id, kind),
  constraint type_resources_type_fkey foreign key (appointment_type_id, clinic_id)
    references clinic.appointment_types (id, clinic_id) on delete cascade,
  constraint type_resources_kind check (btrim(kind) <> ''),
  constraint type_resources_quantity check (quantity between 1 and 1000)
);
comment on table clinic.type_resources is
  'What appointments of a type hold while they last: so many units of a kind. A kind without units can''t be had.';
comment on column clinic.type_resources.clinic_id is 'The clinic.';
comment on column clinic.type_resources.appointment_type_id is 'The appointment type.';
comment on column clinic.type_resources.kind is 'The kind of units, as in resources.kind.';
comment on column clinic.type_resources.quantity is 'How many units at once.';
comment on column clinic.type_resources.created_at is 'When the row was written.';

-- links: what ties the table to the extension.

alter table clinic.type_resources alter column clinic_id set default @extschema@.current_clinic();

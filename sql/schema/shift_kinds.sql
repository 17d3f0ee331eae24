create table clinic.shift_kinds (
  clinic_id  bigint      not null,
  name       text        not null,
  created_at timestamptz not null default now(),
  constraint shift_kinds_pkey primary key (clinic_id, name),
  -- init_clinic() writes the first one: it mustn't keep an empty clinic from being deleted.
  constraint shift_kinds_clinic_fkey foreign key (clinic_id) references clinic.clinics (id) on delete cascade,
  constraint shift_kinds_name check (btrim(name) <> '')
);
comment on table clinic.shift_kinds is 'Kinds of shifts (session, day, night, call …) that rules can be set for.';
comment on column clinic.shift_kinds.clinic_id is 'The clinic.';
comment on column clinic.shift_kinds.name is 'The kind. A new clinic has one: session.';
comment on column clinic.shift_kinds.created_at is 'When the row was written.';

-- links: what ties the table to the extension.

alter table clinic.shift_kinds alter column clinic_id set default @extschema@.current_clinic();

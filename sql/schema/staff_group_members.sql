create table clinic.staff_group_members (
  clinic_id  bigint      not null,
  group_id   bigint      not null,
  staff_id   bigint      not null,
  created_at timestamptz not null default now(),
  constraint staff_group_members_pkey primary key (clinic_id, group_id, staff_id),
  constraint staff_group_members_group_fkey foreign key (group_id, clinic_id)
    references clinic.staff_groups (id, clinic_id) on delete cascade,
  constraint staff_group_members_staff_fkey foreign key (staff_id, clinic_id)
    references clinic.staff (id, clinic_id) on delete cascade
);
create index staff_group_members_staff_idx on clinic.staff_group_members (clinic_id, staff_id);
comment on table clinic.staff_group_members is 'Members of groups.';
comment on column clinic.staff_group_members.clinic_id is 'The clinic.';
comment on column clinic.staff_group_members.group_id is 'The group.';
comment on column clinic.staff_group_members.staff_id is 'Its member.';
comment on column clinic.staff_group_members.created_at is 'When the row was written.';

-- links: what ties the table to the extension.

alter table clinic.staff_group_members alter column clinic_id set default @extschema@.current_clinic();

create table clinic.access_levels (
  role          text        not null,
  level         text        not null,
  granted_by    text        not null,
  granted_login text        not null,
  granted_at    timestamptz not null default now(),
  constraint access_levels_pkey primary key (role),
  constraint access_levels_level check (level in (@access_levels@))
);
comment on table clinic.access_levels is
  'Which level of access each role was granted. Written by grant_clinic_access() and revoke_clinic_access(); PostgreSQL''s own privileges decide. Whoever may read it may find slots. A role that was renamed or dropped is still listed by its former name: delete such a row.';
comment on column clinic.access_levels.role is 'The role''s name when it was granted. By name, so that a dump can be restored where the role isn''t there yet.';
comment on column clinic.access_levels.level is 'finder, reader, scheduler or admin.';
comment on column clinic.access_levels.granted_by is 'Derived: the actor who granted it.';
comment on column clinic.access_levels.granted_login is 'Derived: the session user who granted it.';
comment on column clinic.access_levels.granted_at is 'When.';

-- links: what ties the table to the extension.

create or replace trigger note_author before insert or update on clinic.access_levels
  for each row execute function @extschema@.clinic_note_author();
comment on trigger note_author on clinic.access_levels is 'Fills in who granted it: the actor, and the session user.';

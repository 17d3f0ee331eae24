create table clinic.schema_version (
  version      integer     not null,
  installed_at timestamptz not null default now(),
  installed_by text        not null default session_user,
  constraint schema_version_pkey primary key (version),
  constraint schema_version_positive check (version > 0)
);
comment on table clinic.schema_version is
  'Which versions of the tables were installed here; the highest is in force. Written by init_clinic() and upgrade_clinic().';
comment on column clinic.schema_version.version is 'Version of the tables.';
comment on column clinic.schema_version.installed_at is 'When it was installed.';
comment on column clinic.schema_version.installed_by is 'The session user who installed it.';
insert into clinic.schema_version (version) values (@schema_version@);

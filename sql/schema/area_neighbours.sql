create table clinic.area_neighbours (
  clinic_id      bigint      not null,
  area_id        bigint      not null,
  neighbour_id   bigint      not null,
  travel_minutes integer     not null default 20,
  created_at     timestamptz not null default now(),
  constraint area_neighbours_pkey primary key (clinic_id, area_id, neighbour_id),
  constraint area_neighbours_area_fkey foreign key (clinic_id, area_id)
    references clinic.areas (clinic_id, id) on delete cascade,
  constraint area_neighbours_neighbour_fkey foreign key (clinic_id, neighbour_id)
    references clinic.areas (clinic_id, id) on delete cascade,
  constraint area_neighbours_another check (area_id <> neighbour_id),
  constraint area_neighbours_travel_minutes check (travel_minutes between 0 and 1440)
);
create index area_neighbours_neighbour_idx on clinic.area_neighbours (clinic_id, neighbour_id);
comment on table clinic.area_neighbours is
  'Which areas lie beside each other. One row for two areas is enough; a second one tells another way back.';
comment on column clinic.area_neighbours.clinic_id is 'The clinic.';
comment on column clinic.area_neighbours.area_id is 'An area.';
comment on column clinic.area_neighbours.neighbour_id is 'The one beside it.';
comment on column clinic.area_neighbours.travel_minutes is 'Minutes from one to the other.';
comment on column clinic.area_neighbours.created_at is 'When the row was written.';

-- ties: upgrade_clinic() runs the rest again, so it must be fit to run twice.

alter table clinic.area_neighbours alter column clinic_id set default @extschema@.current_clinic();

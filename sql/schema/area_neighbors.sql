create table clinic.area_neighbors (
  clinic_id      bigint      not null,
  area_id        bigint      not null,
  neighbor_id   bigint      not null,
  travel_minutes integer     not null default 20,
  created_at     timestamptz not null default now(),
  constraint area_neighbors_pkey primary key (clinic_id, area_id, neighbor_id),
  constraint area_neighbors_area_fkey foreign key (area_id, clinic_id)
    references clinic.areas (id, clinic_id) on delete cascade,
  constraint area_neighbors_neighbor_fkey foreign key (neighbor_id, clinic_id)
    references clinic.areas (id, clinic_id) on delete cascade,
  constraint area_neighbors_another check (area_id <> neighbor_id),
  constraint area_neighbors_travel_minutes check (travel_minutes between 0 and 1440)
);
create index area_neighbors_neighbor_idx on clinic.area_neighbors (clinic_id, neighbor_id);
comment on table clinic.area_neighbors is
  'Areas beside each other. One row for two areas is enough; a second one has the travel back.';
comment on column clinic.area_neighbors.clinic_id is 'The clinic.';
comment on column clinic.area_neighbors.area_id is 'An area.';
comment on column clinic.area_neighbors.neighbor_id is 'The one beside it.';
comment on column clinic.area_neighbors.travel_minutes is 'Minutes from one to the other.';
comment on column clinic.area_neighbors.created_at is 'When the row was written.';

-- links: what ties the table to the extension.

alter table clinic.area_neighbors alter column clinic_id set default @extschema@.current_clinic();

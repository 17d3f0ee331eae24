create schema clinic;
comment on schema clinic is
  'pg_clinic: tables of the clinics scheduled in this database. Yours to extend with columns and foreign keys.';

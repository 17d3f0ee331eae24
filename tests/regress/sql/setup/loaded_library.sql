-- The library that is loaded says its name and its version, which support compares with the extension's.
-- requires: PostgreSQL 18
load 'pg_clinic';
select module_name, version = (select extversion from pg_extension where extname = 'pg_clinic') as of_the_extension
from pg_get_loaded_modules() where file_name like 'pg_clinic%';

-- reader: reads everything (an analyst).
grant select on all tables in schema clinic to @role@;

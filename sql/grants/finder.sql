-- finder: finds slots and opening times (a patient portal). No booking, no staff, no time off: the functions that find read
-- those as the tables' owner, for whoever may read clinic.access_levels.
grant usage on schema clinic to @role@;
grant select on clinic.access_levels, clinic.clinics, clinic.providers, clinic.sites, clinic.rooms, clinic.appointment_types,
  clinic.provider_types to @role@;

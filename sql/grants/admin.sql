-- admin: changes the set-up of clinics, prunes events, and subscribes their consumers: who may delete events may do that.
grant insert, update on clinic.clinics to @role@;
grant insert, update, delete on clinic.providers, clinic.sites, clinic.site_travel, clinic.rooms, clinic.appointment_types, clinic.provider_types, clinic.provider_availability,
  clinic.appointment_type_hours, clinic.room_availability, clinic.holidays, clinic.reserved_windows, clinic.reserved_window_types, clinic.resources, clinic.type_resources,
  clinic.availability_overrides, clinic.time_off, clinic.overbooking_rules, clinic.booking_limits, clinic.scoring_profiles,
  clinic.staff, clinic.staff_groups, clinic.staff_group_members, clinic.staff_availability, clinic.shift_kinds,
  clinic.shift_templates, clinic.rules, clinic.rule_overrides, clinic.areas, clinic.area_neighbors to @role@;
grant delete on clinic.events, clinic.unmet_demand to @role@;
grant update, delete on clinic.client_events to @role@;

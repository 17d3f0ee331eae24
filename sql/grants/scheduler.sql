-- scheduler: books, moves and cancels, plans and keeps the record, and consumes events (the clinic's app). Deletes no
-- booking, and writes no history and no event itself. Nor what of a plan only functions write (triggers keep_…): they run
-- with the rights of who calls them.
grant insert, update on clinic.bookings to @role@;
-- A group visit moves with its bookings: reschedule_session().
grant update (provider_id, room_id, during, capacity) on clinic.sessions to @role@;
grant insert on clinic.series to @role@;
grant insert, update on clinic.waitlist, clinic.offers to @role@;
-- A place that nobody gave up can be offered, too.
grant insert on clinic.freed_places to @role@;
grant update (claimed_by, claimed_until, deliveries, acked_at) on clinic.events to @role@;
grant update (claimed_until, deliveries) on clinic.event_deliveries to @role@;
grant delete on clinic.event_deliveries to @role@;
grant insert, update, delete on clinic.shifts, clinic.preferences, clinic.shift_requests, clinic.plans, clinic.plan_assignments,
  clinic.plan_scores, clinic.locks, clinic.assignments, clinic.clients, clinic.client_access_windows, clinic.visits to @role@;
-- What was asked for, and why a plan is as it is, is added to and not changed.
grant insert on clinic.client_events, clinic.visit_trace, clinic.smoothing_moves, clinic.exceptions to @role@;
grant update (resolution, resolved_by, resolved_at, reason, assignment_id) on clinic.exceptions to @role@;

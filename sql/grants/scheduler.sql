-- scheduler: books, moves and cancels, and consumes events (the clinic's app). Deletes nothing, and writes no history and
-- no event by hand.
grant insert, update on clinic.bookings to @role@;
grant insert, update on clinic.waitlist, clinic.offers to @role@;
grant update (claimed_by, claimed_until, deliveries, acked_at) on clinic.events to @role@;

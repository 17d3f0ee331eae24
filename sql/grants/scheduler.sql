-- scheduler: books, moves and cancels (the clinic's app). Deletes nothing, and writes no history by hand.
grant insert, update on clinic.bookings to @role@;

//! What the tables promise, whoever has written what: each promise as SQL that shares nothing with our code. Of a clinic like
//! [`CROWDED`].

use postgres::Client;

use super::{Fixture, Result};

/// A small clinic that a crowd writes to.
pub const CROWDED: Fixture = Fixture {
    providers: 3,
    buffer_minutes: 10,
    daily_cap: 8,
    rooms: 4,
    turnover_minutes: 5,
    max_overbook: 2,
    time_zone: "Europe/Berlin",
};

/// The promises that are broken, with how often and the query that finds it.
///
/// # Errors
/// When a query fails.
pub fn broken_promises(client: &mut Client) -> Result<Vec<String>> {
    client.batch_execute(
        "set timezone = 'UTC';
         create temp view occupying as select * from clinic.bookings
           where status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')",
    )?;
    let mut broken = Vec::new();
    for (promise, offenders) in PROMISES {
        let count: i64 = client.query_one(&format!("select count(*) from ({offenders}) o (a)"), &[])?.get(0);
        if count > 0 {
            broken.push(format!("broken {count} times: {promise}\n{offenders}"));
        }
    }
    Ok(broken)
}

/// Each promise as a query for rows that break it.
pub const PROMISES: [(&str, &str); 15] = [
    (
        "a provider has one normal and one overbooked booking at a time",
        "select a.id, b.id from occupying a join occupying b on a.id < b.id and a.provider_id = b.provider_id
           and a.is_overbooked = b.is_overbooked and a.provider_busy && b.provider_busy",
    ),
    (
        "a room has one booking at a time",
        "select a.id, b.id from occupying a join occupying b on a.id < b.id and a.room_id = b.room_id
           and a.room_busy && b.room_busy",
    ),
    (
        "a patient is in one place at a time",
        "select a.id, b.id from occupying a join occupying b on a.id < b.id and a.patient_id = b.patient_id
           and a.during && b.during",
    ),
    (
        "normal bookings of a day keep the cap, unless overridden",
        "select provider_id, local_date from occupying where not is_overbooked and override_reason is null
         group by 1, 2 having count(*) > 8",
    ),
    (
        "overbooked bookings of a day keep the limit, unless overridden",
        "select provider_id, local_date from occupying where is_overbooked and override_reason is null
         group by 1, 2 having count(*) > 2",
    ),
    (
        "seats differ",
        "select provider_id, local_date from occupying group by 1, 2, is_overbooked, coalesce(day_seat, overbook_seat)
         having count(*) > 1",
    ),
    (
        "seats are within the capacity noted",
        "select id from occupying where is_overbooked and overbook_seat between 1 and overbook_limit is not true
           or not is_overbooked and day_seat between 1 and day_capacity is not true",
    ),
    (
        "who takes no time takes no seat",
        "select id from clinic.bookings where id not in (select id from occupying)
           and num_nonnulls(day_seat, day_capacity, overbook_seat, overbook_limit) > 0",
    ),
    (
        "busy times are the appointment and the pause",
        "select id from clinic.bookings
         where provider_busy <> tstzrange(lower(during), upper(during) + interval '10 minutes')
           or room_busy <> tstzrange(lower(during), upper(during) + interval '5 minutes')",
    ),
    (
        "the local date is the clinic's",
        "select id from clinic.bookings where local_date <> (lower(during) at time zone 'Europe/Berlin')::date",
    ),
    (
        "versions count from 1, and each begins where the one before ended",
        "select booking_id, version from (
           select booking_id, version, before, row_number() over versions as number, lag(after) over versions as was,
             changed_at, lag(changed_at) over versions as changed_before
           from clinic.booking_history window versions as (partition by booking_id order by version)) h
         where version <> number or before is distinct from was or changed_at < changed_before",
    ),
    (
        "history ends with the row as it is",
        "select b.id from clinic.bookings b left join lateral (
           select after from clinic.booking_history h where h.booking_id = b.id order by version desc limit 1) h on true
         where after is distinct from to_jsonb(b)",
    ),
    (
        "a deleted booking's history says so",
        "select booking_id from clinic.booking_history h where booking_id not in (select id from clinic.bookings)
         group by 1 having (array_agg(operation order by version desc))[1] <> 'delete'",
    ),
    (
        "each event of a booking begins where the one before ended",
        "select booking_id from (
           select booking_id, coalesce(payload ->> 'old_status', payload ->> 'status') as old_status,
             lag(payload ->> 'status') over (partition by booking_id order by id) as was
           from clinic.events where kind not in ('freed', 'offered', 'accepted', 'declined', 'expired', 'withdrawn')) e
         where was <> old_status",
    ),
    (
        "the last event tells how the booking is, or that it is gone",
        "select booking_id from (
           select distinct on (booking_id) booking_id, kind, payload ->> 'status' as status
           from clinic.events where kind not in ('freed', 'offered', 'accepted', 'declined', 'expired', 'withdrawn')
           order by booking_id, id desc) e
         full join clinic.bookings b on b.id = booking_id
         where case when b.id is null then kind <> 'deleted' else e.status is distinct from b.status end",
    ),
];

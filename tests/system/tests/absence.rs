//! A doctor is away, and fifty sessions book the places where her patients are to go: all of them move, or none; nobody is
//! lost, nobody is at two places, and nothing deadlocks.

use std::collections::BTreeMap;

use pg_clinic_system_tests::{Crowd, Fixture, Result, Server, ensure, fail};
use postgres::Client;

const SESSIONS: usize = 50;
const ROUNDS: usize = 12;
/// Patients of the doctor on a day.
const PATIENTS: usize = 17;

/// A plan: the arguments of apply_absence(), and each place by provider, room and start.
struct Planned {
    arguments: String,
    places: Vec<(i64, i64, String)>,
}

/// What is planned for the day of a round.
fn planned(client: &mut Client, round: usize) -> Result<Planned> {
    let rows = client.query(
        &format!(
            "select booking_id, slot_start::text, provider_id, room_id, code from
             plan_absence(provider_id => 1, during => tstzrange(test.at({round}, '00:00'), test.at({round}, '23:59')), flexible_days => 2)"
        ),
        &[],
    )?;
    ensure!(rows.len() == PATIENTS, "{} patients are touched", rows.len());
    let mut places = Vec::new();
    let mut lists: [Vec<String>; 4] = Default::default();
    for row in &rows {
        let (booking, start, provider, room): (i64, Option<String>, Option<i64>, Option<i64>) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        match (start, provider, room) {
            (Some(start), Some(provider), Some(room)) => {
                lists[0].push(booking.to_string());
                lists[1].push(format!("'{start}'::timestamptz"));
                lists[2].push(provider.to_string());
                lists[3].push(room.to_string());
                places.push((provider, room, start));
            }
            _ => ensure!(
                row.get::<_, Option<String>>(4).is_some(),
                "booking {booking} has neither place nor reason"
            ),
        }
    }
    let different: std::collections::BTreeSet<_> = places.iter().collect();
    ensure!(different.len() == places.len(), "two bookings are to have one place: {places:?}");
    let [bookings, starts, providers, rooms] = lists.map(|list| format!("array[{}]", list.join(", ")));
    Ok(Planned { arguments: format!("{bookings}, {starts}, {providers}, {rooms}"), places })
}

/// Where the patients of a round are: how many at their old place, and how many elsewhere.
fn whereabouts(client: &mut Client, round: usize) -> Result<(i64, i64)> {
    let row = client.query_one(
        &format!(
            "select count(*) filter (where provider_id = 1), count(*) filter (where provider_id <> 1) from clinic.bookings
             where patient_name = 'round {round}' and status = 'booked'"
        ),
        &[],
    )?;
    Ok((row.get(0), row.get(1)))
}

#[test]
fn all_move_or_none_while_others_book_the_same_places() -> Result {
    let database = Server::from_env()?.database("absence")?;
    let mut client = database.with_extension()?;
    Fixture { providers: 4, rooms: 4, ..Fixture::default() }.make(&mut client)?;
    client.batch_execute(&format!(
        "update clinic.providers set buffer_minutes = 0, max_daily_appointments = 100;
         insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
         select 1, 1, 1, 'p' || i, 'round ' || round, tstzrange(test.at(round, '08:00') + i * interval '30 minutes', null)
         from generate_series(1, {ROUNDS}) round, generate_series(1, {PATIENTS}) i"
    ))?;
    let mut crowd = Crowd::new(&database, SESSIONS)?;
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for round in 1..=ROUNDS {
        let Planned { arguments, places } = planned(&mut client, round)?;
        ensure!(places.len() == PATIENTS, "{} of {PATIENTS} have a place", places.len());
        // Every third round nobody else books, so that some plans come true.
        let is_quiet = round % 3 == 0;
        let outcomes = crowd.run(|session| match session {
            0 => format!("select apply_absence({arguments})"),
            _ if is_quiet => "select 1".to_owned(),
            _ => {
                let (provider, room, start) = &places[session % places.len()];
                match session % 3 {
                    0 => format!("select book_slot('Visit', {provider}, {room}, '{start}', 'Quick')"),
                    1 => format!(
                        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
                         values ({provider}, {room}, 1, 'Quick', tstzrange('{start}', null))"
                    ),
                    _ => format!("select hold_slot('Visit', {provider}, {room}, '{start}', 'Quick')"),
                }
            }
        })?;
        for refusal in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            ensure!(refusal.sqlstate == "23P01", "round {round}: {refusal:?}");
        }
        let has_applied = outcomes[0].is_ok();
        let end = match (has_applied, whereabouts(&mut client, round)?) {
            (true, (0, elsewhere)) if elsewhere == PATIENTS as i64 => "all moved",
            (false, (there, 0)) if there == PATIENTS as i64 => "none moved",
            (_, at) => fail!("round {round}: applied {has_applied}, they are {at:?}"),
        };
        ensure!(!is_quiet || has_applied, "round {round}: nobody was in the way");
        *ends.entry(end).or_default() += 1;
    }
    // One version of its history and one event for each that moved, and none for the others.
    let moved = ends.get("all moved").copied().unwrap_or_default() * PATIENTS;
    let told: i64 = client
        .query_one("select count(*) from clinic.booking_history where operation = 'update'", &[])?
        .get(0);
    let events: i64 =
        client.query_one("select count(*) from clinic.events where kind = 'rescheduled'", &[])?.get(0);
    ensure!(told == moved as i64 && events == moved as i64, "{moved} moved, told {told}, events {events}");
    ensure!(ends.len() <= 2 && moved >= ROUNDS / 3 * PATIENTS, "{ends:?}");
    Ok(())
}

/// Sessions that swap, shift, cancel and book the same bookings: whatever comes out, every patient is where one booking says.
#[test]
fn nobody_is_lost_among_movers() -> Result {
    let database = Server::from_env()?.database("movers")?;
    let mut client = database.with_extension()?;
    Fixture { providers: 4, rooms: 4, ..Fixture::default() }.make(&mut client)?;
    client.batch_execute(
        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
         select p, p, 1, 'p' || p || i, 'Pat', tstzrange(test.at(3, '08:00') + i * interval '1 hour', null)
         from generate_series(1, 4) p, generate_series(1, 8) i",
    )?;
    let mut crowd = Crowd::new(&database, SESSIONS)?;
    for round in 0..ROUNDS {
        let outcomes = crowd.run(|session| {
            let one = (session * 7 + round) % 32 + 1;
            let other = (session * 11 + round * 3) % 32 + 1;
            let provider = session % 4 + 1;
            match session % 6 {
                0 | 1 => format!("select swap_bookings({one}, {other})"),
                2 => {
                    let minutes = [20, -20, 1440, -1440][round % 4];
                    format!("select shift_bookings({provider}, test.at(2, '00:00'), test.at(5, '00:00'), '{minutes} minutes')")
                }
                3 => format!(
                    "select reassign_bookings({provider}, {}, tstzrange(test.at(3, '08:00'), test.at(3, '12:00')))",
                    provider % 4 + 1
                ),
                4 => format!("select reschedule_booking({one}, test.at(3, '1{}:00'))", session % 8),
                _ => format!("update clinic.bookings set status = case status when 'booked' then 'arrived' else 'booked' end where id = {one}"),
            }
        })?;
        for refusal in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            let is_expected =
                ["23P01", "23514", "22023", "55000", "40001"].contains(&refusal.sqlstate.as_str());
            ensure!(is_expected, "round {round}: {refusal:?}");
        }
        let (bookings, patients): (i64, i64) = {
            let row = client.query_one(
                "select count(*), count(distinct patient_id) from clinic.bookings where status in ('booked', 'arrived')",
                &[],
            )?;
            (row.get(0), row.get(1))
        };
        ensure!(
            bookings == 32 && patients == 32,
            "round {round}: {bookings} bookings of {patients} patients"
        );
    }
    // Histories are unbroken: each version begins where the one before ended.
    let broken: i64 = client
        .query_one(
            "select count(*) from clinic.booking_history h join clinic.booking_history n
               on n.booking_id = h.booking_id and n.version = h.version + 1
             where h.after is distinct from n.before",
            &[],
        )?
        .get(0);
    ensure!(broken == 0, "{broken} histories are broken");
    Ok(())
}

//! Many sessions want one place: one gets it, the others are reported why, promptly and never by a deadlock.

use std::collections::BTreeMap;

use pg_clinic_system_tests::{Crowd, Fixture, Refusal, Result, Server, ensure, fail};

const SESSIONS: usize = 50;
const ROUNDS: usize = 20;

/// What a race is about.
struct Race {
    name: &'static str,
    /// What session `0` to `49` of a round says.
    statement: fn(session: usize, round: usize) -> String,
    /// The constraint that the losers hear of.
    constraint: &'static str,
}

/// Runs it: in every round exactly one winner, and every loser 23P01 with the constraint's name.
fn run(race: &Race) -> Result {
    let database = Server::from_env()?.database(&format!("race_{}", race.name))?;
    let mut client = database.with_extension()?;
    Fixture { providers: 50, rooms: 50, ..Fixture::default() }.make(&mut client)?;
    let mut crowd = Crowd::new(&database, SESSIONS)?;
    for round in 1..=ROUNDS {
        let outcomes = crowd.run(|session| (race.statement)(session, round))?;
        check_round(race, &outcomes).map_err(|error| format!("round {round}: {error}"))?;
    }
    let bookings: i64 = client.query_one("select count(*) from clinic.bookings", &[])?.get(0);
    ensure!(bookings == ROUNDS as i64, "{bookings} bookings after {ROUNDS} rounds");
    Ok(())
}

fn check_round(race: &Race, outcomes: &[std::result::Result<(), Refusal>]) -> Result {
    let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    ensure!(winners == 1, "{winners} winners");
    for refusal in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        let is_told_why =
            refusal.sqlstate == "23P01" && refusal.constraint.as_deref() == Some(race.constraint);
        ensure!(is_told_why, "a loser was reported {refusal:?}");
    }
    Ok(())
}

/// A plain INSERT. `column` is the patient's.
fn insert(provider: usize, room: usize, patient: &str, round: usize) -> String {
    format!(
        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during)
         values ({provider}, {room}, 1, 'Pat', {patient}, tstzrange(test.at({round}, '10:00'), null))"
    )
}

fn book(provider: usize, room: usize, patient: &str, round: usize) -> String {
    format!(
        "select book_slot('Visit', {provider}, {room}, test.at({round}, '10:00'), 'Pat', patient_id => {patient})"
    )
}

#[test]
fn same_provider_by_insert() -> Result {
    run(&Race {
        name: "provider_insert",
        statement: |session, round| insert(1, session + 1, "null", round),
        constraint: "bookings_provider",
    })
}

#[test]
fn same_provider_by_book_slot() -> Result {
    run(&Race {
        name: "provider_book",
        statement: |session, round| book(1, session + 1, "null", round),
        constraint: "bookings_provider",
    })
}

#[test]
fn same_room_by_insert() -> Result {
    run(&Race {
        name: "room_insert",
        statement: |session, round| insert(session + 1, 1, "null", round),
        constraint: "bookings_room",
    })
}

#[test]
fn same_room_by_book_slot() -> Result {
    run(&Race {
        name: "room_book",
        statement: |session, round| book(session + 1, 1, "null", round),
        constraint: "bookings_room",
    })
}

#[test]
fn same_patient_by_insert() -> Result {
    run(&Race {
        name: "patient_insert",
        statement: |session, round| insert(session + 1, session + 1, "'p'", round),
        constraint: "bookings_patient",
    })
}

#[test]
fn same_patient_by_book_slot() -> Result {
    run(&Race {
        name: "patient_book",
        statement: |session, round| book(session + 1, session + 1, "'p'", round),
        constraint: "bookings_patient",
    })
}

/// Whoever says it how: functions, plain SQL, holds, moves of another booking.
#[test]
fn same_slot_by_anything() -> Result {
    let database = Server::from_env()?.database("race_anything")?;
    let mut client = database.with_extension()?;
    Fixture { providers: 50, rooms: 50, ..Fixture::default() }.make(&mut client)?;
    // One booking a session and round, elsewhere, to be moved.
    client.batch_execute(&format!(
        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
         select session + 1, session + 1, 1, 'Moved', tstzrange(test.at(100 + round, '10:00'), null)
         from generate_series(1, {ROUNDS}) round, generate_series(0, {SESSIONS} - 1) session order by round, session"
    ))?;
    let mut crowd = Crowd::new(&database, SESSIONS)?;
    for round in 1..=ROUNDS {
        let outcomes = crowd.run(|session| {
            let own = (round - 1) * SESSIONS + session + 1;
            match session % 5 {
                0 => insert(1, 1, "null", round),
                1 => book(1, 1, "null", round),
                2 => format!("select hold_slot('Visit', 1, 1, test.at({round}, '10:00'))"),
                3 => format!("select reschedule_booking({own}, test.at({round}, '10:00'), 1, 1)"),
                _ => format!(
                    "update clinic.bookings set provider_id = 1, room_id = 1, during = tstzrange(test.at({round}, '10:00'), null)
                     where id = {own}"
                ),
            }
        })?;
        let race = Race { name: "", statement: |_, _| String::new(), constraint: "bookings_provider" };
        check_round(&race, &outcomes).map_err(|error| format!("round {round}: {error}"))?;
    }
    Ok(())
}

/// One request, sent fifty times at once: one booking, and everybody gets it.
#[test]
fn same_request() -> Result {
    let database = Server::from_env()?.database("race_request")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    let mut crowd = Crowd::new(&database, SESSIONS)?;
    for round in 1..=5 {
        let ids = crowd.act(|_, session| {
            let statement = format!(
                "select booking_id from book_slot('Visit', 1, 1, test.at({round}, '10:00'), 'Pat', request_id => 'r{round}')"
            );
            Ok(session.query_one(&statement, &[])?.get::<_, i64>(0))
        })?;
        ensure!(ids.iter().all(|id| *id == ids[0]), "different bookings: {ids:?}");
    }
    Ok(())
}

/// More patients than seats, everywhere in one day: as many get one as the cap allows.
#[test]
fn seats_of_a_day() -> Result {
    let database = Server::from_env()?.database("race_seats")?;
    let mut client = database.with_extension()?;
    Fixture { rooms: 50, daily_cap: 7, max_overbook: 3, ..Fixture::default() }.make(&mut client)?;
    let mut crowd = Crowd::new(&database, SESSIONS)?;
    for round in 1..=5 {
        let outcomes = crowd.run(|session| {
            // Sessions 0 to 29 want normal places that don't overlap, the others overbooked ones.
            let (place, is_overbooked) = if session < 30 { (session, false) } else { (session - 30, true) };
            let (hour, minute) = (place * 45 / 60, place * 45 % 60);
            format!(
                "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
                 values (1, {session} + 1, 1, 'Pat', tstzrange(test.at({round}, '{hour}:{minute}'), null), {is_overbooked})"
            )
        })?;
        let mut refused = BTreeMap::new();
        for refusal in outcomes.into_iter().filter_map(std::result::Result::err) {
            *refused.entry((refusal.sqlstate, refusal.constraint.unwrap_or_default())).or_insert(0) += 1;
        }
        let cap = |name: &str| refused.get(&("23514".to_owned(), name.to_owned())).copied();
        if (cap("bookings_daily_cap"), cap("bookings_overbook_cap"), refused.len()) != (Some(23), Some(17), 2)
        {
            fail!("round {round}: refused were {refused:?}");
        }
    }
    Ok(())
}

/// Series that share some of their days and places, and single bookings among them: each is booked as a whole or not at
/// all, and nobody deadlocks.
#[test]
fn series_are_booked_whole() -> Result {
    const LENGTH: i64 = 4;
    const ROUNDS: usize = 6;
    let database = Server::from_env()?.database("race_series")?;
    let mut client = database.with_extension()?;
    Fixture { providers: 5, rooms: 5, ..Fixture::default() }.make(&mut client)?;
    let mut crowd = Crowd::new(&database, SESSIONS)?;
    for round in 1..=ROUNDS {
        let outcomes = crowd.run(|session| {
            let place = session % 5 + 1;
            let day = round * 10;
            if session % 7 == 0 {
                return insert(place, place, "null", day + session % 8);
            }
            // Some begin just before midnight and so touch the day after, on which others begin.
            let time = if session % 3 == 0 { "23:50" } else { "10:00" };
            let days = [session % 2, 2 + session % 2, 4 + session % 3, 7].map(|offset| day + offset);
            let starts = days.map(|day| format!("test.at({day}, '{time}')")).join(", ");
            format!(
                "select book_series('Visit', array_fill({place}::bigint, '{{4}}'), array_fill({place}::bigint, '{{4}}'),
                                    array[{starts}], 'Pat', request_id => 'r{round}-{session}')"
            )
        })?;
        let refusals = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
        for refusal in refusals {
            ensure!(refusal.sqlstate == "23P01", "round {round}: a loser was reported {refusal:?}");
        }
    }
    let lengths = client.query(
        "select count(*) from clinic.bookings where request_id is not null group by split_part(request_id, '/', 1)",
        &[],
    )?;
    ensure!(lengths.len() > ROUNDS, "only {} series", lengths.len());
    ensure!(lengths.iter().all(|row| row.get::<_, i64>(0) == LENGTH), "a series was booked in part");
    Ok(())
}

/// Two units, 30 sessions at once, each with a provider and a room of its own, by INSERT, by book_slot() and by moves: no time
/// has more than two of them, each holds one unit, and whoever loses hears of the constraint.
#[test]
fn units_of_a_resource() -> Result {
    const SESSIONS: usize = 30;
    let database = Server::from_env()?.database("race_resource")?;
    let mut client = database.with_extension()?;
    Fixture { providers: 50, rooms: 50, ..Fixture::default() }.make(&mut client)?;
    client.batch_execute(
        "insert into clinic.resources (name, kind) values ('A', 'cart'), ('B', 'cart');
         insert into clinic.type_resources (appointment_type_id, kind) values (1, 'cart')",
    )?;
    let mut crowd = Crowd::new(&database, SESSIONS)?;
    for round in 1..=ROUNDS {
        let outcomes = crowd.run(|session| {
            let (provider, time) = (session + 1, ["10:00", "10:05", "10:10"][(session + round) % 3]);
            match (session + round) % 2 {
                0 => insert(provider, provider, "null", round).replace("10:00", time),
                _ => book(provider, provider, "null", round).replace("10:00", time),
            }
        })?;
        check_units(&mut client, &outcomes).map_err(|error| format!("round {round}: {error}"))?;
        let held: i64 = client
            .query_one(
                "select count(*) from clinic.booking_resources where busy && tstzrange(test.at($1, '09:00'), test.at($1, '12:00'))",
                &[&(round as i32)],
            )?
            .get(0);
        ensure!(held >= 2, "round {round}: {held} units are held");
    }
    // All to one time.
    let ids: Vec<i64> = client
        .query("select id from clinic.bookings order by id", &[])?
        .iter()
        .map(|row| row.get(0))
        .collect();
    let outcomes = crowd.run(|session| {
        let id = ids[session % ids.len()];
        let place = session + 1;
        format!(
            "update clinic.bookings set provider_id = {place}, room_id = {place},
               during = tstzrange(test.at(1, '11:00'), test.at(1, '11:20')) where id = {id}"
        )
    })?;
    check_units(&mut client, &outcomes)
}

/// A group of twelve never has thirteen: 30 sessions at once, by INSERT and by book_slot(), and whoever loses hears of the
/// constraint.
#[test]
fn places_of_a_group() -> Result {
    const SESSIONS: usize = 30;
    const MOST: usize = 12;
    let database = Server::from_env()?.database("race_group")?;
    let mut client = database.with_extension()?;
    Fixture { providers: 2, rooms: 2, ..Fixture::default() }.make(&mut client)?;
    client.batch_execute(&format!(
        "update clinic.appointment_types set capacity = {MOST}; update clinic.providers set max_daily_appointments = 100"
    ))?;
    let mut crowd = Crowd::new(&database, SESSIONS)?;
    for round in 1..=ROUNDS {
        let outcomes = crowd.run(|session| match (session + round) % 2 {
            0 => insert(1, 1, "null", round),
            _ => book(1, 1, "null", round),
        })?;
        let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        ensure!(winners == MOST, "round {round}: {winners} winners");
        for refusal in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            let is_told_why =
                refusal.sqlstate == "23P01" && refusal.constraint.as_deref() == Some("bookings_session_seat");
            ensure!(is_told_why, "round {round}: a loser was reported {refusal:?}");
        }
    }
    let groups = client.query(
        "select count(*), count(distinct session_seat), max(session_seat) from clinic.bookings group by session_id",
        &[],
    )?;
    ensure!(groups.len() == ROUNDS, "{} sessions", groups.len());
    for group in &groups {
        let counts: (i64, i64, i32) = (group.get(0), group.get(1), group.get(2));
        ensure!(counts == (MOST as i64, MOST as i64, MOST as i32), "{counts:?}");
    }
    Ok(())
}

/// Every booking holds one unit, nobody the same, and losers were told why.
fn check_units(client: &mut postgres::Client, outcomes: &[std::result::Result<(), Refusal>]) -> Result {
    for refusal in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        let is_told_why =
            refusal.sqlstate == "23P01" && refusal.constraint.as_deref() == Some("booking_resources_unit");
        ensure!(is_told_why, "a loser was reported {refusal:?}");
    }
    let wrong: i64 = client
        .query_one(
            "select count(*) from clinic.bookings b
             where 1 <> (select count(*) from clinic.booking_resources h where h.booking_id = b.id and h.busy = b.during)
               or 2 < (select count(*) from clinic.bookings o where o.during @> lower(b.during))",
            &[],
        )?
        .get(0);
    ensure!(wrong == 0, "{wrong} bookings are wrong");
    Ok(())
}

/// A limit of five bookings a week is never six, though each session writes of a provider, a room and a day of its own.
#[test]
fn a_limit_of_a_week_is_kept_across_days() -> Result {
    const SESSIONS: usize = 30;
    const MOST: usize = 5;
    let database = Server::from_env()?.database("race_booking_limit")?;
    let mut client = database.with_extension()?;
    Fixture { providers: 50, rooms: 50, ..Fixture::default() }.make(&mut client)?;
    client.batch_execute(&format!(
        "insert into clinic.booking_limits (per, period, max_bookings) values ('clinic', 'week', {MOST})"
    ))?;
    let mut crowd = Crowd::new(&database, SESSIONS)?;
    for round in 1..=ROUNDS {
        let outcomes = crowd.run(|session| {
            let (place, day) = (session + 1, session % 7);
            format!(
                "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
                 values ({place}, {place}, 1, 'Pat',
                   tstzrange(date_trunc('week', test.at({round} * 7, '10:00')) + interval '{day} days 10 hours', null))"
            )
        })?;
        let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        ensure!(winners == MOST, "round {round}: {winners} winners");
        for refusal in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            let is_told_why =
                refusal.sqlstate == "23514" && refusal.constraint.as_deref() == Some("booking_limit_use_cap");
            ensure!(is_told_why, "round {round}: a loser was reported {refusal:?}");
        }
    }
    Ok(())
}

/// One person who is a provider of three clinics, booked by thirty sessions at once: never twice at one time.
#[test]
fn a_person_is_never_in_two_clinics() -> Result {
    const SESSIONS: usize = 30;
    const CLINICS: usize = 3;
    let database = Server::from_env()?.database("race_person")?;
    let mut client = database.with_extension()?;
    Fixture { providers: 1, rooms: 1, ..Fixture::default() }.make(&mut client)?;
    for clinic in 2..=CLINICS {
        client.batch_execute(&format!(
            "select init_clinic('Branch {clinic}', 'UTC');
             insert into clinic.providers (clinic_id, name, buffer_minutes) values ({clinic}, 'Ada', 0);
             insert into clinic.rooms (clinic_id, name, room_type) values ({clinic}, 'One', 'any');
             insert into clinic.appointment_types (clinic_id, name, duration_minutes) values ({clinic}, 'Visit', 30);"
        ))?;
    }
    client.batch_execute("update clinic.providers set person_id = 'ada'")?;
    let ids = "select distinct on (1) p.clinic_id, p.id, r.id, t.id from clinic.providers p
               join clinic.rooms r using (clinic_id) join clinic.appointment_types t using (clinic_id) order by 1, 4";
    let places: Vec<[i64; 4]> =
        client.query(ids, &[])?.iter().map(|row| [row.get(0), row.get(1), row.get(2), row.get(3)]).collect();
    ensure!(places.len() == CLINICS, "{places:?}");
    let mut crowd = Crowd::new(&database, SESSIONS)?;
    for round in 1..=ROUNDS {
        let outcomes = crowd.run(|session| {
            let [clinic, provider, room, kind] = places[session % CLINICS];
            let minute = session % 20;
            format!(
                "insert into clinic.bookings (clinic_id, provider_id, room_id, appointment_type_id, patient_name, during)
                 values ({clinic}, {provider}, {room}, {kind}, 'Pat',
                   tstzrange(test.at({round}, '10:00') + interval '{minute} minutes', test.at({round}, '10:30') + interval '{minute} minutes'))"
            )
        })?;
        let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        ensure!(winners == 1, "round {round}: {winners} winners");
        for refusal in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            let is_told_why = refusal.sqlstate == "23P01"
                && matches!(
                    refusal.constraint.as_deref(),
                    Some("bookings_person" | "bookings_provider" | "bookings_room")
                );
            ensure!(is_told_why, "round {round}: a loser was reported {refusal:?}");
        }
    }
    Ok(())
}

//! find = book: in clinics made at random, around changes of the clock,
//!
//! - every slot that find_slots() returns can be booked;
//! - any other place is booked, or refused with exactly the codes that explain_slots() gives for it;
//! - a plain INSERT there is refused exactly when one of those codes is a collision or a cap;
//! - where the clinic enforces its rules, it is refused exactly when any code is against it;
//! - a place is returned exactly when explain_slots() has nothing against it;
//! - different questions about the same places have the same answer;
//! - a booking can be moved to any slot that is found for it, and nowhere else on the grid;
//! - a plain UPDATE derives anew what belongs to the parts that are new, and keeps the rest.
//!
//! `PG_CLINIC_CASES` says how many clinics, `PG_CLINIC_SEED` which is the first. A failure tells the seed and the SQL
//! that leads to it; as dates are counted from today, that SQL is what to keep.

mod clinic;
mod moves;
mod session;

use std::collections::BTreeSet;

use clinic::{Clinic, Slots};
use pg_clinic_system_tests::{Chance, Refusal, Result, Server, ensure, fail};
use session::Session;

/// Slots tried of each answer, and other places of each clinic.
const SLOTS_TRIED: usize = 6;
const PLACES_TRIED: usize = 12;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
fn find_is_book() -> Result {
    let database = Server::from_env()?.database("find_is_book")?;
    let mut client = database.with_extension()?;
    client.batch_execute("set timezone = 'UTC'; select init_clinic('Decoy', 'UTC')")?;
    let (first, cases) = (setting("PG_CLINIC_SEED", 1), setting("PG_CLINIC_CASES", 70));
    let mut tally = Tally::default();
    for seed in first..first + cases {
        let mut session = Session::begin(&mut client)?;
        if let Err(error) = case(&mut session, &mut Chance::new(seed), &mut tally) {
            fail!("PG_CLINIC_SEED={seed}: {error}\n\nafter\n\n{}", session.log());
        }
        session.rollback()?;
    }
    eprintln!("{cases} clinics from seed {first}: {tally:?}");
    ensure!(tally.is_telling(), "too little of something to mean anything: {tally:?}");
    Ok(())
}

/// What was seen, to know that the clinics made aren't all closed.
#[derive(Debug, Default)]
struct Tally {
    offered: usize,
    slots_booked: usize,
    overbooked: usize,
    places_booked: usize,
    places_refused: usize,
    moved: usize,
    moves_refused: usize,
    updated: usize,
    codes: BTreeSet<String>,
}

impl Tally {
    fn is_telling(&self) -> bool {
        self.slots_booked > 0
            && self.places_refused > 0
            && self.moved > 0
            && self.moves_refused > 0
            && self.updated > 0
    }
}

fn case(session: &mut Session<'_>, chance: &mut Chance, tally: &mut Tally) -> Result {
    let clinic = Clinic::make(session, chance)?;
    for _ in 0..2 {
        let question = clinic.question(chance);
        let slots = Slots::find(session, &question)?;
        tally.offered += slots.len();
        for (agreement, contradictions) in question.contradictions() {
            let count: i64 = session.value(&format!("select count(*) from ({contradictions}) c"))?;
            ensure!(count == 0, "{count} contradictions to: {agreement}: {question:?}\n{contradictions}");
        }
        for _ in 0..SLOTS_TRIED.min(slots.len()) {
            let slot = slots.any(chance);
            if let Err(refusal) = session.attempt(&question.book(slot))? {
                fail!("offered and refused: {slot:?} of {question:?}: {refusal:?}");
            }
            tally.slots_booked += 1;
            tally.overbooked += usize::from(slot.is_overbooked);
        }
        for _ in 0..PLACES_TRIED {
            let place = question.at(clinic.place(session, chance, &slots)?);
            let codes = judge(session, &question, &place, tally)?;
            is_offered_as_explained(session, &question, &place, &slots, &codes)?;
        }
    }
    moves::check(session, &clinic, chance, tally)
}

/// Tries to book a place that may be no slot, and returns the codes against it as a booking of its kind.
fn judge(
    session: &mut Session<'_>,
    question: &clinic::Question,
    place: &clinic::Place,
    tally: &mut Tally,
) -> Result<Vec<String>> {
    let explained = explain(session, question, place, place.is_overbooked)?;
    let refusing: Vec<_> = explained.iter().filter(|code| *code != "off_grid").cloned().collect();
    match session.attempt(&question.book(place))? {
        Ok(()) => {
            tally.places_booked += 1;
            ensure!(refusing.is_empty(), "booked {place:?} of {question:?} although {refusing:?}");
        }
        Err(refusal) => {
            tally.places_refused += 1;
            let reported = codes_of(&refusal)?;
            ensure!(
                reported == refusing,
                "refused {place:?} of {question:?} with {refusal:?}, explained as {refusing:?}"
            );
            let (sqlstate, constraints) = class(&reported);
            ensure!(refusal.sqlstate == sqlstate, "{refusal:?} should have SQLSTATE {sqlstate}");
            ensure!(
                refusal.constraint.as_ref().is_some_and(|name| constraints.contains(name)),
                "{refusal:?} should be under one of {constraints:?}"
            );
            tally.codes.extend(reported);
        }
    }
    insert(session, question, place)?;
    insert_enforced(session, question, place, &refusing)?;
    Ok(explained)
}

/// Constraints hold for whoever writes, and only they.
fn insert(session: &mut Session<'_>, question: &clinic::Question, place: &clinic::Place) -> Result {
    let collides: bool = session.value(&question.collides(place))?;
    match session.attempt(&question.insert(place))? {
        Ok(()) => ensure!(!collides, "inserted {place:?} of {question:?} onto something"),
        Err(refusal) => ensure!(
            collides && matches!(&*refusal.sqlstate, "23P01" | "23514") && refusal.constraint.is_some(),
            "not inserted {place:?} of {question:?}, collides: {collides}: {refusal:?}"
        ),
    }
    Ok(())
}

/// Where the clinic enforces its rules, a plain INSERT is refused exactly when a booking is.
fn insert_enforced(
    session: &mut Session<'_>,
    question: &clinic::Question,
    place: &clinic::Place,
    refusing: &[String],
) -> Result {
    match session.attempt(&question.insert_enforced(place))? {
        Ok(()) => ensure!(refusing.is_empty(), "inserted {place:?} of {question:?} although {refusing:?}"),
        Err(refusal) => {
            let alone = refusing.iter().flat_map(|code| class(std::slice::from_ref(code)).1);
            let constraints: Vec<_> = alone.collect();
            ensure!(
                matches!(&*refusal.sqlstate, "23P01" | "23514")
                    && refusal.constraint.as_ref().is_some_and(|name| constraints.contains(name)),
                "not inserted {place:?} of {question:?}, explained as {refusing:?}: {refusal:?}"
            );
        }
    }
    Ok(())
}

/// SQLSTATE and possible constraints of a refusal for these codes: collisions come first, then caps, then the other rules.
fn class(codes: &[String]) -> (&'static str, Vec<String>) {
    let of = |known: &[(&str, &str)]| -> Vec<String> {
        let known = known.iter().filter(|(code, _)| codes.iter().any(|reported| reported == code));
        known.map(|(_, constraint)| (*constraint).to_owned()).collect()
    };
    let collisions = of(&[
        ("provider_busy", "bookings_provider"),
        ("overbook_overlap", "bookings_provider"),
        ("room_busy", "bookings_room"),
        ("no_resource", "booking_resources_unit"),
        ("patient_busy", "bookings_patient"),
        ("person_busy", "bookings_person"),
        ("session_full", "bookings_session_seat"),
    ]);
    let caps = of(&[
        ("daily_cap", "bookings_daily_cap"),
        ("overbook_cap", "bookings_overbook_cap"),
        ("limit_reached", "booking_limit_use_cap"),
    ]);
    match (&collisions[..], &caps[..]) {
        ([_, ..], _) => ("23P01", collisions),
        ([], [_, ..]) => ("23514", caps),
        ([], []) => ("23514", codes.iter().map(|code| format!("rule_{code}")).collect()),
    }
}

/// The codes in an error's DETAIL, sorted; it has a line `code: sentence.` each.
fn codes_of(refusal: &Refusal) -> Result<Vec<String>> {
    ensure!(
        refusal.message.starts_with("the slot can't be booked: "),
        "refused by a constraint, not by the predicate: {refusal:?}"
    );
    let detail = refusal.detail.as_deref().unwrap_or_default();
    let mut codes = Vec::new();
    for reason in detail.lines() {
        match reason.split_once(": ") {
            Some((code, _)) if code.chars().all(|c| c.is_ascii_lowercase() || c == '_') => {
                codes.push(code.to_owned())
            }
            _ => fail!("no code in {reason:?} of {detail:?}"),
        }
    }
    codes.sort_unstable();
    Ok(codes)
}

/// The codes that explain_slots() gives, sorted.
fn explain(
    session: &mut Session<'_>,
    question: &clinic::Question,
    place: &clinic::Place,
    overbooked: bool,
) -> Result<Vec<String>> {
    let rows = session.query(&question.explain(place, overbooked))?;
    let mut codes: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    codes.sort_unstable();
    Ok(codes)
}

/// A place is offered exactly when it is on the grid and nothing is against it: as a normal one if it can be, else as
/// an overbooked one.
fn is_offered_as_explained(
    session: &mut Session<'_>,
    question: &clinic::Question,
    place: &clinic::Place,
    slots: &Slots,
    codes: &[String],
) -> Result {
    if !session.value::<bool>(&question.is_asked_for(place))? {
        return Ok(());
    }
    let other = explain(session, question, place, !place.is_overbooked)?;
    let (normal, overbooked) = if place.is_overbooked { (&other[..], codes) } else { (codes, &other[..]) };
    let expected = if normal.is_empty() { Some(false) } else { overbooked.is_empty().then_some(true) };
    let offered = slots.offered(place);
    ensure!(
        offered == expected,
        "{place:?} of {question:?} is offered (as overbooked): {offered:?}, but explained as normal: {normal:?}, as \
         overbooked: {overbooked:?}"
    );
    Ok(())
}

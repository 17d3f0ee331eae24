//! What must hold afterwards, asked in SQL that shares nothing with our code.

use std::collections::BTreeMap;

use pg_clinic_system_tests::{Instance, Refusal, Result, ensure};
use postgres::Client;

use super::chaos::Events;
use super::client::{Deed, End, Life};

/// SQLSTATEs that any statement may end in: documented in the README, or a cancel's.
const EXPECTED: [&str; 9] = ["22004", "22023", "23503", "23505", "23514", "23P01", "55000", "57014", "P0002"];

/// Those by which PostgreSQL refuses rows that somebody writes by hand.
const BY_HAND: [&str; 1] = ["23502"];

/// Statements about plans and their record: they write many rows, in no order that is promised.
const PLANNING: [&str; 16] = [
    "generate_shifts",
    "draft_plan",
    "solve_plan",
    "solve_roster",
    "promote_plan",
    "swap_assignments",
    "approve_violation",
    "the record by hand",
    "plan_rounds",
    "replan_rounds",
    "resolve_exception",
    "client events",
    "visits",
    "locks",
    // Of these, too, one statement writes many rows.
    "claim_events",
    "init_clinic",
];

fn is_planning(deed: &Deed) -> bool {
    deed.verbs.iter().any(|verb| PLANNING.contains(verb))
}

/// A refusal that no document explains.
fn is_unexpected(deed: &Deed, refusal: &Refusal) -> bool {
    let state = refusal.sqlstate.as_str();
    let is_planning = is_planning(deed);
    let is_expected = EXPECTED.contains(&state)
        || state == "40001" && (deed.has_one_snapshot || is_planning)
        // Whether one was promised not to be there, deadlocks() asks.
        || state == "40P01"
        || BY_HAND.contains(&state) && is_planning;
    !is_expected
}

/// Every refusal is one that is documented.
pub fn refusals(lives: &[Life]) -> Result {
    let mut unexpected: BTreeMap<(&str, &str), (usize, &str)> = BTreeMap::new();
    for deed in lives.iter().flat_map(|life| &life.deeds) {
        let End::Refused(refusal) = &deed.end else { continue };
        if is_unexpected(deed, refusal) {
            unexpected.entry((&refusal.sqlstate, &refusal.message)).or_insert((0, &deed.sql)).0 += 1;
        }
    }
    let told: Vec<_> = unexpected
        .iter()
        .map(|((state, message), (count, sql))| format!("{count} × {state} {message}, such as by\n{sql}"))
        .collect();
    ensure!(told.is_empty(), "{}", told.join("\n\n"));
    Ok(())
}

/// In every deadlock, somebody took part who was not a single statement about one booking.
pub fn deadlocks(lives: &[Life]) -> Result {
    let deeds = || lives.iter().flat_map(|life| &life.deeds);
    let mut broken = Vec::new();
    for deed in deeds() {
        let End::Refused(refusal) = &deed.end else { continue };
        if refusal.sqlstate != "40P01" {
            continue;
        }
        // `Process 17 waits for …; blocked by process 18.`
        let detail = refusal.detail.clone().unwrap_or_default().replace("Process", "process");
        let pids: Vec<i32> = detail
            .split("process ")
            .filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
            .collect();
        // Whoever was at work in these backends just then.
        let others = || {
            deeds().filter(|other| {
                pids.contains(&other.pid) && other.began <= deed.ended && other.ended >= deed.began
            })
        };
        if !others().any(|other| other.verbs.len() > 1 || is_planning(other)) {
            let texts: Vec<_> = others().map(|other| other.sql.as_str()).collect();
            broken.push(format!("{detail}\n{}", texts.join("\n")));
        }
    }
    ensure!(broken.is_empty(), "{} deadlocks of single statements:\n{}", broken.len(), broken.join("\n\n"));
    Ok(())
}

/// What clients were told, as a table.
pub fn store(client: &mut Client, lives: &[Life]) -> Result {
    client.batch_execute(
        "create temp table told (tag text, what text, booking bigint, status text, provider bigint, room bigint, start timestamptz);
         create temp table undone (tag text)",
    )?;
    let deeds = || lives.iter().flat_map(|life| &life.deeds);
    let rows: Vec<_> = deeds()
        .filter_map(|deed| match &deed.end {
            End::Done(told) => Some((deed, told)),
            _ => None,
        })
        .flat_map(|(deed, told)| told.iter().map(move |told| (deed, told)))
        .collect();
    macro_rules! column {
        ($value:expr) => {
            rows.iter().map($value).collect::<Vec<_>>()
        };
    }
    client.execute(
        "insert into told select tag, what, booking, status, provider::bigint, room::bigint, start::timestamptz
         from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
           as t (tag, what, booking, status, provider, room, start)",
        &[
            &column!(|(deed, _)| deed.tag.as_str()),
            &column!(|(_, told)| told.what.as_str()),
            &column!(|(_, told)| told.booking),
            &column!(|(_, told)| told.status.as_str()),
            &column!(|(_, told)| told.provider.as_str()),
            &column!(|(_, told)| told.room.as_str()),
            &column!(|(_, told)| told.start.as_str()),
        ],
    )?;
    let undone: Vec<_> = deeds()
        .filter(|deed| matches!(deed.end, End::RolledBack | End::Refused(_)))
        .map(|deed| deed.tag.as_str())
        .collect();
    client.execute("insert into undone select unnest($1::text[])", &[&undone])?;
    client.batch_execute("analyze told; analyze undone")?;
    Ok(())
}

/// Each as a query for rows that break it. Besides those that the hammer asks for.
pub const PROMISES: [(&str, &str); 20] = [
    (
        "acknowledged = present: the history has every booking as its client was told",
        "select tag, booking from told where what = 'booking' and not exists (
           select from clinic.booking_history h where h.booking_id = told.booking and h.after ->> 'status' = told.status
             and (h.after ->> 'provider_id')::bigint = told.provider and (h.after ->> 'room_id')::bigint = told.room
             and (h.after ->> 'slot_start')::timestamptz = told.start)",
    ),
    (
        "acknowledged = present: what was deleted is gone, and the history says so",
        "select tag, booking from told where what = 'gone' and (exists (select from clinic.bookings b where b.id = told.booking)
           or not exists (select from clinic.booking_history h where h.booking_id = told.booking and h.operation = 'delete'
             and h.reason = told.tag))",
    ),
    (
        "refused = absent: what was refused or rolled back left nothing",
        "select tag from undone where exists (select from clinic.booking_history h where h.reason = undone.tag)",
    ),
    (
        "the history is complete: each row, and none but those that were there, has its last version",
        "select coalesce(b.id, h.booking_id) from clinic.bookings b full join (
           select distinct on (booking_id) booking_id, operation from clinic.booking_history order by booking_id, version desc) h
           on h.booking_id = b.id
         where (b.id is null) <> (h.operation = 'delete') or h.booking_id is null",
    ),
    (
        "the history says who: a client, or this program",
        "select id from clinic.booking_history where actor !~ '^(c[0-9]+|postgres)$'",
    ),
    (
        "each change of a status has an event, in the order of the history",
        "with changes as (
           select booking_id, version, after ->> 'status' as status,
             lag(after ->> 'status') over (partition by booking_id order by version) as was
           from clinic.booking_history where operation <> 'delete'),
         told as (
           select booking_id, id, payload ->> 'status' as status,
             lag(payload ->> 'status') over (partition by booking_id order by id) as was
           from clinic.events where kind not in ('freed', 'offered', 'accepted', 'declined', 'expired', 'withdrawn'))
         select coalesce(c.booking_id, t.booking_id)
         from (select booking_id, array_agg(status order by version) as statuses from changes
               where status is distinct from was group by 1) c
         full join (select booking_id, array_agg(status order by id) as statuses from told
                    where status is distinct from was group by 1) t using (booking_id)
         where c.statuses is distinct from t.statuses",
    ),
    (
        "each change of a place has an event",
        "select h.booking_id from clinic.booking_history h where operation = 'update'
           and (before ->> 'provider_id', before ->> 'room_id', before ->> 'slot_start')
             is distinct from (after ->> 'provider_id', after ->> 'room_id', after ->> 'slot_start')
           and not exists (select from clinic.events e where e.booking_id = h.booking_id
             and (e.payload ->> 'provider_id', e.payload ->> 'room_id') = (h.after ->> 'provider_id', h.after ->> 'room_id')
             and (e.payload ->> 'slot_start')::timestamptz = (h.after ->> 'slot_start')::timestamptz)",
    ),
    (
        "an event that is done was delivered, and none before it of its booking is undone",
        "select e.id from clinic.events e where acked_at is not null and (deliveries = 0 or exists (
           select from clinic.events f where f.booking_id = e.booking_id and f.id < e.id and f.acked_at is null))",
    ),
    (
        "a hold that is booked has no expiry, and one that expired is cancelled",
        "select id from clinic.bookings where hold_expires_at is not null and status not in ('pending', 'cancelled')
           or status = 'pending' and hold_expires_at <= now()",
    ),
    (
        "what is cancelled says when, and only that",
        "select id from clinic.bookings where status = 'cancelled' and cancelled_at is null
           or status not in ('cancelled', 'noshow') and cancelled_at is not null",
    ),
    (
        "an override says by whom, and only that",
        "select id from clinic.bookings where (override_reason is null) <> (overridden_by is null)",
    ),
    (
        "a request has one booking",
        "select request_id from clinic.bookings group by clinic_id, request_id having count(*) > 1 and request_id is not null",
    ),
    (
        "a series is there whole, or as later statements left it",
        "select split_part(h.after ->> 'request_id', '/', 1) from clinic.booking_history h
         where operation = 'insert' and h.after ->> 'request_id' ~ '^s[0-9]+/'
         group by h.reason, 1 having count(*) <> 3",
    ),
    (
        "who accepted an offer was booked at its time, in its place",
        "select o.id from clinic.offers o join clinic.freed_places f on f.id = o.freed_place_id
         where status = 'accepted' and not exists (select from clinic.booking_history h
           where h.booking_id = o.accepted_booking_id and (h.after ->> 'provider_id')::bigint = f.provider_id
             and (h.after ->> 'room_id')::bigint = f.room_id and (h.after ->> 'slot_start')::timestamptz = o.slot_start)",
    ),
    (
        "an open offer is for time that nobody else has, or is over",
        "select o.id from clinic.offers o join clinic.freed_places f on f.id = o.freed_place_id
         join clinic.bookings b on b.provider_id = f.provider_id and b.during && tstzrange(o.slot_start, o.slot_end)
           and b.status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled') and b.is_overbooked = f.is_overbooked
           and b.hold_expires_at is null
         where o.status = 'offered' and o.expires_at > now() and o.former_booking_id is distinct from b.id
           and o.hold_booking_id is distinct from b.id",
    ),
    (
        "who is placed has accepted an offer of that booking",
        "select w.id from clinic.waitlist w where status = 'placed' and not exists (
           select from clinic.offers o where o.waitlist_id = w.id and o.status = 'accepted'
             and o.accepted_booking_id = w.placed_booking_id)",
    ),
    (
        "each answer to an offer has an event",
        "select o.id from clinic.offers o where not exists (
           select from clinic.events e where e.kind = o.status
             and (e.payload ->> 'offer_id')::bigint = o.id)",
    ),
    (
        "the record's versions count from 1, and each begins where the one before ended",
        "select assignment_id, version from (
           select assignment_id, version, before, row_number() over versions as number, lag(after) over versions as was
           from clinic.assignment_history window versions as (partition by assignment_id order by version)) h
         where version <> number or before is distinct from was",
    ),
    (
        "the record's history ends with the row as it is",
        "select coalesce(a.id, h.assignment_id) from clinic.assignments a full join (
           select distinct on (assignment_id) assignment_id, after from clinic.assignment_history
           order by assignment_id, version desc) h on h.assignment_id = a.id
         where h.after is distinct from case when a.id is not null then to_jsonb(a) end",
    ),
    (
        "a promoted plan says by whom, when and why, and has an answer",
        "select id from clinic.plans where num_nonnulls(promoted_by, promoted_at, promotion_reason) not in (0, 3)
           or promoted_at is not null and status not in ('OPTIMAL', 'FEASIBLE')",
    ),
];

/// Whether no row breaks a promise.
pub fn holds(client: &mut Client, offenders: &str) -> Result {
    let rows = client.query(&format!("select o::text from ({offenders}) o limit 5"), &[])?;
    let shown: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    ensure!(shown.is_empty(), "broken by {}\n{offenders}", shown.join(", "));
    Ok(())
}

/// Every index of schema clinic has what its table has (with the extension amcheck, where it is installed).
pub fn indexes(client: &mut Client) -> Result {
    if client.batch_execute("create extension if not exists amcheck").is_err() {
        return Ok(());
    }
    client.batch_execute(
        "select bt_index_check(c.oid, true) from pg_class c join pg_am a on a.oid = c.relam
         where c.relkind = 'i' and a.amname = 'btree' and c.relnamespace = 'clinic'::regnamespace",
    )?;
    Ok(())
}

/// Nothing but our own SIGKILLs ended a process, and nobody panicked.
pub fn log(server: &Instance, events: &Events) -> Result {
    let log = server.log()?;
    let bad: Vec<_> = log
        .lines()
        .filter(|line| {
            line.contains("PANIC")
                || line.contains("TRAP")
                || line.contains(":XX")
                || line.contains("was terminated by signal") && !line.contains("by signal 9")
        })
        .take(10)
        .collect();
    ensure!(bad.is_empty(), "{}", bad.join("\n"));
    let killed = log.lines().filter(|line| line.contains("was terminated by signal 9")).count();
    let asked = events.get("backends killed").copied().unwrap_or_default();
    ensure!(killed <= asked, "{killed} processes were killed, {asked} by us");
    Ok(())
}

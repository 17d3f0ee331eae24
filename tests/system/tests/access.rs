//! Levels of access, from the catalogs: every function, table and author's column as every level, in tables whose owner is no
//! superuser.

use pg_clinic_system_tests::{Attempt, Database, Fixture, Result, Role, Server, ensure};
use postgres::Client;

const LEVELS: [&str; 4] = ["finder", "reader", "scheduler", "admin"];

/// A clinic of a role that is no superuser, with something in most tables, and a role of each level.
struct Clinic {
    database: Database,
    owner: Role,
    roles: Vec<Role>,
}

impl Clinic {
    fn new(name: &str) -> Result<Self> {
        let server = Server::from_env()?;
        let owner = server.role(&format!("system_{name}_owner"))?;
        let roles: Vec<_> = LEVELS
            .iter()
            .map(|level| server.role(&format!("system_{name}_{level}")))
            .collect::<Result<_>>()?;
        let database = server.database(name)?;
        server.administer(&format!("alter database {} owner to {}", database.name, owner.name))?;
        drop(database.with_extension()?);
        let clinic = Self { database, owner, roles };
        let mut client = clinic.owner()?;
        Fixture::default().make(&mut client)?;
        client.batch_execute(CONTENTS)?;
        for (level, role) in LEVELS.iter().zip(&clinic.roles) {
            client.execute("select grant_clinic_access($1::text::regrole, $2)", &[&role.name, level])?;
        }
        Ok(clinic)
    }

    fn owner(&self) -> Result<Client> {
        self.database.connect_as(&self.owner.name)
    }
}

/// Bookings, a hold, a cancelled one with an offer, a roster, rounds with an exception, both promoted.
const CONTENTS: &str = "
  grant usage on schema test to public;
  select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', 'p', request_id => 'r'),
    hold_slot('Visit', 2, 2, test.at(7, '10:00'), ttl => '1 hour'),
    book_slot('Visit', 1, 1, test.at(7, '12:00'), 'Cem'),
    join_waitlist('Visit', 'Dora', current_date, current_date + 14);
  select cancel_booking(3);
  select from offer_backfill(3);
  insert into clinic.staff (name) values ('Eve'), ('Fay');
  insert into clinic.shifts (provider_id, during) values (1, tstzrange(test.at(7, '08:00'), test.at(7, '12:00')));
  select from solve_roster(current_date + 7, current_date + 7);
  select from promote_plan(1, 'agreed', array(select key from plan_violations(1)));
  select draft_plan(current_date + 7, current_date + 7);
  insert into clinic.areas (name, travel_minutes) values ('north', 5);
  insert into clinic.staff (name, home_area_id, capacity_minutes) values ('Gil', 1, 60);
  insert into clinic.clients (name, area_id, visit_minutes, starts_on, renews_on, access_approved_by, access_approved_at)
    select 'c' || i, 1, 40, current_date, current_date + 30, 'chief', now() from generate_series(1, 2) i;
  insert into clinic.client_events (client_id, on_date, kind) values (1, current_date + 20, 'skip');
  select from plan_rounds(current_date + 9);
  insert into clinic.locks (plan_id, action, staff_id) values (3, 'forbid', 1);
  insert into clinic.rule_overrides (rule_kind, mode, staff_id, approved_by, reason) values ('no_overlap', 'off', 1, 'chief', 'r');";

/// Every function, with the least level that may call it: `all` needs none, `owner` is the tables' owner.
const CALLS: &[(&str, &str)] = &[
    ("scheduler", "accept_offer(1)"),
    ("scheduler", "ack_events(null, array[1])"),
    ("scheduler", "apply_absence(array[1], array[test.at(7, '11:00')], array[1], array[1])"),
    ("admin", "approve_violation('no_overlap', 1, (select max(id) from clinic.shifts), null, 'r')"),
    ("scheduler", "book_series('Visit', '{1}', '{1}', array[test.at(9, '10:00')], 'A')"),
    ("scheduler", "book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', 'p', request_id => 'r')"),
    ("scheduler", "cancel_booking(1)"),
    ("scheduler", "cancel_series(1)"),
    ("reader", "cancellation_rates()"),
    ("reader", "cancellations()"),
    ("finder", "check_clinic()"),
    ("scheduler", "check_in_booking(1)"),
    ("scheduler", "claim_events()"),
    ("reader", "client_renewals()"),
    ("all", "clinic_help()"),
    ("reader", "compare_plans(1, 1)"),
    ("scheduler", "complete_booking(1)"),
    ("scheduler", "confirm_hold(2, 'Bob')"),
    ("finder", "current_clinic()"),
    ("reader", "day_board()"),
    ("reader", "day_board_svg()"),
    ("reader", "day_sheet()"),
    ("scheduler", "decline_offer(1)"),
    ("scheduler", "draft_plan(current_date + 7)"),
    ("reader", "effective_rules()"),
    ("reader", "effective_settings(1, 1, 1)"),
    ("reader", "expected_no_shows()"),
    ("scheduler", "expire_holds()"),
    ("scheduler", "expire_offers()"),
    ("reader", "explain_assignment(1, 1)"),
    ("finder", "explain_slots('Visit')"),
    ("reader", "explain_visit(3, 1)"),
    ("reader", "fairness(current_date - 7)"),
    ("reader", "find_backfill(3)"),
    ("finder", "find_series('Visit', 1)"),
    ("finder", "find_slots('Visit')"),
    ("scheduler", "generate_shifts(current_date)"),
    ("owner", "grant_clinic_access('pg_monitor', 'reader')"),
    ("scheduler", "hold_slot('Visit', 1, 1, test.at(8, '10:00'))"),
    ("owner", "init_clinic('Mine', 'UTC')"),
    ("scheduler", "join_waitlist('Visit', 'W')"),
    ("reader", "lead_times()"),
    ("scheduler", "leave_waitlist(1)"),
    ("reader", "lost_capacity()"),
    ("scheduler", "mark_no_show(1)"),
    ("scheduler", "mark_no_shows()"),
    ("finder", "next_available('Visit')"),
    ("reader", "no_show_rates()"),
    ("scheduler", "offer_backfill(3)"),
    ("reader", "plan_absence(1, null, tstzrange(test.at(7, '08:00'), test.at(7, '18:00')))"),
    ("scheduler", "plan_rounds(current_date + 9)"),
    ("reader", "plan_violations(1)"),
    ("scheduler", "promote_plan(3, 'r')"),
    ("finder", "provider_openings()"),
    ("admin", "prune_events()"),
    ("scheduler", "reassign_bookings(1, 2, tstzrange(now(), now() + '1 day'))"),
    ("reader", "recommend_overbooking(0.1)"),
    ("reader", "record_violations(current_date)"),
    ("reader", "refill_rates()"),
    ("scheduler", "reopen_booking(3)"),
    ("scheduler", "replan_rounds(current_date + 9)"),
    ("scheduler", "reschedule_booking(1, test.at(8, '10:00'))"),
    ("scheduler", "reschedule_series(1, '10:00')"),
    ("scheduler", "reschedule_session(1, now() + '1 day')"),
    ("scheduler", "resolve_exception(1, 'cancelled')"),
    ("owner", "revoke_clinic_access('pg_monitor')"),
    ("finder", "room_openings()"),
    ("reader", "roster_board(1)"),
    ("reader", "roster_board_svg(1)"),
    ("reader", "rounds_board(3)"),
    ("reader", "rounds_board_svg(3)"),
    ("reader", "rounds_churn(current_date, current_date + 1)"),
    ("reader", "rounds_violations(current_date)"),
    ("all", "rule_kinds()"),
    ("scheduler", "run_due_jobs()"),
    ("scheduler", "schedule_jobs()"),
    ("scheduler", "shift_bookings(1, now(), now() + '1 day', '20 minutes')"),
    ("scheduler", "solve_plan(2)"),
    ("scheduler", "solve_roster(current_date + 7)"),
    ("admin", "subscribe_events('mailer')"),
    ("scheduler", "swap_assignments(1, 2)"),
    ("scheduler", "swap_bookings(1, 2)"),
    ("finder", "third_next_available('Visit')"),
    ("all", "unschedule_jobs()"),
    ("admin", "unsubscribe_events('archive')"),
    ("owner", "upgrade_clinic()"),
    ("reader", "utilization()"),
    ("reader", "waiting_times()"),
    ("scheduler", "withdraw_offers(1)"),
];

/// Whether a level, counted from 0 = none, is as high as the one wanted.
fn suffices(level: usize, wanted: &str) -> bool {
    match wanted {
        "all" => true,
        "owner" => false,
        _ => LEVELS.iter().position(|other| *other == wanted).is_some_and(|at| level > at),
    }
}

/// The SQLSTATE of a statement that is undone: `None` where it goes well.
fn state(client: &mut Client, statement: &str) -> Result<Option<String>> {
    let mut transaction = client.transaction()?;
    let outcome = transaction.batch_execute(statement).outcome()?;
    transaction.rollback()?;
    Ok(outcome.err().map(|refusal| refusal.sqlstate))
}

/// What a transaction holds that reads no more than it may: no lock but those of reading.
const LOCKS: &str = "
  select string_agg(concat_ws(' ', locktype, relation::regclass, mode), ', ') from pg_locks
  where pid = pg_backend_pid() and mode <> 'AccessShareLock' and locktype <> 'virtualxid'";

#[test]
fn every_function() -> Result {
    let clinic = Clinic::new("every_function")?;
    let mut owner = clinic.owner()?;
    let functions = owner.query(
        "select p.proname::text from pg_proc p join pg_depend d on d.objid = p.oid and d.deptype = 'e'
         join pg_extension e on e.oid = d.refobjid and d.refclassid = 'pg_extension'::regclass
         where d.classid = 'pg_proc'::regclass and e.extname = 'pg_clinic' and p.prorettype <> 'trigger'::regtype
         order by 1",
        &[],
    )?;
    let functions: Vec<String> = functions.iter().map(|row| row.get(0)).collect();
    let called: Vec<_> = CALLS.iter().map(|(_, call)| call.split('(').next().unwrap_or_default()).collect();
    ensure!(functions == called, "functions: {functions:?}\ncalled: {called:?}");

    let nobody = Server::from_env()?.role("system_every_function_nobody")?;
    for (level, role) in [&nobody].into_iter().chain(&clinic.roles).enumerate() {
        let mut client = clinic.database.connect_as(&role.name)?;
        client.batch_execute("set client_min_messages = error")?;
        for (wanted, call) in CALLS {
            let outcome = state(&mut client, &format!("select {call}"))?;
            let outcome = outcome.as_deref();
            let is_denied = match *wanted {
                // Not of theirs: init_clinic() and upgrade_clinic() ask whose schema it is.
                "owner" => matches!(outcome, Some("42501" | "PC003")),
                _ => outcome == Some("42501"),
            };
            let is_broken = outcome.is_some_and(|state| state.starts_with("XX"));
            ensure!(
                is_denied != suffices(level, wanted) && !is_broken,
                "{call} needs {wanted}, {} got {outcome:?}",
                role.name
            );
            if level <= 2 && outcome.is_none() {
                let mut transaction = client.transaction()?;
                transaction.batch_execute(&format!("select {call}"))?;
                let locks: Option<String> = transaction.query_one(LOCKS, &[])?.get(0);
                ensure!(locks.is_none(), "{call} as {}: {locks:?}", role.name);
            }
        }
    }
    for (_, call) in CALLS {
        let outcome = state(&mut owner, &format!("select {call}"))?;
        ensure!(outcome.as_deref() != Some("42501"), "{call} as the owner: {outcome:?}");
    }
    Ok(())
}

/// What each level may do with each table.
#[test]
fn every_table() -> Result {
    let clinic = Clinic::new("every_table")?;
    let rows = clinic.owner()?.query(
        "select c.relname::text, a.level, p.privilege
         from pg_class c, unnest($1::text[], $2::text[]) as a (level, role),
           unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) as p (privilege)
         where c.relnamespace = 'clinic'::regnamespace and c.relkind in ('r', 'v')
           and (has_table_privilege(a.role, c.oid, p.privilege)
             or p.privilege not in ('DELETE', 'TRUNCATE', 'TRIGGER')
               and has_any_column_privilege(a.role, c.oid, p.privilege))",
        &[&LEVELS.to_vec(), &clinic.roles.iter().map(|role| role.name.clone()).collect::<Vec<_>>()],
    )?;
    let has = |level: &str, privilege: &str| -> Vec<String> {
        let of = |row: &&postgres::Row| row.get::<_, &str>(1) == level && row.get::<_, &str>(2) == privilege;
        let mut tables: Vec<String> = rows.iter().filter(of).map(|row| row.get(0)).collect();
        tables.sort();
        tables
    };
    let found =
        ["access_levels", "appointment_types", "clinics", "provider_types", "providers", "rooms", "sites"];
    ensure!(has("finder", "SELECT") == found, "a finder reads {:?}", has("finder", "SELECT"));
    for level in LEVELS {
        for privilege in ["TRUNCATE", "REFERENCES", "TRIGGER"] {
            ensure!(has(level, privilege).is_empty(), "{level} has {privilege}: {:?}", has(level, privilege));
        }
        for privilege in ["INSERT", "UPDATE", "DELETE"] {
            let tables = has(level, privilege);
            let may_write = matches!(level, "scheduler" | "admin");
            ensure!(may_write || tables.is_empty(), "{level} has {privilege}: {tables:?}");
            for kept in ["access_levels", "assignment_history", "booking_history", "schema_version"] {
                ensure!(!tables.iter().any(|table| table == kept), "{level} has {privilege} on {kept}");
            }
        }
        ensure!(!has(level, "DELETE").iter().any(|table| table == "bookings"), "{level} deletes bookings");
        ensure!(!has(level, "INSERT").iter().any(|table| table == "events"), "{level} writes events");
    }
    for pair in LEVELS.windows(2) {
        for privilege in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
            let (lower, higher) = (has(pair[0], privilege), has(pair[1], privilege));
            ensure!(lower.iter().all(|table| higher.contains(table)), "{pair:?}: {privilege}");
        }
    }
    Ok(())
}

/// No level writes a login, by whatever statement; and nobody but planning writes the rows of plans.
#[test]
fn every_author() -> Result {
    let clinic = Clinic::new("every_author")?;
    let mut owner = clinic.owner()?;
    let columns = owner.query(
        "select a.attrelid::regclass::text, a.attname::text from pg_attribute a join pg_class c on c.oid = a.attrelid
         where c.relnamespace = 'clinic'::regnamespace and c.relkind = 'r' and a.attname ~ '(^|_)login$' order by 1, 2",
        &[],
    )?;
    ensure!(columns.len() == 12, "{} columns", columns.len());
    let mut refused = 0;
    for role in &clinic.roles {
        let mut client = clinic.database.connect_as(&role.name)?;
        for row in &columns {
            let (table, column): (&str, &str) = (row.get(0), row.get(1));
            for statement in [
                format!("update {table} set {column} = 'forged'"),
                format!("update {table} set {column} = default"),
                format!(
                    "insert into {table} select (jsonb_populate_record(t, jsonb_build_object('id', 9999, '{column}', 'forged'))).*
                     from {table} t limit 1"
                ),
            ] {
                if let Err(refusal) = client.batch_execute(&statement).outcome()? {
                    let is_known = refusal.sqlstate == "42501" || refusal.sqlstate.starts_with("23");
                    ensure!(is_known, "{statement} as {}: {refusal:?}", role.name);
                    refused += 1;
                }
            }
            let forged: i64 = owner
                .query_one(&format!("select count(*) from {table} where {column} = 'forged'"), &[])?
                .get(0);
            ensure!(forged == 0, "{table}.{column} forged as {}", role.name);
        }
        for table in ["plan_scores", "visit_trace", "smoothing_moves", "exceptions"] {
            for statement in [
                format!("insert into clinic.{table} select * from clinic.{table}"),
                format!("update clinic.{table} set plan_id = plan_id"),
                format!("delete from clinic.{table}"),
            ] {
                if let Ok(()) = client.batch_execute(&statement).outcome()? {
                    let rows: i64 =
                        owner.query_one(&format!("select count(*) from clinic.{table}"), &[])?.get(0);
                    ensure!(rows == 0, "{statement} as {}", role.name);
                }
            }
        }
    }
    ensure!(refused > 0, "nothing was refused");
    Ok(())
}

/// A dump carries the levels, also where the roles aren't; granting again brings back what they may.
#[test]
fn restored_without_the_roles() -> Result {
    let clinic = Clinic::new("access_dumped")?;
    let server = Server::from_env()?;
    let dump = server.run("pg_dump", &["-d", &clinic.database.name])?;
    let restored = server.database("access_restored")?;
    let finder = &clinic.roles[0].name;
    // As where the role isn't there: its grants fail one by one.
    let gone = format!("TO {finder};");
    let dump: Vec<_> = dump.lines().filter(|line| !line.ends_with(&gone)).collect();
    restored.psql(&dump.join("\n"))?;
    let mut client = restored.connect()?;
    let levels: i64 = client.query_one("select count(*) from clinic.access_levels", &[])?.get(0);
    ensure!(levels == 4, "{levels} levels");
    let find = "select count(*) from find_slots('Visit')";
    restored.connect_as(finder)?.batch_execute(find).refused("42501")?;
    restored.connect_as(&clinic.roles[1].name)?.batch_execute(find)?;
    client.batch_execute(
        "select grant_clinic_access(role::regrole, level) from clinic.access_levels where role in (select rolname from pg_roles)",
    )?;
    restored.connect_as(finder)?.batch_execute(find)?;
    client.execute("select revoke_clinic_access($1::text::regrole)", &[finder])?;
    restored.connect_as(finder)?.batch_execute(find).refused("42501")?;
    Ok(())
}

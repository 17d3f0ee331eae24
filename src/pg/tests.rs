//! Tests of the edge that need a backend and can't be reached by SQL alone. Run by `cargo pgrx test`.

use pgrx::pg_schema;

#[pg_schema]
mod tests {
    use pg_clinic_core::shipped::{Found, Kind, find, things};
    use pg_clinic_core::time::calendar::{WallTime, date_from_pg_days};
    use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, MICROS_PER_SECOND};
    use pgrx::prelude::*;

    use crate::pg::platform::args::{Args, sql_functions};
    use crate::pg::platform::signatures::Signature;
    use crate::pg::platform::spi::{self, Access, instant_param, param, statements};
    use crate::pg::platform::{error, shipped, zone};
    use crate::pg::setup::scripts;
    use crate::pg::{backfill, booking, events, reports, roster, rounds, setup, slots};

    statements! {
        /// The server's own answer: local date and time of day.
        LOCAL(TEXTOID, TIMESTAMPTZOID) = "select (timezone($1, $2))::date, (timezone($1, $2))::time";
        /// A number where text is expected.
        NUMBER() = "select 4096::bigint";
        /// How many rows the table has.
        COUNT() = "select count(*) from pg_clinic_plan_test";
    }

    /// Every hour and a half, and every transition, over a year in zones with odd rules: our zone says what SQL says.
    #[pg_test]
    fn zones_agree_with_timezone() {
        const ZONES: [&str; 6] = [
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "America/St_Johns",
            "Africa/Casablanca",
        ];
        let start = Instant(11 * 365 * MICROS_PER_DAY);
        let end = Instant(start.0 + 400 * MICROS_PER_DAY);
        for name in ZONES {
            let zone = zone::load(name, start, end).expect("a zone of the tz database");
            let mut at = start;
            while at < end {
                let (date, time) = spi::connect(|spi| {
                    spi.first(&LOCAL, Access::Snapshot, &[param(name), instant_param(at)], |row| {
                        let date = row.pg_days(0)?.and_then(date_from_pg_days);
                        Ok((date, row.micros(1)?.and_then(WallTime::new)))
                    })
                })
                .expect("a query that runs")
                .expect("one row");
                assert_eq!(date, Some(zone.local_date(at)), "{name} at {}", at.0);
                assert_eq!(time, Some(zone.wall_time(at)), "{name} at {}", at.0);
                at = Instant(at.0 + 5_400 * MICROS_PER_SECOND);
            }
        }
    }

    #[pg_test]
    fn unknown_zones_are_refused() {
        for name in ["Mars/Olympus", "", "Europe/Berlin\0x"] {
            assert!(zone::load(name, Instant(0), Instant(0)).is_err(), "{name}");
        }
    }

    /// A number must never be read as a pointer to text, whatever became of a table.
    #[pg_test]
    fn columns_of_another_type_are_refused() {
        let read = spi::connect(|spi| spi.first(&NUMBER, Access::Snapshot, &[], |row| row.get::<String>(0)));
        assert!(read.is_err());
    }

    /// Statements are planned anew at their 1st, 2nd, 4th … execution; the answers stay right, also after the table was
    /// dropped and made again.
    #[pg_test]
    fn statements_survive_replanning() {
        for round in 0..3i64 {
            Spi::run("create table pg_clinic_plan_test as select generate_series(1, 0)")
                .expect("a new table");
            for rows in 0..9i64 {
                let count =
                    spi::connect(|spi| spi.first(&COUNT, Access::Latest, &[], |row| row.get::<i64>(0)));
                assert_eq!(count.expect("a query that runs"), Some(rows), "round {round}");
                Spi::run("insert into pg_clinic_plan_test values (1)").expect("a row");
            }
            Spi::run("drop table pg_clinic_plan_test").expect("dropped");
        }
    }

    /// Makes pg_temp.state_of(statement), which gives the SQLSTATE that a statement ends in.
    fn state_of() {
        Spi::run(
            "create function pg_temp.state_of(statement text) returns text language plpgsql as $$
            begin execute statement; return 'none'; exception when others then return sqlstate; end $$",
        )
        .expect("a function");
    }

    /// The signatures of all features.
    fn signatures() -> impl Iterator<Item = &'static Signature> {
        let features: &[&[Signature]] = &[
            backfill::api::find::SIGNATURES,
            backfill::api::accept::SIGNATURES,
            backfill::api::offers::SIGNATURES,
            backfill::api::waitlist::SIGNATURES,
            booking::api::absence::SIGNATURES,
            booking::api::change::SIGNATURES,
            booking::api::jobs::SIGNATURES,
            booking::api::place::SIGNATURES,
            booking::api::plan_absence::SIGNATURES,
            booking::api::of_series::SIGNATURES,
            booking::api::series::SIGNATURES,
            booking::api::session::SIGNATURES,
            booking::api::together::SIGNATURES,
            events::api::consume::SIGNATURES,
            events::api::subscribe::SIGNATURES,
            reports::api::capacity::SIGNATURES,
            reports::api::day::SIGNATURES,
            reports::api::forecast::SIGNATURES,
            reports::api::third_next::SIGNATURES,
            reports::api::openings::SIGNATURES,
            reports::api::rates::SIGNATURES,
            reports::api::recommend::SIGNATURES,
            reports::api::rounds::SIGNATURES,
            roster::api::approve::SIGNATURES,
            roster::api::board::SIGNATURES,
            roster::api::fairness::SIGNATURES,
            roster::api::plans::SIGNATURES,
            roster::api::promote::SIGNATURES,
            roster::api::record::SIGNATURES,
            roster::api::rules::SIGNATURES,
            roster::api::shifts::SIGNATURES,
            roster::api::solve::SIGNATURES,
            rounds::api::board::SIGNATURES,
            rounds::api::exceptions::SIGNATURES,
            rounds::api::plan::SIGNATURES,
            setup::access::SIGNATURES,
            setup::api::SIGNATURES,
            setup::api::check::SIGNATURES,
            setup::api::help::SIGNATURES,
            setup::api::upgrade::SIGNATURES,
            slots::api::find::SIGNATURES,
            slots::api::series::SIGNATURES,
            slots::api::settings::SIGNATURES,
        ];
        features.iter().copied().flatten()
    }

    /// sql/shipped is what a clinic just made has, in both directions: `make accept-shipped` writes it.
    #[pg_test]
    fn a_clinic_just_made_is_as_shipped() {
        Spi::run("select init_clinic('Shipped', 'UTC')").expect("a clinic");
        let (schema, found) = spi::connect(|spi| {
            shipped::pinned(|| {
                let schema = scripts::extension_schema(spi, Access::Latest)?;
                Ok((schema, shipped::found(spi, Access::Latest, None)?))
            })
        })
        .expect("the catalogs");
        // The tests themselves are functions of the extension.
        let is_ours = |found: &&Found| {
            found.kind != Kind::Function || found.definition.contains("$function$pg_clinic_")
        };
        for found in found.iter().filter(is_ours) {
            let thing = find(found.kind, &found.object);
            assert!(
                thing.is_some_and(|thing| thing.is(&found.definition, &schema)),
                "make accept-shipped: {found:?} is {thing:?}"
            );
        }
        for thing in things() {
            let is_there =
                found.iter().any(|found| (found.kind, found.object.as_str()) == (thing.kind, thing.object));
            assert!(is_there, "make accept-shipped: {thing:?} is gone");
        }
        for thing in things().iter().filter(|thing| thing.kind == Kind::Trigger) {
            let comment = Spi::get_one_with_args::<String>(
                "select obj_description(t.oid, 'pg_trigger') from pg_trigger t
                 where t.tgrelid = ('clinic.' || $1)::regclass and t.tgname = $2",
                &[thing.table().into(), thing.name().into()],
            );
            assert_eq!(comment.expect("an answer").as_deref(), thing.comment, "{}", thing.object);
        }
    }

    /// Arguments, defaults and results stand in the DDL as Rust reads and writes them.
    #[pg_test]
    fn signatures_are_those_of_the_ddl() {
        for signature in signatures() {
            let found = Spi::get_two_with_args::<String, String>(
                "select string_agg(pg_get_function_arguments(oid), ' | '), string_agg(pg_get_function_result(oid), ' | ')
                 from pg_proc where proname = $1 and prosrc like 'pg\\_clinic\\_%'",
                &[signature.function.into()],
            );
            let expected = (Some(signature.arguments_text()), Some(signature.result_text()));
            assert_eq!(found.expect("an answer"), expected, "{}", signature.function);
        }
    }

    /// No function is called without its signature being compared.
    #[pg_test]
    fn every_function_has_a_signature() {
        let found = Spi::get_one::<Vec<String>>(
            "select array_agg(proname::text order by proname::text collate \"C\") from pg_proc
             where prosrc like 'pg\\_clinic\\_%' and prorettype <> 'trigger'::regtype",
        );
        let mut expected: Vec<_> = signatures().map(|signature| signature.function.to_owned()).collect();
        expected.sort();
        assert_eq!(found.expect("an answer"), Some(expected));
    }

    /// Of a panic the client sees that it is a bug and what to do: no frame of ours, wherever PostgreSQL's error or ours came from.
    #[pg_test]
    fn a_panic_shows_no_frames() {
        // SAFETY: the backend has one thread.
        unsafe { std::env::set_var("RUST_BACKTRACE", "full") };
        Spi::run(
            "create function pg_temp.panic_for_test() returns void language c as '$libdir/pg_clinic', 'pg_clinic_panic_for_test';
             create function pg_temp.number_for_test() returns void language c as '$libdir/pg_clinic', 'pg_clinic_number_for_test';
             create function pg_temp.seen(statement text) returns text language plpgsql as $$
             declare message text; detail text; hint text;
             begin
               execute statement; return 'no error';
             exception when others then
               get stacked diagnostics message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
               return concat_ws(' | ', sqlstate, message, nullif(detail, ''), nullif(hint, ''));
             end $$",
        )
        .expect("functions");
        let seen = |function: &str| {
            let statement = format!("select pg_temp.{function}()");
            Spi::get_one_with_args::<String>("select pg_temp.seen($1)", &[statement.into()])
                .expect("an answer")
        };
        let bug = "XX000 | pg_clinic failed: as told | This is a bug of pg_clinic: please report it, with what the server's log \
                   says of it.";
        assert_eq!(seen("panic_for_test").as_deref(), Some(bug));
        // PostgreSQL's own, not raised in a statement.
        assert_eq!(
            seen("number_for_test").as_deref(),
            Some("22P02 | invalid input syntax for type bigint: \"as told\"")
        );
    }

    sql_functions! {
        pg_clinic_panic_for_test, pg_finfo_pg_clinic_panic_for_test => panic_for_test;
        pg_clinic_number_for_test, pg_finfo_pg_clinic_number_for_test => number_for_test;
    }

    fn panic_for_test(_args: &Args) -> error::Result<pg_sys::Datum> {
        panic!("as {}", "told")
    }

    fn number_for_test(_args: &Args) -> error::Result<pg_sys::Datum> {
        let text = pg_sys::Datum::from(c"as told".as_ptr());
        // SAFETY: int8in takes a NUL-terminated string.
        let number = unsafe { pgrx::direct_function_call::<i64>(pg_sys::int8in, &[Some(text)]) };
        Ok(pg_sys::Datum::from(number.unwrap_or_default()))
    }

    /// A library whose signature differs from the DDL refuses the call, whatever the types.
    #[pg_test]
    fn another_ddl_is_refused() {
        state_of();
        Spi::run("alter function prune_events(interval, bigint) rename to prune_events_of_another_version")
            .expect("renamed");
        Spi::run(
            "create function prune_events(clinic_id bigint, older_than interval) returns bigint language c
             as '$libdir/pg_clinic', 'pg_clinic_prune_events'",
        )
        .expect("a function");
        let state = |statement: &str| {
            Spi::get_one_with_args::<String>("select pg_temp.state_of($1)", &[statement.into()])
                .expect("a state")
        };
        let refused = error::SqlState::SetUp.code();
        assert_eq!(state("select prune_events(1, interval '1 day')").as_deref(), Some(refused));
        // The same names and types, but a column where the library looks for an argument; a value for a set; strict.
        for (signature, call) in [
            ("(older_than interval, out clinic_id bigint) returns bigint", "('1 day')"),
            ("(older_than interval, clinic_id bigint) returns setof bigint", "('1 day', 1)"),
            ("(older_than interval, clinic_id bigint) returns bigint strict", "('1 day', 1)"),
        ] {
            Spi::run(&format!(
                "create or replace function pg_temp.other{signature} language c as '$libdir/pg_clinic', 'pg_clinic_prune_events'"
            ))
            .expect("a function");
            assert_eq!(
                state(&format!("select pg_temp.other{call}")).as_deref(),
                Some(refused),
                "{signature}"
            );
            Spi::run("drop function pg_temp.other").expect("dropped");
        }
    }

    /// The verdict on a table reads definitions as the whole catalog is read: a fresh clinic is well, and what it lacks is
    /// called by the names that are shipped.
    #[pg_test]
    fn verdicts_read_as_the_catalog() {
        Spi::run("select init_clinic('Verdict', 'UTC')").expect("a clinic");
        let differing = Spi::get_one::<String>(&format!(
            "with catalog as ({}), tables as (select oid, relname::text as name from pg_class where relnamespace = 'clinic'::regnamespace and relkind = 'r'),
               verdict as (select t.name || '.' || v.name as object, v.* from tables t, lateral ({}) as v where v.kind <> 'table')
             select string_agg(coalesce(c.object, v.object), ', ')
             from (select * from catalog where kind in ('constraint', 'index', 'trigger', 'not null')) c
             full join verdict v on v.kind = c.kind and v.object = c.object and v.definition = c.definition
               and v.state is not distinct from c.state
             where c.object is null or v.object is null",
            include_str!("../../sql/shipped/catalog.sql").replace("$1", "null::text"),
            include_str!("../../sql/shipped/of_table.sql").replace("$1", "t.oid"),
        ));
        assert_eq!(differing.expect("an answer"), None);
    }

    /// Our packing of an SQLSTATE is PostgreSQL's.
    #[pg_test]
    fn sqlstates_arrive_unchanged() {
        state_of();
        let state = |statement: &str| {
            Spi::get_one_with_args::<String>("select pg_temp.state_of($1)", &[statement.into()])
                .expect("a state")
        };
        let expected = error::SqlState::SetUp.code();
        assert_eq!(state("select current_clinic()").as_deref(), Some(expected));
        assert_eq!(state("select init_clinic('x', 'Mars/Olympus')").as_deref(), Some("22023"));
        assert_eq!(state("select init_clinic(null, 'UTC')").as_deref(), Some("22004"));
    }
}

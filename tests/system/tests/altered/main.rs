//! Everything an owner may alter, one thing at a time, and then everything that can be called: an answer, or an error of the
//! README's list; no crash, no internal error, no place found that can't be booked and none given twice. What is altered is
//! read from the catalog (`harness.sql`), so new tables and columns are covered by themselves.
//!
//! A sample by seed (`SEED`, `ALTERATIONS`); all of it with `ALL=1` in the environment, which takes an hour or two, or as much
//! of it as can be had in so many `MINUTES`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use pg_clinic_system_tests::{Attempt, Chance, Database, Instance, Result, Server, ensure, fail};
use postgres::Client;

/// How many alterations a run tries unless told otherwise: half a minute of them.
const SAMPLE: usize = 100;

/// The owner of the database and its tables.
const OWNER: &str = "altering_owner";

/// One thing that an owner does to a table.
struct Alteration {
    kind: String,
    table: String,
    statements: Vec<String>,
}

/// What a call ended in.
struct Outcome {
    what: String,
    is_raw: bool,
    /// `done`, or SQLSTATE and message.
    text: String,
}

impl Outcome {
    fn sqlstate(&self) -> &str {
        self.text.split(' ').next().unwrap_or_default()
    }

    /// Whether it is an end that is promised.
    fn is_fine(&self, documented: &BTreeSet<String>) -> bool {
        let sqlstate = self.sqlstate();
        // PostgreSQL's own errors are all right for what PostgreSQL itself was asked.
        let is_damage = ["XX", "57P", "58", "08", "P999"].iter().any(|class| sqlstate.starts_with(class));
        sqlstate == "done" || documented.contains(sqlstate) || (self.is_raw && !is_damage)
    }
}

/// What the runs ended in, added up.
#[derive(Default)]
struct Tally {
    alterations: BTreeMap<String, usize>,
    impossible: usize,
    calls: usize,
    sqlstates: BTreeMap<String, usize>,
    /// Ends that aren't promised, with an alteration that leads there and how often.
    faults: BTreeMap<String, (String, usize)>,
    /// Alterations that change an answer and that check_clinic() doesn't list.
    unlisted: Vec<String>,
}

#[test]
fn anything_may_be_altered() -> Result {
    let instance = Instance::empty(&Server::from_env()?, "altered_things", &[])?;
    let database = clinic(&instance)?;
    let documented = documented_sqlstates()?;
    let mut client = database.connect_as(OWNER)?;
    let has_every_function = client.query(
        "select p.proname::text from pg_proc p
         join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
         join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_clinic'
         where p.prorettype <> 'trigger'::regtype and proname not in (select name from test.call)",
        &[],
    )?;
    ensure!(
        has_every_function.is_empty(),
        "harness.sql calls no {:?}",
        has_every_function[0].get::<_, &str>(0)
    );

    let baseline = outcomes(&mut client, "bookings")?;
    let baseline: BTreeMap<_, _> =
        baseline.iter().map(|o| (o.what.clone(), o.sqlstate().to_owned())).collect();
    let alterations = chosen(&mut client)?;
    let (began, minutes) = (Instant::now(), number("MINUTES"));
    let mut tally = Tally::default();
    for (number, alteration) in alterations.iter().enumerate() {
        // Most of them in a session whose plans and verdicts are from before.
        if number % 8 == 7 {
            client = database.connect_as(OWNER)?;
        }
        if number % 100 == 99 {
            writeln!(std::io::stderr(), "{} of {}", number + 1, alterations.len())?;
        }
        if minutes.is_some_and(|minutes| began.elapsed().as_secs() >= 60 * minutes) {
            break;
        }
        tally.attempt(&mut client, alteration, &documented, &baseline).map_err(|error| {
            format!("{} ({}): {error}", alteration.kind, alteration.statements.join("; "))
        })?;
    }
    let log = instance.log()?;
    let deaths = log.lines().filter(|line| line.contains("terminated by signal") || line.contains("PANIC"));
    let deaths: Vec<_> = deaths.collect();
    // Not println!, which is shown of tests that fail only.
    writeln!(std::io::stderr(), "\n{}", tally.report())?;
    ensure!(deaths.is_empty(), "{deaths:?}");
    ensure!(tally.faults.is_empty(), "{} kinds of ends that aren't promised", tally.faults.len());
    ensure!(tally.unlisted.is_empty(), "check_clinic() doesn't list {:#?}", tally.unlisted);
    Ok(())
}

/// A clinic with something in every feature, whose owner is no superuser, and what is called in it.
fn clinic(instance: &Instance) -> Result<Database> {
    let server = &instance.server;
    server.administer(&format!("create role {OWNER} login"))?;
    let database = server.database("altered_things")?;
    server.administer(&format!("alter database {} owner to {OWNER}", database.name))?;
    let mut client = database.with_extension()?;
    // Tables of another database, which is this one.
    client.batch_execute(&format!(
        "create extension postgres_fdw;
         create server loopback foreign data wrapper postgres_fdw
           options (host '{}', port '{}', dbname '{}');
         grant usage on foreign server loopback to {OWNER};
         create user mapping for {OWNER} server loopback options (user '{OWNER}', password_required 'false')",
        server.socket_directory.display(),
        server.port,
        database.name
    ))?;
    let mut client = database.connect_as(OWNER)?;
    client.batch_execute(include_str!("clinic.sql"))?;
    client.batch_execute(include_str!("harness.sql"))?;
    Ok(database)
}

/// The SQLSTATEs of the table in the README's section Errors.
fn documented_sqlstates() -> Result<BTreeSet<String>> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"))?;
    let errors = readme.split("\n## ").find(|section| section.starts_with("Errors")).unwrap_or_default();
    let rows = errors.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let found: BTreeSet<_> = rows
        .flat_map(|cell| cell.split(", ").map(|code| code.replace('`', "")))
        .filter(|code| code.len() == 5)
        .collect();
    ensure!(found.len() > 10, "the README's errors: {found:?}");
    Ok(found)
}

/// A number of the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The alterations to try: all, or some of each kind by a seed.
fn chosen(client: &mut Client) -> Result<Vec<Alteration>> {
    let rows = client.query("select kind, tab, change from test.alterations() order by 1, 2, 3", &[])?;
    let mut kinds: BTreeMap<String, Vec<Alteration>> = BTreeMap::new();
    for row in &rows {
        let alteration = Alteration { kind: row.get(0), table: row.get(1), statements: row.get(2) };
        kinds.entry(alteration.kind.clone()).or_default().push(alteration);
    }
    let seed = number("SEED").unwrap_or(12);
    let wanted = match number("ALL") {
        Some(_) => rows.len(),
        None => number("ALTERATIONS").map_or(SAMPLE, |wanted| wanted as usize),
    };
    writeln!(std::io::stderr(), "\na sample of {wanted} of {} alterations, seed {seed}", rows.len())?;
    let mut chance = Chance::new(seed);
    let mut chosen = Vec::new();
    while chosen.len() < wanted && !kinds.is_empty() {
        for left in kinds.values_mut() {
            let last = left.len() as i64 - 1;
            chosen.push(left.swap_remove(chance.between(0, last) as usize));
        }
        kinds.retain(|_, left| !left.is_empty());
    }
    Ok(chosen)
}

fn outcomes(client: &mut Client, table: &str) -> Result<Vec<Outcome>> {
    let rows = client.query("select what, is_raw, outcome from test.outcomes($1)", &[&table])?;
    Ok(rows.iter().map(|row| Outcome { what: row.get(0), is_raw: row.get(1), text: row.get(2) }).collect())
}

impl Tally {
    /// Makes an alteration, calls everything, and takes both back.
    fn attempt(
        &mut self,
        client: &mut Client,
        alteration: &Alteration,
        documented: &BTreeSet<String>,
        baseline: &BTreeMap<String, String>,
    ) -> Result {
        client.batch_execute("begin")?;
        for statement in &alteration.statements {
            if let Err(error) = client.batch_execute(statement) {
                if error.as_db_error().is_none() {
                    return Err(error.into());
                }
                self.impossible += 1;
                client.batch_execute("rollback")?;
                return Ok(());
            }
        }
        *self.alterations.entry(alteration.kind.clone()).or_default() += 1;
        let mut differing = Vec::new();
        for outcome in outcomes(client, &alteration.table)? {
            self.calls += 1;
            *self.sqlstates.entry(outcome.sqlstate().to_owned()).or_default() += 1;
            let was = baseline.get(&outcome.what).filter(|was| !outcome.is_raw && *was != outcome.sqlstate());
            differing.extend(was.map(|was| format!("{}: {was} is {}", outcome.what, outcome.text)));
            if !outcome.is_fine(documented) {
                let fault = format!("{}: {}: {}", alteration.kind, outcome.what, outcome.text);
                let example = alteration.statements.join("; ");
                let (_, count) = self.faults.entry(fault.clone()).or_insert_with(|| (example.clone(), 0));
                *count += 1;
                if *count == 1 {
                    // A long run says at once what it finds.
                    writeln!(std::io::stderr(), "NOT PROMISED: {fault}\n    after {example}")?;
                }
            }
        }
        // A trigger of the app's own may do anything; what it does isn't seen.
        let is_the_apps = alteration.kind == "function as trigger";
        if !differing.is_empty() && !is_the_apps && listed(client)? == 0 {
            let example = alteration.statements.join("; ");
            writeln!(std::io::stderr(), "NOT LISTED: {example}\n    changes {differing:#?}")?;
            self.unlisted.push(example);
        }
        client.batch_execute("rollback")?;
        Ok(())
    }

    fn report(&self) -> String {
        let mut text = String::new();
        let made: usize = self.alterations.values().sum();
        let _ = writeln!(
            text,
            "{made} alterations of {} kinds ({} weren't possible), {} calls",
            self.alterations.len(),
            self.impossible,
            self.calls
        );
        for (kind, count) in &self.alterations {
            let _ = writeln!(text, "  {count:5} {kind}");
        }
        for (sqlstate, count) in &self.sqlstates {
            let _ = writeln!(text, "  {count:7} ended in {sqlstate}");
        }
        for (fault, (_, count)) in &self.faults {
            let _ = writeln!(text, "  {count:7} times {fault}");
        }
        text
    }
}

/// How many things check_clinic() lists; that there is no clinic at all counts as one.
fn listed(client: &mut Client) -> Result<i64> {
    match client.query_one("select count(*) from check_clinic()", &[]).outcome()? {
        Ok(row) => Ok(row.get(0)),
        Err(refusal) if refusal.sqlstate == "PC003" => Ok(1),
        Err(refusal) => fail!("check_clinic(): {refusal:?}"),
    }
}

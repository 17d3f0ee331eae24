//! Nonsense by seed, in a database of its own beside the clients': arguments of every function, rows that no constraint would
//! let in, and altered tables. Whatever comes, the answer is an error with a SQLSTATE of its own, and the backend lives. All is
//! rolled back.
//!
//! Which nonsense each column, argument and object meets one at a time is in tests/system; here they meet at random.

use std::collections::BTreeMap;
use std::time::Instant;

use pg_clinic_system_tests::{Chance, Database, Refusal, Result, ensure};
use postgres::Client;

use super::verbs::{self, Step};

/// What was tried, and what should never be answered.
#[derive(Default)]
pub struct Fuzzed {
    /// Statements by SQLSTATE, `ok` among them.
    pub ends: BTreeMap<String, usize>,
    /// A message of class XX, how often, and what it took.
    internal: BTreeMap<String, (usize, String)>,
}

impl Fuzzed {
    /// No answer was an internal error.
    pub fn verdict(&self) -> Result {
        let told: Vec<_> = self
            .internal
            .iter()
            .map(|(message, (count, sql))| format!("{count} × {message}, as by\n{sql}"))
            .collect();
        ensure!(told.is_empty(), "{}", told.join("\n\n"));
        Ok(())
    }
}

/// What there is to fuzz, in an order that the catalog decides.
struct Catalog {
    /// Names and types of arguments of functions.
    functions: Vec<(String, Vec<String>)>,
    /// Tables, their columns and the columns' types.
    columns: Vec<(String, String, String)>,
    /// Statements that alter something.
    alterations: Vec<String>,
}

fn catalog(client: &mut Client) -> Result<Catalog> {
    let texts = |rows: Vec<postgres::Row>| rows.iter().map(|row| row.get(0)).collect();
    let functions = client.query(
        "select p.oid::regproc::text, array(select format_type(t, null) from unnest(p.proargtypes) with ordinality a (t, n) order by n)
         from pg_proc p join pg_depend d on d.objid = p.oid and d.deptype = 'e'
         join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_clinic'
         where p.prorettype <> 'trigger'::regtype order by 1",
        &[],
    )?;
    let columns = client.query(
        "select c.oid::regclass::text, quote_ident(a.attname), format_type(a.atttypid, null)
         from pg_attribute a join pg_class c on c.oid = a.attrelid
         where c.relnamespace = 'clinic'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not attisdropped
           and a.attgenerated = '' order by 1, 2",
        &[],
    )?;
    let alterations = client.query(
        "select format('alter table %s drop constraint %I cascade', conrelid::regclass, conname) from pg_constraint
           where connamespace = 'clinic'::regnamespace and conrelid <> 0
         union all select format('alter table %s alter %I drop not null', attrelid::regclass, attname)
           from pg_attribute a join pg_class c on c.oid = a.attrelid
           where relnamespace = 'clinic'::regnamespace and relkind = 'r' and attnum > 0 and attnotnull
         union all select format('alter table %s rename %I to renamed', attrelid::regclass, attname)
           from pg_attribute a join pg_class c on c.oid = a.attrelid
           where relnamespace = 'clinic'::regnamespace and relkind = 'r' and attnum > 0
         union all select format('alter table %s drop %I cascade', attrelid::regclass, attname)
           from pg_attribute a join pg_class c on c.oid = a.attrelid
           where relnamespace = 'clinic'::regnamespace and relkind = 'r' and attnum > 0
         union all select format('alter table %s alter %I drop expression', attrelid::regclass, attname)
           from pg_attribute a join pg_class c on c.oid = a.attrelid
           where relnamespace = 'clinic'::regnamespace and relkind = 'r' and attgenerated <> ''
         union all select format('alter table %s alter %I type %s using null', attrelid::regclass, attname, t)
           from pg_attribute a join pg_class c on c.oid = a.attrelid, unnest('{text,integer,numeric,jsonb}'::text[]) t
           where relnamespace = 'clinic'::regnamespace and relkind = 'r' and attnum > 0 and attgenerated = ''
         union all select format('drop trigger %I on %s', tgname, tgrelid::regclass)
           from pg_trigger t join pg_class c on c.oid = tgrelid
           where relnamespace = 'clinic'::regnamespace and not tgisinternal
         union all select format('drop index %s', indexrelid::regclass)
           from pg_index i join pg_class c on c.oid = indexrelid
           where relnamespace = 'clinic'::regnamespace and not exists (select from pg_constraint where conindid = indexrelid)
         union all select format('alter index %s rename to renamed_idx', indexrelid::regclass)
           from pg_index i join pg_class c on c.oid = indexrelid where relnamespace = 'clinic'::regnamespace
         union all select format('alter table %s rename to renamed', oid::regclass) from pg_class
           where relnamespace = 'clinic'::regnamespace and relkind = 'r'
         order by 1",
        &[],
    )?;
    Ok(Catalog {
        functions: functions.iter().map(|row| (row.get(0), row.get(1))).collect(),
        columns: columns.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect(),
        alterations: texts(alterations),
    })
}

/// A value of a type that nobody would give, or somebody might.
fn value(chance: &mut Chance, of: &str) -> String {
    let choices: &[&str] = match of {
        "bigint" | "integer" => {
            &["0", "-1", "1", "1", "2", "3", "2147483647", "-2147483648", "9223372036854775807", "null"]
        }
        "text" => {
            &["''", "' '", "'Visit'", "'x'", "repeat('x', 100000)", "E'\\u00e4\\n%s\\\\'", "'booked'", "null"]
        }
        "date" => &[
            "current_date",
            "current_date + 3",
            "'infinity'",
            "'-infinity'",
            "'1999-12-30'",
            "'4713-01-01 BC'",
            "'2199-12-31'",
            "null",
        ],
        "timestamp with time zone" => &[
            "now()",
            "test.at(3, '10:00')",
            "test.at(3, '10:00')",
            "'infinity'",
            "'-infinity'",
            "'1900-01-01'",
            "'294276-01-01'",
            "null",
        ],
        "time without time zone" => &["'00:00'", "'24:00'", "'12:34:56.789'", "null"],
        "interval" => &["'0'", "'-1 day'", "'1 microsecond'", "'178000000 years'", "'1 hour'", "null"],
        "boolean" => &["true", "false", "null"],
        "double precision" => &["'NaN'", "'infinity'", "'-infinity'", "0.05", "1e-300", "-1", "null"],
        "jsonb" => &[
            "'{}'",
            "'[]'",
            "'null'",
            "'{\"load_balance\": 1e400}'",
            "(repeat('[', 200) || repeat(']', 200))::jsonb",
            "'{\"a\": [null, {}]}'",
            "null",
        ],
        "bigint[]" | "integer[]" => {
            &["'{}'", "'{1}'", "'{null}'", "'{1,2,3}'", "'{{1},{2}}'", "'[5:5]={1}'", "null"]
        }
        "timestamp with time zone[]" => {
            &["'{}'", "'{infinity}'", "array[test.at(3, '10:00')]", "'{null}'", "null"]
        }
        "text[]" => &["'{}'", "'{surgery}'", "'{null}'", "'{{a},{b}}'", "null"],
        "tstzrange" => &[
            "'empty'",
            "'(,)'",
            "'[,infinity)'",
            "tstzrange(test.at(3, '10:00'), null)",
            "tstzrange(test.at(3, '10:00'), test.at(3, '11:00'), '(]')",
            "null",
        ],
        "regrole" => &["'postgres'", "0", "null"],
        _ => &["null"],
    };
    format!("({})::{of}", chance.one_of(choices))
}

impl Catalog {
    fn call(&self, chance: &mut Chance) -> String {
        let (name, types) = chance.one_of(&self.functions);
        let arguments: Vec<_> = types.iter().map(|of| value(chance, of)).collect();
        format!("select * from {name}({})", arguments.join(", "))
    }

    /// What of one try.
    fn statements(&self, chance: &mut Chance, step: Step) -> Vec<String> {
        let mut statements = match chance.between(1, 4) {
            1 | 2 => vec![self.call(chance), self.call(chance)],
            3 => {
                let (table, column, of) = chance.one_of(&self.columns);
                let value = value(chance, of);
                vec![
                    format!(
                        "do $$ declare name text; begin
                           for name in select conname from pg_constraint where conrelid = '{table}'::regclass and contype in ('c', 'f', 'x') loop
                             execute format('alter table {table} drop constraint %I cascade', name);
                           end loop; end $$"
                    ),
                    format!("alter table {table} alter {column} drop not null"),
                    format!("set local session_replication_role = replica"),
                    format!("update {table} set {column} = {value}"),
                    format!("set local session_replication_role = origin"),
                ]
            }
            _ => (0..chance.between(1, 2)).map(|_| chance.one_of(&self.alterations).clone()).collect(),
        };
        for _ in 0..3 {
            statements.push((verbs::any(chance).sql)(chance, step));
        }
        statements.push(self.call(chance));
        statements
    }
}

/// Fuzzes until it is time, through whatever befalls the server.
pub fn fuzz(database: &Database, seed: u64, until: Instant) -> Result<Fuzzed> {
    let mut chance = Chance::new(seed.wrapping_mul(1_000).wrapping_add(500));
    let catalog = catalog(&mut database.connect()?)?;
    let (mut fuzzed, mut session) = (Fuzzed::default(), None);
    for number in 0.. {
        if Instant::now() >= until {
            break;
        }
        let statements = catalog.statements(&mut chance, Step { client: 99, number });
        let mut client = match session.take().filter(|client: &Client| !client.is_closed()) {
            Some(client) => client,
            None => match connect(database, until) {
                Some(client) => client,
                None => break,
            },
        };
        attempt(&mut client, &statements, &mut fuzzed);
        session = Some(client);
    }
    Ok(fuzzed)
}

fn connect(database: &Database, until: Instant) -> Option<Client> {
    loop {
        if Instant::now() >= until {
            return None;
        }
        if let Ok(mut client) = database.connect()
            && client.batch_execute("set client_min_messages = warning; set statement_timeout = '5s'").is_ok()
        {
            return Some(client);
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Each statement in a savepoint of its own, all rolled back.
fn attempt(client: &mut Client, statements: &[String], fuzzed: &mut Fuzzed) {
    if client.batch_execute("begin").is_err() {
        return;
    }
    for (index, statement) in statements.iter().enumerate() {
        let end = match client.simple_query(&format!("savepoint s; {statement}")) {
            Ok(_) => "ok".to_owned(),
            Err(error) => match Refusal::of(&error) {
                Some(refusal) => {
                    if refusal.sqlstate.starts_with("XX") {
                        let so_far = statements[..=index].join(";\n");
                        let message = format!("{} {}", refusal.sqlstate, refusal.message);
                        fuzzed.internal.entry(message).or_insert((0, so_far)).0 += 1;
                    }
                    refusal.sqlstate
                }
                None => "lost".to_owned(),
            },
        };
        let is_ok = end == "ok";
        *fuzzed.ends.entry(end).or_default() += 1;
        if !is_ok && client.batch_execute("rollback to s").is_err() {
            return;
        }
    }
    client.batch_execute("rollback").ok();
}

//! Whether a table still has what functions and triggers rely on: constraints that keep bookings apart, indexes read without
//! a planner, triggers that fill in and record. The tables are their owner's to alter, and a guarantee that was lost by
//! accident is to be said at the first write, not found in double bookings later.
//!
//! A verdict on a table costs some milliseconds. It is kept for the session, until PostgreSQL says that the table or one of
//! its indexes has changed.

mod relied;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use pg_clinic_core::shipped::{self, Kind, Thing};
use pgrx::pg_sys;

use super::error::{ClinicError, Result, SqlState};
use super::rows::row;
use super::session;
use super::shipped::pinned;
use super::spi::{self, Access, Spi, param, statements};
pub use relied::Need;

statements! {
    /// What a table has.
    OF_TABLE(OIDOID) = include_str!("../../../sql/shipped/of_table.sql");
    /// The schema of the extension's functions.
    EXTENSION_SCHEMA() =
        "select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
         where e.extname = 'pg_clinic'";
}

row! {
    struct FoundRow {
        kind: Kind as "the catalog",
        name: String,
        definition: String,
        state: Option<String>,
        oid: Option<pg_sys::Oid>,
    }
}

/// What a table of ours lacks.
#[derive(Debug)]
pub struct Verdict {
    table: &'static str,
    /// The table and its indexes.
    relations: Vec<pg_sys::Oid>,
    /// Its indexes that are as shipped.
    indexes: Vec<(&'static str, pg_sys::Oid)>,
    /// What it is: `table`, if all is well.
    shape: String,
    faults: Vec<Fault>,
}

/// A thing that isn't as shipped.
#[derive(Debug)]
struct Fault {
    thing: Thing,
    what: What,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Missing,
    Altered,
    NotValid,
    Disabled,
}

impl What {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "is missing",
            Self::Altered => "was altered",
            Self::NotValid => "isn't valid",
            Self::Disabled => "is disabled",
        }
    }
}

thread_local! {
    /// Verdicts that still hold.
    static VERDICTS: RefCell<HashMap<&'static str, Rc<Verdict>>> = RefCell::new(HashMap::new());
    /// Tables that were looked up, until one of them changes.
    static TABLES: RefCell<HashMap<&'static str, pg_sys::Oid>> = RefCell::new(HashMap::new());
    /// Counts the changes that made a verdict void, from 1.
    static GENERATION: Cell<u64> = const { Cell::new(1) };
}

/// Has every statement's tables looked at, and is told of their changes. Called once, when the library is loaded.
pub fn register() {
    spi::guard_statements(check);
    // SAFETY: the callbacks live as long as the library, which is never unloaded.
    unsafe {
        pg_sys::CacheRegisterRelcacheCallback(Some(forget_relation), pg_sys::Datum::from(0));
        let cache = pg_sys::SysCacheIdentifier::NAMESPACEOID as i32;
        pg_sys::CacheRegisterSyscacheCallback(cache, Some(forget_schema), pg_sys::Datum::from(0));
    }
}

/// Refuses a statement that names a table which lacks what is needed. Tables are found in its text, where they stand as
/// `clinic.<table>`.
fn check(sql: &str, found_well: &Cell<u64>) -> Result<()> {
    let now = GENERATION.get();
    if found_well.get() == now {
        return Ok(());
    }
    for (before, after) in sql.match_indices("clinic.").map(|(at, _)| sql.split_at(at)) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = after.trim_start_matches("clinic.");
        let name = &name[..name.find(|c| !is_name(c)).unwrap_or(name.len())];
        if before.ends_with(is_name) {
            continue;
        }
        let writes =
            ["insert into", "update", "delete from"].iter().any(|verb| before.trim_end().ends_with(verb));
        require(name, if writes { Need::Write } else { Need::Read })?;
    }
    found_well.set(now);
    Ok(())
}

/// Makes the verdicts void that are `about` what has changed. Called in the midst of PostgreSQL's bookkeeping: it looks
/// nothing up.
fn forget(about: impl Fn(&Verdict) -> bool) {
    let any = VERDICTS.with_borrow_mut(|verdicts| {
        let before = verdicts.len();
        verdicts.retain(|_, verdict| !about(verdict));
        verdicts.len() < before
    });
    if any {
        GENERATION.set(GENERATION.get() + 1);
    }
}

/// Told of each change of a relation; of all where messages were lost.
#[pgrx::pg_guard]
unsafe extern "C-unwind" fn forget_relation(_argument: pg_sys::Datum, relation: pg_sys::Oid) {
    TABLES.with_borrow_mut(|tables| {
        let is_meant = |table: &pg_sys::Oid| relation == pg_sys::InvalidOid || *table == relation;
        if tables.values().any(is_meant) {
            tables.clear();
        }
    });
    forget(|verdict| relation == pg_sys::InvalidOid || verdict.relations.contains(&relation));
}

/// Told of each change of a schema: another one may be called clinic now.
#[pgrx::pg_guard]
unsafe extern "C-unwind" fn forget_schema(_argument: pg_sys::Datum, _cache: i32, _hash: u32) {
    TABLES.with_borrow_mut(HashMap::clear);
    forget(|_| true);
}

/// The verdict on a table of schema clinic, by its name; none where it isn't there.
pub fn verdict(table: &str) -> Result<Option<Rc<Verdict>>> {
    match VERDICTS.with_borrow(|verdicts| verdicts.get(table).cloned()) {
        Some(verdict) => Ok(Some(verdict)),
        None => spi::connect(|spi| judge(spi, table)),
    }
}

/// Refuses where a table lacks what is needed. A table that isn't there is left to the statement that reads it.
pub fn require(table: &str, need: Need) -> Result<()> {
    if !relied::matters(need, table) {
        return Ok(());
    }
    verdict(table)?.map_or(Ok(()), |verdict| verdict.require(need))
}

fn judge(spi: &Spi, table: &str) -> Result<Option<Rc<Verdict>>> {
    let Some(table) = relied::known(table) else { return Ok(None) };
    let since = GENERATION.get();
    let Some(relation) = relation(table) else { return Ok(None) };
    // SAFETY: a plain function of the backend. In parallel mode there is no newer snapshot to be had.
    let is_parallel = unsafe { pg_sys::IsInParallelMode() };
    let read = || pinned(|| spi.rows::<FoundRow>(&OF_TABLE, Access::Snapshot, &[param(relation)]));
    let found = if is_parallel { read() } else { session::with_latest_snapshot(read) }?;
    let schema: Option<String> = spi.value(&EXTENSION_SCHEMA, Access::Snapshot, &[])?;
    let verdict = Rc::new(Verdict::new(table, relation, &found, &schema.unwrap_or_default()));
    if GENERATION.get() == since && !is_parallel {
        VERDICTS.with_borrow_mut(|verdicts| verdicts.insert(table, Rc::clone(&verdict)));
    }
    Ok(Some(verdict))
}

/// A table of schema clinic, looked up once until it changes: for what is asked at every question.
pub fn table(name: &'static str) -> Option<pg_sys::Oid> {
    if let Some(oid) = TABLES.with_borrow(|tables| tables.get(name).copied()) {
        return Some(oid);
    }
    let oid = relation(name)?;
    TABLES.with_borrow_mut(|tables| tables.insert(name, oid));
    Some(oid)
}

/// A relation of schema clinic, whatever it is.
pub fn relation(name: &str) -> Option<pg_sys::Oid> {
    let name = std::ffi::CString::new(name).ok()?;
    // SAFETY: catalog look-ups by NUL-terminated names.
    let oid = unsafe {
        let schema = pg_sys::get_namespace_oid(c"clinic".as_ptr(), true);
        if schema == pg_sys::InvalidOid {
            return None;
        }
        pg_sys::get_relname_relid(name.as_ptr(), schema)
    };
    (oid != pg_sys::InvalidOid).then_some(oid)
}

impl Verdict {
    fn new(table: &'static str, relation: pg_sys::Oid, found: &[FoundRow], extension_schema: &str) -> Self {
        let what = |thing: &Thing| {
            let row = found.iter().find(|row| row.kind == thing.kind && row.name == thing.name());
            let Some(row) = row else { return Some(What::Missing) };
            match row.state.as_deref() {
                _ if row.definition != thing.definition(extension_schema) => Some(What::Altered),
                None => None,
                Some("disabled") => Some(What::Disabled),
                Some(_) => Some(What::NotValid),
            }
        };
        let mut verdict = Self {
            table,
            relations: found.iter().filter_map(|row| row.oid).chain([relation]).collect(),
            indexes: Vec::new(),
            shape: found
                .iter()
                .find(|row| row.kind == Kind::Table)
                .map_or("missing", |row| &row.definition)
                .to_owned(),
            faults: Vec::new(),
        };
        let judged = [Kind::Constraint, Kind::Index, Kind::NotNull, Kind::Trigger];
        let things = shipped::things().iter().filter(|thing| thing.table() == table);
        for thing in things.filter(|thing| judged.contains(&thing.kind)).copied() {
            let index = found.iter().find(|row| row.name == thing.name() && row.oid.is_some());
            match (what(&thing), index.and_then(|row| row.oid)) {
                (Some(what), _) => verdict.faults.push(Fault { thing, what }),
                (None, Some(index)) => verdict.indexes.push((thing.name(), index)),
                (None, None) => (),
            }
        }
        verdict
    }

    /// Refuses where the table lacks what is needed.
    pub fn require(&self, need: Need) -> Result<()> {
        let table = format!("clinic.{}", self.table);
        if self.shape != "table" {
            let message = format!("{table} is a {}: it must be an ordinary table", self.shape);
            return Err(ClinicError::new(SqlState::SetUp, message)
                .hint("Put the table back that init_clinic() made, under its name and with what it had."));
        }
        let relied = |fault: &&Fault| relied::is_relied_on(need, fault.thing, fault.what);
        let faults: Vec<_> = self.faults.iter().filter(relied).collect();
        let [first, others @ ..] = &faults[..] else { return Ok(()) };
        let message = format!("{} of {table} {}", first.name(), first.what.as_str());
        let error = ClinicError::new(SqlState::SetUp, message)
            .hint("select upgrade_clinic() puts back what is missing, select * from check_clinic() says what was altered or switched off");
        let others = others.iter().map(|fault| format!("{} {}", fault.name(), fault.what.as_str()));
        let others = others.collect::<Vec<_>>().join(", ");
        Err(if others.is_empty() { error } else { error.detail(format!("Besides, {others}.")) })
    }

    /// An index of the table that is as shipped.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<pg_sys::Oid> {
        let is_table = self.shape == "table";
        self.indexes.iter().find(|(found, _)| is_table && *found == name).map(|(_, index)| *index)
    }
}

impl Fault {
    fn name(&self) -> String {
        match self.thing.kind {
            Kind::NotNull => format!("NOT NULL of column {}", self.thing.name()),
            kind => format!("{} {}", kind.as_str(), self.thing.name()),
        }
    }
}

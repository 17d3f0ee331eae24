//! The record that fairness remembers: who had which shift in the weeks before some dates, and who could have had it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::ids::StaffId;
use pg_clinic_core::roster::debt::Debt;
use pg_clinic_core::roster::ledger::{Member, Past, debts};
use pg_clinic_core::roster::problem::Preference;
use pg_clinic_core::roster::settings::Rules;
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::Instant;

use super::{RosterQuery, people, work, zone};
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, param, statements};

statements! {
    /// How long fairness remembers, and how much.
    MEMORY(INT8OID) = "select fairness_weeks, debt_cap from clinic.clinics where id = $1";
    /// When each person was entered.
    ENTERED(INT8OID, INT8ARRAYOID) = "select id, created_at from clinic.staff where clinic_id = $1 and id = any ($2)";
}

row! {
    /// A clinic's memory.
    struct MemoryRow {
        fairness_weeks: i32,
        debt_cap: i32,
    }
}

row! {
    /// When a person was entered.
    struct EnteredRow {
        id: i64,
        created_at: Instant,
    }
}

/// The record of some dates, and the people who may have shares of it.
pub struct Remembered {
    /// The people, by id.
    pub members: Vec<Member>,
    /// The shifts that somebody worked.
    pub past: Vec<Past>,
}

/// What people are owed before some dates, of all that the rules balance.
pub fn owed(
    spi: &Spi,
    opened: &Opened,
    rules: &Rules,
    preferences: &[Preference],
    from: NaiveDate,
    access: Access,
) -> Result<Vec<Debt>> {
    let counted = rules.balanced();
    if counted.is_empty() {
        return Ok(Vec::new());
    }
    let row: Option<MemoryRow> = spi.row(&MEMORY, access, &[param(opened.clinic)])?;
    let (weeks, cap) = row.map_or((0, 0), |row| (i64::from(row.fairness_weeks), i64::from(row.debt_cap)));
    if weeks == 0 || cap == 0 {
        return Ok(Vec::new());
    }
    let Remembered { members, past } =
        remembered(spi, opened, add_days(from, -7 * weeks), add_days(from, -1), access)?;
    Ok(debts(&members, &past, preferences, &counted, cap))
}

/// Reads the record of some dates.
pub fn remembered(
    spi: &Spi,
    opened: &Opened,
    from: NaiveDate,
    to: NaiveDate,
    access: Access,
) -> Result<Remembered> {
    let zone = zone(opened, (from, to))?;
    let query = RosterQuery::record(from, to, access);
    let read =
        work::Reader { spi, clinic: opened.clinic, access, zone: &zone, query: &query, window: (from, to) };
    let past = read.past()?;
    if past.is_empty() {
        return Ok(Remembered { members: Vec::new(), past });
    }
    let mentioned: BTreeSet<i64> = past.iter().flat_map(|row| &row.staff).map(|staff| staff.0).collect();
    let reader = people::Reader { spi, clinic: opened.clinic, access, zone: &zone, query: &query };
    let staff = reader.staff(&mentioned)?;
    let ids: Vec<i64> = staff.iter().map(|person| person.id.0).collect();
    let entered: Vec<EnteredRow> = spi.rows(&ENTERED, access, &[param(opened.clinic), param(ids)])?;
    let member = |staff: pg_clinic_core::roster::problem::Staff| {
        let entered = entered.iter().find(|row| StaffId(row.id) == staff.id);
        let entered = entered.map(|row| zone.local_date(row.created_at)).filter(|date| *date <= to);
        let first = past.iter().filter(|row| row.staff.contains(&staff.id)).map(|row| row.shift.date).min();
        // Who was entered later than the record goes was there before; so was who worked before.
        let joined = entered.map(|date| first.map_or(date, |first| first.min(date)));
        Member { staff, joined }
    };
    Ok(Remembered { members: staff.into_iter().map(member).collect(), past })
}

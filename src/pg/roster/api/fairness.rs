//! fairness: who had what of the record, beside what was fair.

use pg_clinic_core::roster::catalog::RuleKind;
use pg_clinic_core::roster::debt::{Counted, UNIT};
use pg_clinic_core::roster::ledger::{Matches, accounts};
use pg_clinic_core::time::calendar::add_days;
use pgrx::pg_sys;

use super::record::unknown_kind;
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, check_period};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::{Required, Rows, signatures};
use crate::pg::platform::spi::{self, Access};
use crate::pg::platform::sql_types::{Bigint, Date, DoublePrecision, Integer, Text};
use crate::pg::roster::load::ledger::remembered;
use crate::pg::roster::load::preferences;

sql_functions! {
    pg_clinic_fairness, pg_finfo_pg_clinic_fairness => fairness;
}

signatures! {
    /// Arguments of `fairness`.
    Fairness = fairness(
        from_date: Required<Date>, to_date: Date = null, rule_kind: Text = "load_balance", shift_kind: Text = null,
        clinic_id: Bigint = null,
    ) -> table FairnessRow {
        staff_id: Bigint, staff_name: Text, contract_percent: Integer, worked: Bigint, fair_share: DoublePrecision,
        debt: DoublePrecision,
    };
}

/// Days by default: a week.
const DEFAULT_DAYS: i64 = 7;

fn fairness(args: &Args) -> Result<pg_sys::Datum> {
    let Fairness { from_date: from, to_date, rule_kind, shift_kind, clinic_id } = Fairness::read(args)?;
    let to = to_date.unwrap_or_else(|| add_days(from, DEFAULT_DAYS - 1));
    check_period(from, to, "Ask for a shorter period, several times.")?;
    let name = rule_kind.unwrap_or_else(|| RuleKind::LoadBalance.to_string());
    let counted = match RuleKind::parse(&name).ok_or_else(|| unknown_kind(&name))? {
        RuleKind::LoadBalance => Counted::Shifts(shift_kind),
        RuleKind::PreferenceDebt if shift_kind.is_none() => Counted::Matches,
        RuleKind::PreferenceDebt => {
            return Err(ClinicError::new(
                SqlState::InvalidArgument,
                "preference_debt is about no shift_kind",
            ));
        }
        kind => {
            return Err(ClinicError::new(SqlState::InvalidArgument, format!("{kind} keeps no account"))
                .hint("There are those of load_balance and preference_debt."));
        }
    };
    let mut rows = Rows::<FairnessRow>::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Snapshot)?;
        let preferences = preferences(spi, opened.clinic, Access::Snapshot)?;
        let record = remembered(spi, &opened, from, to, Access::Snapshot)?;
        let accounts = accounts(&record.members, &record.past, &Matches::new(&preferences), &counted);
        for member in &record.members {
            let Some(account) = accounts.get(&member.staff.id) else { continue };
            rows.push(FairnessRow {
                staff_id: member.staff.id.0.into(),
                staff_name: member.staff.name.as_str().into(),
                contract_percent: member.staff.contract_percent.into(),
                worked: (account.worked / UNIT).into(),
                fair_share: hundredths(account.share).into(),
                debt: hundredths(account.debt()).into(),
            });
        }
        Ok(())
    })?;
    Ok(rows.done())
}

/// Units, to two decimals.
fn hundredths(parts: i64) -> f64 {
    let hundredths = (parts as f64 * 100.0 / UNIT as f64).round() / 100.0;
    // No minus before zero.
    hundredths + 0.0
}

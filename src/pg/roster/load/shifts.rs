//! The rows that shifts are generated from: weekly templates and time off.

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::TimeOff;
use pg_clinic_core::ids::{ProviderId, ShiftTemplateId};
use pg_clinic_core::roster::templates::ShiftTemplate;
use pg_clinic_core::time::calendar::{WallTime, add_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY};
use pg_clinic_core::time::windows::WeeklyWindow;
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::{OpenDate, row};
use crate::pg::platform::spi::{Access, Spi, param, statements};
use crate::pg::slots::load::rows;

statements! {
    /// Templates, but those of disabled providers, by id.
    TEMPLATES(INT8OID) =
        "select t.id, t.provider_id, t.day_of_week, t.start_time, t.end_time, t.valid_from, t.valid_until
         from clinic.shift_templates t
         left join clinic.providers p on p.clinic_id = t.clinic_id and p.id = t.provider_id
         where t.clinic_id = $1 and (t.provider_id is null or p.enabled)
         order by t.id";
}

row! {
    /// A template.
    struct TemplateRow {
        id: i64,
        provider_id: Option<i64>,
        day_of_week: i32,
        start_time: WallTime,
        end_time: WallTime,
        valid_from: OpenDate,
        valid_until: OpenDate,
    }
}

/// The templates and time off of some dates.
pub struct Planned {
    /// The clinic's time zone, exact near the dates.
    pub zone: Zone,
    /// Templates by id, without those of disabled providers.
    pub templates: Vec<ShiftTemplate>,
    /// Time off that can concern a shift which starts on one of the dates.
    pub time_off: Vec<TimeOff>,
}

/// Loads it for the dates `from` to `to`.
pub fn planned(spi: &Spi, opened: &Opened, from: NaiveDate, to: NaiveDate) -> Result<Planned> {
    let midnight = |date: NaiveDate| Instant(i64::from(date_to_pg_days(date)) * MICROS_PER_DAY);
    let zone = opened.settings(midnight(from), midnight(to))?.zone;
    // A shift ends on the next date at the latest.
    let (lo, hi) = (zone.day_start(from), zone.day_end(add_days(to, 1)));
    let time_off = rows::time_off(spi, opened.clinic, Access::Latest, lo, hi)?;
    Ok(Planned { zone, templates: templates(spi, opened.clinic)?, time_off })
}

fn templates(spi: &Spi, clinic: i64) -> Result<Vec<ShiftTemplate>> {
    let rows: Vec<TemplateRow> = spi.rows(&TEMPLATES, Access::Latest, &[param(clinic)])?;
    let templates = rows.into_iter().map(|row| ShiftTemplate {
        id: ShiftTemplateId(row.id),
        provider: row.provider_id.map(ProviderId),
        window: WeeklyWindow {
            day_of_week: row.day_of_week as u8,
            start: row.start_time,
            end: row.end_time,
            valid_from: row.valid_from.0,
            valid_until: row.valid_until.0,
        },
    });
    Ok(templates.collect())
}

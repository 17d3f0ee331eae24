//! What shifts are generated from: weekly templates and time off.

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::TimeOff;
use pg_clinic_core::ids::{ProviderId, ShiftTemplateId};
use pg_clinic_core::roster::templates::ShiftTemplate;
use pg_clinic_core::time::calendar::{add_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY};
use pg_clinic_core::time::windows::WeeklyWindow;
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::Result;
use crate::pg::platform::spi::{Access, Spi, param, statements};
use crate::pg::platform::values::{open_date, wall_time};
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

/// What decides which shifts there are to be.
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
    spi.query(&TEMPLATES, Access::Latest, &[param(clinic)], |row| {
        Ok(ShiftTemplate {
            id: ShiftTemplateId(row.get(0)?),
            provider: row.opt(1)?.map(ProviderId),
            window: WeeklyWindow {
                day_of_week: row.get::<i32>(2)? as u8,
                start: wall_time(row, 3)?,
                end: wall_time(row, 4)?,
                valid_from: open_date(row, 5)?,
                valid_until: open_date(row, 6)?,
            },
        })
    })
}

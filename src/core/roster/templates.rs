//! Which shifts weekly templates make. Knows nothing of the shifts there are already.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::booking::clinic::{TimeOff, TimeOffScope};
use crate::ids::{ProviderId, ShiftTemplateId};
use crate::reports::openings::time_off_of;
use crate::time::calendar::{add_days, count_days};
use crate::time::interval::{Span, covers};
use crate::time::windows::WeeklyWindow;
use crate::time::zone::Zone;

/// `clinic.shift_templates`, as far as it decides when there is a shift.
#[derive(Clone, Copy, Debug)]
pub struct ShiftTemplate {
    /// Its id.
    pub id: ShiftTemplateId,
    /// The provider whose session it is, if one.
    pub provider: Option<ProviderId>,
    /// When.
    pub window: WeeklyWindow,
}

/// A shift to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewShift {
    /// From which template.
    pub template: ShiftTemplateId,
    /// On which date.
    pub date: NaiveDate,
    /// From when to when.
    pub during: Span,
}

/// The shifts of the dates `from..=to`, by date and template. None where the clinic or the provider is off all the time,
/// nor where the clocks skip it.
#[must_use]
pub fn shifts(
    zone: &Zone,
    templates: &[ShiftTemplate],
    time_off: &[TimeOff],
    from: NaiveDate,
    to: NaiveDate,
) -> Vec<NewShift> {
    let mut off = BTreeMap::new();
    for template in templates {
        off.entry(template.provider).or_insert_with(|| {
            time_off_of(time_off, template.provider.map_or(TimeOffScope::Clinic, TimeOffScope::Provider))
        });
    }
    let dates = (0..count_days(from, to) as i64).map(|day| add_days(from, day));
    let on_date = |date: NaiveDate| {
        let off = &off;
        templates.iter().filter(move |template| template.window.holds_on(date)).filter_map(move |template| {
            let during = zone.window_span(date, template.window.start, template.window.end)?;
            let is_off = off.get(&template.provider).is_some_and(|off| covers(off, during));
            (!is_off).then_some(NewShift { template: template.id, date, during })
        })
    };
    dates.flat_map(on_date).collect()
}

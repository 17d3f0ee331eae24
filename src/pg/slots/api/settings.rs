//! effective_settings: which setting holds, and why.

use pg_clinic_core::booking::effective::{Asked, effective};
use pg_clinic_core::time::calendar::date_to_pg_days;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY};
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::Result;
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::signatures::{Bigint, Boolean, Date, Rows, Text, signatures};
use crate::pg::platform::spi::{self, Access};
use crate::pg::platform::{clinic, session};
use crate::pg::slots::load::hours::{self, Dates};
use crate::pg::slots::load::{Providers, check_dates, overbooking_rules, resources, rows, types};

sql_functions! {
    pg_clinic_effective_settings, pg_finfo_pg_clinic_effective_settings => effective_settings;
}

signatures! {
    /// Arguments of `effective_settings`.
    EffectiveSettings = effective_settings(
        provider_id: Bigint = null, appointment_type_id: Bigint = null, room_id: Bigint = null, clinic_id: Bigint = null,
        on_date: Date = null,
    ) -> table EffectiveSetting { setting: Text, value: Text, wins: Boolean, source: Text };
}

fn effective_settings(args: &Args) -> Result<pg_sys::Datum> {
    let query = EffectiveSettings::read(args)?;
    let mut answer = Rows::<EffectiveSetting>::new(args);
    let access = Access::Snapshot;
    let said = spi::connect(|spi| {
        let opened = clinic::open(spi, query.clinic_id, access)?;
        let (id, now) = (opened.clinic, session::now());
        let today = opened.today(now)?;
        let on_date = query.on_date.unwrap_or(today);
        check_dates(on_date, on_date)?;
        let dates = Dates { from: on_date, to: on_date };
        let kind = query.appointment_type_id.map(|kind| types::any_type(spi, id, &TypeKey::Id(kind), access));
        let providers = query
            .provider_id
            .map(|provider| resources::providers(spi, id, &Providers::one(provider), access, dates));
        let rooms = query.room_id.map(|room| resources::rooms(spi, id, Some(&[room]), access));
        let (kind, providers, mut rooms) = (kind.transpose()?, providers.transpose()?, rooms.transpose()?);
        if let Some(rooms) = &mut rooms {
            hours::of_rooms(spi, id, access, rooms)?;
        }
        // The zone is needed on the date, too.
        let there = Instant(i64::from(date_to_pg_days(on_date)) * MICROS_PER_DAY);
        Ok(effective(&Asked {
            on_date,
            settings: &opened.settings(there.min(now), there.max(now))?,
            appointment_type: kind.as_ref(),
            provider: providers.as_ref().and_then(|rows| rows.first()),
            room: rooms.as_ref().and_then(|rows| rows.first()),
            overbooking_rules: &overbooking_rules(spi, id, access)?,
            scoring_profiles: &rows::scoring_profiles(spi, id, access)?,
        }))
    })?;
    for row in said {
        answer.push(EffectiveSetting {
            setting: row.setting.as_str().into(),
            value: row.value.as_str().into(),
            wins: row.wins.into(),
            source: row.source.to_string().into(),
        });
    }
    Ok(answer.done())
}

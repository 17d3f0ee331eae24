//! Which settings hold for appointments of a type with a provider in a room, where each comes from, and which it beats. The
//! narrowest that is set wins, each setting for itself; rules and profiles win as a whole.

mod opening;

use std::fmt;

use chrono::NaiveDate;

use crate::booking::clinic::{
    AppointmentType, ClinicSettings, OverbookingRule, Provider, Room, ScoringProfile, Weights,
};
use crate::booking::terms::OwnTerms;
use crate::ids::{AppointmentTypeId, ProviderId, RoomId};
use crate::rules::cascade::{Column, by_specificity};
use crate::time::interval::Minutes;
use crate::words;

words! {
    /// The settings, in the order of the answer. Times of a date are local, as `09:00-12:00, 13:00-17:00`, or `closed`.
    pub enum Setting {
        /// Whether the provider does the type.
        IsDone = "is_done",
        /// When the provider is open for it on the date, in the room.
        Opening = "opening",
        /// When the type takes place on the date, whoever does it.
        TypeHours = "type_hours",
        /// When the room is open on the date.
        RoomHours = "room_hours",
        /// Whether the type needs a room.
        NeedsRoom = "needs_room",
        /// How long an appointment takes.
        Duration = "duration_minutes",
        /// Distance between slot starts.
        SlotStep = "slot_step_minutes",
        /// Where the grid begins.
        SlotAlignment = "slot_alignment",
        /// A slot starts at least so many minutes after now.
        MinimumNotice = "minimum_notice_minutes",
        /// A slot's date is at most so many days after today.
        BookingHorizon = "booking_horizon_days",
        /// The provider's time before an appointment.
        Before = "before_minutes",
        /// The provider's time after it, unless the buffer is longer.
        After = "after_minutes",
        /// The provider's buffer.
        Buffer = "buffer_minutes",
        /// The room's time before an appointment.
        RoomBefore = "room_before_minutes",
        /// The room's time after it, unless the turnover is longer.
        RoomAfter = "room_after_minutes",
        /// The room's turnover.
        Turnover = "turnover_minutes",
        /// Most normal bookings of the provider on a date.
        DailyCap = "max_daily_appointments",
        /// Most overbooked bookings of the provider on a date.
        MaxOverbook = "max_overbook",
        /// Whether overbooked slots come last.
        OverbookedLast = "overbooked_last",
        /// Weight of the preferred time of day.
        PreferenceWeight = "preference_weight",
        /// Weight of a compact day.
        CompactnessWeight = "compactness_weight",
        /// Weight of the provider staying in a room.
        RoomWeight = "room_weight",
        /// Weight of not being overbooked.
        OverbookingWeight = "overbooking_weight",
        /// Weight of the provider whom the patient saw last.
        ContinuityWeight = "continuity_weight",
        /// Weight of the provider with the least booked week.
        LoadWeight = "load_weight",
    }
}

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// No row says anything.
    BuiltIn,
    /// What another setting says.
    As(Setting),
    /// A row of `clinic.clinics`.
    Clinic,
    /// A row of `clinic.providers`.
    Provider(ProviderId),
    /// A row of `clinic.rooms`.
    Room(RoomId),
    /// The rows of a room in `clinic.room_availability`.
    RoomHours(RoomId),
    /// A row of `clinic.appointment_types`.
    Type(AppointmentTypeId),
    /// A row of `clinic.provider_types`; `None` = the rows of other providers.
    ProviderType(Option<ProviderId>, AppointmentTypeId),
    /// A row of a table whose most specific row wins.
    Rule(&'static str, Option<ProviderId>, Option<AppointmentTypeId>),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (table, provider, kind) = match *self {
            Self::BuiltIn => return write!(f, "built-in"),
            Self::As(setting) => return write!(f, "as {setting}"),
            Self::Room(room) => return write!(f, "rooms: room {room}"),
            Self::RoomHours(room) => return write!(f, "room_availability: room {room}"),
            Self::Clinic => ("clinics", None, None),
            Self::Provider(provider) => ("providers", Some(provider), None),
            Self::Type(kind) => ("appointment_types", None, Some(kind)),
            Self::ProviderType(provider, kind) => ("provider_types", provider, Some(kind)),
            Self::Rule(table, provider, kind) => (table, provider, kind),
        };
        match (provider, kind) {
            (None, None) => write!(f, "{table}: the clinic"),
            (Some(provider), None) => write!(f, "{table}: provider {provider}"),
            (None, Some(kind)) => write!(f, "{table}: appointment type {kind}"),
            (Some(provider), Some(kind)) => {
                write!(f, "{table}: provider {provider}, appointment type {kind}")
            }
        }
    }
}

/// What one place says of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The setting.
    pub setting: Setting,
    /// Its value, as the table writes it.
    pub value: String,
    /// Who says so.
    pub source: Source,
    /// Whether that is what holds.
    pub wins: bool,
}

/// What the settings are asked for. What is left out matches only settings that leave it open too.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The date, for what is open on it.
    pub on_date: NaiveDate,
    /// The clinic's.
    pub settings: &'a ClinicSettings,
    /// The type.
    pub appointment_type: Option<&'a AppointmentType>,
    /// The provider.
    pub provider: Option<&'a Provider>,
    /// The room.
    pub room: Option<&'a Room>,
    /// Enabled overbooking rules.
    pub overbooking_rules: &'a [OverbookingRule],
    /// Scoring profiles.
    pub scoring_profiles: &'a [ScoringProfile],
}

/// Everything that is said of each setting: what holds first, then what it beats.
#[must_use]
pub fn effective(asked: &Asked<'_>) -> Vec<Said> {
    let mut said = Vec::new();
    for setting in Setting::ALL {
        let all = asked.all(setting).into_iter().filter_map(|(source, value)| Some((source, value?)));
        said.extend(all.enumerate().map(|(nth, (source, value))| Said {
            setting,
            value,
            source,
            wins: nth == 0,
        }));
    }
    said
}

type Candidate = (Source, Option<String>);

impl Asked<'_> {
    /// Who could say something of a setting, the narrowest first.
    fn all(&self, setting: Setting) -> Vec<Candidate> {
        let clinic = |value: String| vec![(Source::Clinic, Some(value))];
        let minutes = |minutes: Minutes| minutes.0.to_string();
        let none = || (Source::BuiltIn, self.appointment_type.map(|_| "0".to_owned()));
        let own = |own: fn(&OwnTerms) -> Option<i32>| self.own(own);
        let or_as = |mut own: Vec<Candidate>, other: Setting| {
            let same = self.all(other).into_iter().find_map(|(_, value)| value);
            own.push((Source::As(other), same));
            own
        };
        match setting {
            Setting::IsDone => self.is_done().into_iter().collect(),
            Setting::Opening => self.opening(),
            Setting::TypeHours => self.type_hours(),
            Setting::RoomHours => self.room_hours(),
            Setting::NeedsRoom => {
                let of =
                    |kind: &AppointmentType| (Source::Type(kind.id), Some(kind.needs.is_some().to_string()));
                self.appointment_type.map(of).into_iter().collect()
            }
            Setting::Duration => self.duration(),
            Setting::SlotStep => {
                let own = own(|own| own.slot_step.map(|minutes| minutes.0));
                [own, clinic(minutes(self.settings.slot_step))].concat()
            }
            Setting::SlotAlignment => clinic(self.settings.slot_alignment.to_string()),
            Setting::MinimumNotice => {
                let own = own(|own| own.minimum_notice.map(|minutes| minutes.0));
                [own, clinic(minutes(self.settings.minimum_notice))].concat()
            }
            Setting::BookingHorizon => {
                [own(|own| own.booking_horizon_days), clinic(self.settings.booking_horizon_days.to_string())]
                    .concat()
            }
            Setting::Before => [own(|own| own.pauses.before.map(|minutes| minutes.0)), vec![none()]].concat(),
            Setting::After => [own(|own| own.pauses.after.map(|minutes| minutes.0)), vec![none()]].concat(),
            Setting::RoomBefore => {
                or_as(own(|own| own.pauses.room_before.map(|minutes| minutes.0)), Setting::Before)
            }
            Setting::RoomAfter => {
                or_as(own(|own| own.pauses.room_after.map(|minutes| minutes.0)), Setting::After)
            }
            Setting::Buffer => self.of_provider(|row| minutes(row.buffer)),
            Setting::DailyCap => self.of_provider(|row| row.max_daily_appointments.to_string()),
            Setting::Turnover => {
                let row =
                    self.room.and_then(|row| Some((Source::Room(row.id?), Some(minutes(row.turnover)))));
                row.into_iter().collect()
            }
            Setting::MaxOverbook => self.max_overbook(),
            Setting::OverbookedLast => clinic(self.settings.overbooked_last.to_string()),
            Setting::PreferenceWeight => self.weight(|weights| weights.preference),
            Setting::CompactnessWeight => self.weight(|weights| weights.compactness),
            Setting::RoomWeight => self.weight(|weights| weights.room),
            Setting::OverbookingWeight => self.weight(|weights| weights.overbooking),
            Setting::ContinuityWeight => self.weight(|weights| weights.continuity),
            Setting::LoadWeight => self.weight(|weights| weights.load),
        }
    }

    /// What is said of both, and of the type.
    fn own(&self, own: fn(&OwnTerms) -> Option<i32>) -> Vec<Candidate> {
        let Some(kind) = self.appointment_type else { return Vec::new() };
        let value = |terms: &OwnTerms| own(terms).map(|value| value.to_string());
        let of_both = self.provider.and_then(|provider| {
            let row = kind.with(provider.id)?;
            Some((Source::ProviderType(Some(provider.id), kind.id), value(&row.own)))
        });
        of_both.into_iter().chain([(Source::Type(kind.id), value(&kind.own))]).collect()
    }

    fn is_done(&self) -> Option<Candidate> {
        let (kind, provider) = (self.appointment_type?, self.provider?.id);
        let source = match kind.with(provider) {
            Some(_) => Source::ProviderType(Some(provider), kind.id),
            None if kind.providers.is_empty() => Source::BuiltIn,
            None => Source::ProviderType(None, kind.id),
        };
        Some((source, Some(kind.is_done_by(provider).to_string())))
    }

    fn duration(&self) -> Vec<Candidate> {
        let Some(kind) = self.appointment_type else { return Vec::new() };
        let value = |minutes: Minutes| minutes.0.to_string();
        let of_both = self.provider.and_then(|provider| {
            let row = kind.with(provider.id)?;
            Some((Source::ProviderType(Some(provider.id), kind.id), row.duration.map(value)))
        });
        of_both.into_iter().chain([(Source::Type(kind.id), Some(value(kind.duration)))]).collect()
    }

    fn of_provider(&self, value: impl Fn(&Provider) -> String) -> Vec<Candidate> {
        self.provider.map(|row| (Source::Provider(row.id), Some(value(row)))).into_iter().collect()
    }

    fn max_overbook(&self) -> Vec<Candidate> {
        let rules =
            by_specificity(self.overbooking_rules, |rule| self.scope(rule.provider, rule.appointment_type));
        let said = |rule: &OverbookingRule| {
            let source = Source::Rule("overbooking_rules", rule.provider, rule.appointment_type);
            (source, Some(rule.max_overbook.to_string()))
        };
        let built_in = (Source::BuiltIn, Some("0".to_owned()));
        rules.into_iter().map(said).chain([built_in]).collect()
    }

    fn weight(&self, weight: impl Fn(&Weights) -> f64) -> Vec<Candidate> {
        let profiles =
            by_specificity(self.scoring_profiles, |row| self.scope(row.provider, row.appointment_type));
        let said = |row: &ScoringProfile| {
            let source = Source::Rule("scoring_profiles", row.provider, row.appointment_type);
            (source, Some(weight(&row.weights).to_string()))
        };
        let built_in = (Source::BuiltIn, Some(weight(&Weights::BUILT_IN).to_string()));
        profiles.into_iter().map(said).chain([built_in]).collect()
    }

    fn scope(&self, provider: Option<ProviderId>, kind: Option<AppointmentTypeId>) -> [Column; 2] {
        [
            column(provider, self.provider.map(|row| row.id)),
            column(kind, self.appointment_type.map(|row| row.id)),
        ]
    }
}

/// A column of a rule where the value may not be asked for.
fn column<K: PartialEq>(filled: Option<K>, asked: Option<K>) -> Column {
    match (filled, asked) {
        (None, _) => Column::Empty,
        (Some(_), None) => Column::Differs,
        (filled, Some(asked)) => Column::of(filled, asked),
    }
}

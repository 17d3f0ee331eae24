//! What is said to hold is what the judge goes by.

use pg_clinic_core::booking::clinic::Weights;
use pg_clinic_core::booking::effective::{Asked, Said, Setting, effective};
use pg_clinic_core::booking::overbooking;
use pg_clinic_core::booking::score::weights_for;
use proptest::prelude::*;

use crate::clinics::{case, small_clinic};

fn winner(said: &[Said], setting: Setting) -> Option<&str> {
    let mut winners = said.iter().filter(|row| row.setting == setting && row.wins);
    let winner = winners.next().map(|row| row.value.as_str());
    assert_eq!(winners.next(), None, "one wins");
    winner
}

proptest! {
    #![proptest_config(crate::cases(512))]

    #[test]
    fn what_wins_is_what_holds(case in case()) {
        let clinic = &case.clinic;
        let kind = &clinic.appointment_type;
        for (index, provider) in clinic.providers.iter().enumerate() {
            let said = effective(&Asked {
                on_date: case.question.from,
                settings: &clinic.settings,
                appointment_type: Some(kind),
                provider: Some(provider),
                room: clinic.rooms.first(),
                overbooking_rules: &clinic.overbooking_rules,
                scoring_profiles: &clinic.scoring_profiles,
            });
            let (terms, settings) = (clinic.terms(index), &clinic.settings);
            let number = |setting| winner(&said, setting).expect("it is said").parse::<i32>().expect("a number");
            prop_assert_eq!(winner(&said, Setting::IsDone), Some(if kind.is_done_by(provider.id) { "true" } else { "false" }));
            prop_assert_eq!(number(Setting::Duration), terms.duration.0);
            prop_assert_eq!(number(Setting::SlotStep), terms.slot_step.0);
            prop_assert_eq!(number(Setting::MinimumNotice).max(settings.least_notice.0), terms.minimum_notice.0);
            prop_assert_eq!(number(Setting::BookingHorizon), terms.booking_horizon_days);
            prop_assert_eq!(number(Setting::Before), terms.provider.before.0);
            prop_assert_eq!(number(Setting::After).max(number(Setting::Buffer)), clinic.pauses(index).after.0);
            prop_assert_eq!(number(Setting::RoomBefore), terms.room.before.0);
            prop_assert_eq!(number(Setting::RoomAfter), terms.room.after.0);
            let limit = overbooking::limit(&clinic.overbooking_rules, provider.id, kind.id);
            prop_assert_eq!(number(Setting::MaxOverbook), limit);
            let weight = |setting| winner(&said, setting).expect("it is said").parse::<f64>().expect("a number");
            let weights = Weights {
                preference: weight(Setting::PreferenceWeight),
                compactness: weight(Setting::CompactnessWeight),
                room: weight(Setting::RoomWeight),
                overbooking: weight(Setting::OverbookingWeight),
                continuity: weight(Setting::ContinuityWeight),
                load: weight(Setting::LoadWeight),
            };
            prop_assert_eq!(weights.normalized(), weights_for(&clinic.scoring_profiles, provider.id, kind.id));
        }
    }
}

#[test]
fn without_type_provider_and_room_only_the_clinics_settings_are_said() {
    let clinic = small_clinic();
    let said = effective(&Asked {
        on_date: chrono::NaiveDate::from_ymd_opt(2026, 4, 13).expect("a date"),
        settings: &clinic.settings,
        appointment_type: None,
        provider: None,
        room: None,
        overbooking_rules: &[],
        scoring_profiles: &[],
    });
    let settings: Vec<_> = said.iter().map(|row| format!("{}: {}", row.setting, row.source)).collect();
    assert_eq!(
        settings,
        [
            "slot_step_minutes: clinics: the clinic",
            "slot_alignment: clinics: the clinic",
            "minimum_notice_minutes: clinics: the clinic",
            "booking_horizon_days: clinics: the clinic",
            "max_overbook: built-in",
            "overbooked_last: clinics: the clinic",
            "preference_weight: built-in",
            "compactness_weight: built-in",
            "room_weight: built-in",
            "overbooking_weight: built-in",
            "continuity_weight: built-in",
            "load_weight: built-in",
        ]
    );
}

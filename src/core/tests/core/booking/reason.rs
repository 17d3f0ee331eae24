use std::collections::BTreeSet;

use pg_clinic_core::booking::reason::{BookingKind, Code, CodeSet};

#[test]
fn every_code_has_a_name_of_its_own_and_a_meaning() {
    let names: BTreeSet<_> = Code::ALL.into_iter().map(Code::as_str).collect();
    assert_eq!(names.len(), Code::ALL.len());
    for code in Code::ALL {
        assert_eq!(Code::parse(code.as_str()), Some(code));
        assert!(!code.describe().is_empty() && !code.describe().contains('\n'));
    }
    assert_eq!(Code::parse("Closed"), None);
}

#[test]
fn codes_are_listed_in_their_order() {
    assert!(Code::ALL.is_sorted());
}

#[test]
fn these_codes_refuse_only_one_kind() {
    let refusing = |normal: bool, overbooked: bool| -> Vec<_> {
        let is_wanted = |code: &Code| {
            (code.refuses(BookingKind::Normal), code.refuses(BookingKind::Overbooked)) == (normal, overbooked)
        };
        Code::ALL.into_iter().filter(is_wanted).map(Code::as_str).collect()
    };
    assert_eq!(refusing(true, false), ["provider_busy", "session_full", "daily_cap"]);
    assert_eq!(refusing(false, true), ["overbook_cap", "overbook_overlap", "provider_free"]);
    assert_eq!(refusing(false, false), ["off_grid", "full", "no_room", "gap_too_short"]);
}

#[test]
fn a_set_refuses_what_one_of_its_codes_refuses() {
    for code in Code::ALL {
        let set = CodeSet::from_iter([code, Code::OffGrid]);
        for kind in [BookingKind::Normal, BookingKind::Overbooked] {
            assert_eq!(set.refuses(kind), code.refuses(kind));
        }
        assert!(set.contains(code) && !CodeSet::EMPTY.contains(code));
    }
}

use pg_clinic_core::booking::event::{Kind, Payload, Place, Version, kind};
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Minutes, Span};

/// 2026-04-13 09:00 to 09:30 UTC.
fn booking(status: Status) -> Version {
    let start = Instant(9_599 * MICROS_PER_DAY) + Minutes(9 * 60);
    Version {
        status,
        place: Place { provider: 3, room: 2, during: Span { start, end: start + Minutes(30) } },
        appointment_type: 1,
        is_overbooked: false,
        hold_expires_at: None,
        patient: [
            Some("P-17".to_owned()),
            Some("Ada Lovelace".to_owned()),
            Some("ada@example.org".to_owned()),
        ],
    }
}

fn hold() -> Version {
    let hold = booking(Status::Pending);
    Version { hold_expires_at: Some(hold.place.during.start - Minutes(5)), ..hold }
}

fn told(before: &Version, after: &Version) -> Option<&'static str> {
    kind(Some(before), Some(after)).map(Kind::as_str)
}

#[test]
fn every_kind_has_a_code_of_its_own() {
    for (index, kind) in Kind::ALL.into_iter().enumerate() {
        assert!(Kind::ALL[..index].iter().all(|other| other.as_str() != kind.as_str()), "{kind:?}");
    }
}

#[test]
fn an_insert_tells_its_status() {
    let told: Vec<_> = Status::ALL
        .into_iter()
        .map(|status| kind(None, Some(&booking(status))).map(Kind::as_str).unwrap_or_default())
        .collect();
    assert_eq!(
        told,
        [
            "changed",
            "held",
            "booked",
            "arrived",
            "checked-in",
            "fulfilled",
            "cancelled",
            "noshow",
            "changed",
            "deleted"
        ]
    );
}

#[test]
fn a_delete_is_always_told() {
    for status in Status::ALL {
        assert_eq!(kind(Some(&booking(status)), None), Some(Kind::Deleted));
    }
    assert_eq!(kind(None, None), None);
}

#[test]
fn every_change_of_status_is_told() {
    for before in Status::ALL {
        for after in Status::ALL.into_iter().filter(|after| *after != before) {
            assert!(told(&booking(before), &booking(after)).is_some(), "{before:?} to {after:?}");
        }
    }
}

#[test]
fn becoming_booked_depends_on_what_it_was() {
    let from: Vec<_> = Status::ALL
        .into_iter()
        .map(|before| told(&booking(before), &booking(Status::Booked)).unwrap_or("nothing"))
        .collect();
    assert_eq!(
        from,
        [
            "booked",
            "confirmed",
            "nothing",
            "changed",
            "changed",
            "changed",
            "booked",
            "booked",
            "booked",
            "booked"
        ]
    );
}

#[test]
fn a_hold_confirmed_elsewhere_is_confirmed() {
    let mut confirmed = booking(Status::Booked);
    confirmed.place.room = 9;
    assert_eq!(told(&hold(), &confirmed), Some("confirmed"));
}

#[test]
fn another_place_is_a_move_while_it_takes_time() {
    let moves: [fn(&mut Place); 3] = [
        |place| place.provider = 4,
        |place| place.room = 4,
        |place| place.during.end = place.during.end + Minutes(15),
    ];
    for change in moves {
        for status in Status::ALL {
            let before = booking(status);
            let mut after = before.clone();
            change(&mut after.place);
            let expected = if status.occupies() { "rescheduled" } else { "changed" };
            assert_eq!(told(&before, &after), Some(expected), "{status:?}");
        }
    }
}

#[test]
fn changes_worth_telling() {
    let changes: [fn(&mut Version); 6] = [
        |version| version.patient[0] = Some("P-18".to_owned()),
        |version| version.patient[1] = Some("Ada King".to_owned()),
        |version| version.patient[2] = None,
        |version| version.appointment_type = 2,
        |version| version.is_overbooked = true,
        |version| version.hold_expires_at = version.hold_expires_at.map(|at| at + Minutes(5)),
    ];
    for change in changes {
        let before = hold();
        let mut after = before.clone();
        change(&mut after);
        assert_eq!(told(&before, &after), Some("changed"), "{after:?}");
    }
}

#[test]
fn no_change_is_no_event() {
    for status in Status::ALL {
        assert_eq!(told(&booking(status), &booking(status)), None);
    }
}

fn payload(before: Option<&Version>, after: Option<&Version>) -> String {
    serde_json::to_string(&Payload::new(before, after)).unwrap()
}

#[test]
fn a_payload_tells_the_booking() {
    assert_eq!(
        payload(None, Some(&booking(Status::Booked))),
        r#"{"status":"booked","provider_id":3,"room_id":2,"start":"2026-04-13T09:00:00Z","end":"2026-04-13T09:30:00Z","appointment_type_id":1,"is_overbooked":false}"#
    );
    assert_eq!(
        payload(Some(&booking(Status::NoShow)), None),
        r#"{"status":"noshow","provider_id":3,"room_id":2,"start":"2026-04-13T09:00:00Z","end":"2026-04-13T09:30:00Z","appointment_type_id":1,"is_overbooked":false}"#
    );
    assert_eq!(payload(None, None), "null");
}

#[test]
fn a_payload_tells_what_was_different() {
    let mut moved = booking(Status::Booked);
    moved.place.provider = 4;
    assert_eq!(
        payload(Some(&hold()), Some(&moved)),
        r#"{"status":"booked","provider_id":4,"room_id":2,"start":"2026-04-13T09:00:00Z","end":"2026-04-13T09:30:00Z","appointment_type_id":1,"is_overbooked":false,"old_status":"pending","old_place":{"provider_id":3,"room_id":2,"start":"2026-04-13T09:00:00Z","end":"2026-04-13T09:30:00Z"}}"#
    );
    assert!(payload(None, Some(&hold())).contains(r#""hold_expires_at":"2026-04-13T08:55:00Z""#));
}

#[test]
fn a_payload_names_no_patient() {
    for (before, after) in
        [(None, Some(hold())), (Some(hold()), Some(booking(Status::Booked))), (Some(hold()), None)]
    {
        let payload = payload(before.as_ref(), after.as_ref());
        for secret in ["P-17", "Ada", "ada@"] {
            assert!(!payload.contains(secret), "{payload}");
        }
    }
}

use pg_clinic_core::booking::backfill::freed::{self, Freed, FreedCause};
use pg_clinic_core::booking::backfill::offer::{OfferStatus, WithdrawnReason};
use pg_clinic_core::booking::backfill::{Candidate, Source};
use pg_clinic_core::booking::event::{
    EventKind, FreedPayload, OfferPayload, Payload, Place, Suggestion, Version, kind, takes_place,
};
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Minutes, Span};

/// 2026-04-13 09:00 to 09:30 UTC.
fn booking(status: Status) -> Version {
    let start = Instant(9_599 * MICROS_PER_DAY) + Minutes(9 * 60);
    Version {
        status,
        place: Place { provider: 3, room: Some(2), during: Span { start, end: start + Minutes(30) } },
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

fn reported(before: &Version, after: &Version) -> Option<&'static str> {
    kind(Some(before), Some(after)).map(EventKind::as_str)
}

#[test]
fn every_kind_has_a_code_of_its_own() {
    for (index, kind) in EventKind::ALL.into_iter().enumerate() {
        assert!(EventKind::ALL[..index].iter().all(|other| other.as_str() != kind.as_str()), "{kind:?}");
    }
}

#[test]
fn an_insert_reports_its_status() {
    let reported: Vec<_> = Status::ALL
        .into_iter()
        .map(|status| kind(None, Some(&booking(status))).map(EventKind::as_str).unwrap_or_default())
        .collect();
    assert_eq!(
        reported,
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
fn a_delete_is_always_reported() {
    for status in Status::ALL {
        assert_eq!(kind(Some(&booking(status)), None), Some(EventKind::Deleted));
    }
    assert_eq!(kind(None, None), None);
}

#[test]
fn every_change_of_status_is_reported() {
    for before in Status::ALL {
        for after in Status::ALL.into_iter().filter(|after| *after != before) {
            assert!(reported(&booking(before), &booking(after)).is_some(), "{before:?} to {after:?}");
        }
    }
}

#[test]
fn becoming_booked_depends_on_what_it_was() {
    let from: Vec<_> = Status::ALL
        .into_iter()
        .map(|before| reported(&booking(before), &booking(Status::Booked)).unwrap_or("nothing"))
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
    confirmed.place.room = Some(9);
    assert_eq!(reported(&hold(), &confirmed), Some("confirmed"));
}

#[test]
fn another_place_is_a_move_while_it_takes_time() {
    let moves: [fn(&mut Place); 3] = [
        |place| place.provider = 4,
        |place| place.room = Some(4),
        |place| place.during.end = place.during.end + Minutes(15),
    ];
    for change in moves {
        for status in Status::ALL {
            let before = booking(status);
            let mut after = before.clone();
            change(&mut after.place);
            let expected = if status.occupies() { "rescheduled" } else { "changed" };
            assert_eq!(reported(&before, &after), Some(expected), "{status:?}");
        }
    }
}

#[test]
fn other_changes_that_are_reported() {
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
        assert_eq!(reported(&before, &after), Some("changed"), "{after:?}");
    }
}

#[test]
fn no_change_is_no_event() {
    for status in Status::ALL {
        assert_eq!(reported(&booking(status), &booking(status)), None);
    }
}

#[test]
fn a_place_is_taken_by_who_was_not_there() {
    let elsewhere = |status| {
        let mut version = booking(status);
        version.place.room = Some(9);
        version
    };
    for status in Status::ALL {
        let after = booking(status);
        assert_eq!(takes_place(None, Some(&after)), status.occupies());
        assert!(!takes_place(Some(&after), None));
        for before in Status::ALL {
            let is_new = status.occupies() && !before.occupies();
            assert_eq!(takes_place(Some(&booking(before)), Some(&after)), is_new, "{before} {status}");
            assert_eq!(takes_place(Some(&elsewhere(before)), Some(&after)), status.occupies());
        }
    }
}

fn payload(before: Option<&Version>, after: Option<&Version>) -> String {
    serde_json::to_string(&Payload::new(before, after)).unwrap()
}

#[test]
fn a_payload_has_the_booking() {
    assert_eq!(
        payload(None, Some(&booking(Status::Booked))),
        r#"{"status":"booked","provider_id":3,"room_id":2,"slot_start":"2026-04-13T09:00:00Z","slot_end":"2026-04-13T09:30:00Z","appointment_type_id":1,"is_overbooked":false}"#
    );
    assert_eq!(
        payload(Some(&booking(Status::NoShow)), None),
        r#"{"status":"noshow","provider_id":3,"room_id":2,"slot_start":"2026-04-13T09:00:00Z","slot_end":"2026-04-13T09:30:00Z","appointment_type_id":1,"is_overbooked":false}"#
    );
    assert_eq!(payload(None, None), "null");
}

#[test]
fn a_payload_has_what_was_different() {
    let mut moved = booking(Status::Booked);
    moved.place.provider = 4;
    assert_eq!(
        payload(Some(&hold()), Some(&moved)),
        r#"{"status":"booked","provider_id":4,"room_id":2,"slot_start":"2026-04-13T09:00:00Z","slot_end":"2026-04-13T09:30:00Z","appointment_type_id":1,"is_overbooked":false,"old_status":"pending","old_place":{"provider_id":3,"room_id":2,"slot_start":"2026-04-13T09:00:00Z","slot_end":"2026-04-13T09:30:00Z"}}"#
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

fn reads_back<T>(document: &T)
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let json = serde_json::to_value(document).unwrap();
    assert_eq!(&serde_json::from_value::<T>(json).unwrap(), document);
}

#[test]
fn documents_read_back() {
    for before in [None, Some(hold()), Some(booking(Status::Cancelled))] {
        for after in [None, Some(hold()), Some(booking(Status::Booked))] {
            if let Some(payload) = Payload::new(before.as_ref(), after.as_ref()) {
                reads_back(&payload);
            }
        }
    }
    let waiting_since = Instant(1);
    let candidate =
        Candidate { source: Source::EarlierTime, id: 4, distance_days: 1, priority: 0, waiting_since };
    reads_back(&Suggestion::new(&candidate, Some(4), Some(17)));
    reads_back(&OfferPayload {
        offer_id: 5,
        freed_place_id: 3,
        source: Source::Waitlist,
        slot_start: waiting_since,
        slot_end: waiting_since + Minutes(30),
        expires_at: waiting_since,
        withdrawn_reason: Some(WithdrawnReason::Filled),
    });
}

#[test]
fn a_freed_places_payload_says_who_could_take_it() {
    let before = freed::Version {
        clinic: 1,
        booking: 7,
        provider: 3,
        room: Some(2),
        appointment_type: 1,
        session: None,
        is_overbooked: false,
        during: booking(Status::Booked).place.during,
        status: Status::Booked,
        hold_expires_at: None,
    };
    let place = Freed { before, during: before.during, cause: FreedCause::Moved };
    let json = serde_json::to_value(FreedPayload::new(5, &place, None)).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "freed_place_id": 5, "cause": "moved", "provider_id": 3, "room_id": 2, "slot_start": "2026-04-13T09:00:00Z",
            "slot_end": "2026-04-13T09:30:00Z", "appointment_type_id": 1, "is_overbooked": false
        })
    );
    let mut json = json;
    json["candidates"] = serde_json::json!([
        { "source": "waitlist", "waitlist_id": 4, "former_booking_id": null, "score": 1.0 }
    ]);
    let read: FreedPayload = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), json);
    json["candidates"][0]["source"] = "friend".into();
    let error = serde_json::from_value::<FreedPayload>(json).unwrap_err().to_string();
    assert!(error.contains("\"friend\" is none of waitlist, earlier_time, own_cancellation"), "{error}");
}

#[test]
fn an_offers_event_has_the_word_of_its_status() {
    for status in OfferStatus::ALL {
        assert_eq!(EventKind::of_offer(status).as_str(), status.as_str());
    }
}

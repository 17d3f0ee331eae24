//! Stored JSON: what is written reads back, and what can't be read is an error.

use crate::rounds::cases::plan;
use pg_clinic_core::ids::*;
use pg_clinic_core::rounds::*;
use proptest::prelude::*;
use serde_json::json;

use super::cases::*;

#[test]
fn a_trace_is_short_and_has_the_start_of_the_chosen_once() {
    let workers = vec![worker(1, 1, 60), worker(2, 1, 90), worker(3, 1, 20)];
    let planned = plan(&day(vec![area(1)], workers, vec![visit(1, 1, 30)]));
    let text = serde_json::to_string(&planned.trace[0].documents()).expect("JSON");
    assert_eq!(
        text,
        "[{\"staff_id\":1,\"remaining_minutes\":60,\"starts_at\":\"2000-01-01T06:00:00Z\",\"travel_minutes\":0,\
         \"cost\":{\"remaining_capacity\":30}},\
         {\"staff_id\":2,\"remaining_minutes\":90,\"travel_minutes\":0},\
         {\"staff_id\":3,\"remaining_minutes\":20,\"rule_kind\":\"capacity_exceeded\"}]"
    );
}

#[test]
fn an_unreadable_trace_says_why() {
    let chosen = Decision::Chosen(placement(1, 1, 0));
    let read = |document: serde_json::Value| {
        let documents: Vec<ConsideredDocument> =
            serde_json::from_value(json!([document])).map_err(|error| error.to_string())?;
        VisitTrace::of_documents(VisitId(1), chosen, documents)
    };
    assert!(read(json!({"staff_id": 1, "remaining_minutes": 5, "travel_minutes": 0})).is_ok());
    let error = |document| read(document).expect_err("an error");
    assert_eq!(
        error(json!({"staff_id": 2, "remaining_minutes": 5, "travel_minutes": 0})),
        "worker 2 has no starts_at"
    );
    let neither = "worker 1 must have either rule_kind or travel_minutes";
    assert_eq!(error(json!({"staff_id": 1, "remaining_minutes": 5})), neither);
    let unknown = error(json!({"staff_id": 1, "remaining_minutes": 5, "rule_kind": "tired"}));
    assert!(unknown.starts_with("\"tired\" is none of access_not_approved, "), "{unknown}");
    let old = error(json!({"staff_id": 1, "remaining": 5, "reason": "not_free"}));
    assert!(old.starts_with("unknown field `re"), "{old}");
    let time = json!({"staff_id": 2, "remaining_minutes": 5, "travel_minutes": 0, "starts_at": "noon"});
    assert_eq!(error(time), "\"noon\" is no instant of RFC 3339");
}

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn stored_plans_read_back(day in any_day_with_locks()) {
        let plan = plan(&day);
        for trace in &plan.trace {
            let text = serde_json::to_string(&trace.documents()).expect("JSON");
            let documents = serde_json::from_str(&text).expect("documents");
            prop_assert_eq!(&VisitTrace::of_documents(trace.visit, trace.decision, documents), &Ok(trace.clone()));
        }
        for row in &plan.exceptions {
            let text = serde_json::to_string(&row.context("why".to_owned())).expect("JSON");
            let context = serde_json::from_str(&text).expect("a context");
            prop_assert_eq!(&Exception::of_context(row.visit, row.client, row.kind, context), row);
        }
    }
}

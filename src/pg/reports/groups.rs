//! The argument `group_by` of reports, and the ids that go with it.

use pg_clinic_core::reports::groups::GroupBy;

use crate::pg::platform::error::{ClinicError, Result, SqlState};

/// The argument `group_by`, one of those that the report knows.
pub(super) fn group_of(word: Option<String>, default: GroupBy, known: &[GroupBy]) -> Result<GroupBy> {
    let Some(word) = word else { return Ok(default) };
    GroupBy::parse(&word).filter(|group| known.contains(group)).ok_or_else(|| {
        invalid("group_by is nothing that the report has rows for")
            .detail(format!("It is \"{word}\"."))
            .hint(format!("It can be {}.", GroupBy::list_of(known)))
    })
}

/// The argument `group_by` of a report on opening time, which is that of providers, or that of rooms; the ids must be of
/// those.
pub(super) fn whose_openings(
    word: Option<String>,
    known: &[GroupBy],
    provider: Option<i64>,
    room: Option<i64>,
) -> Result<GroupBy> {
    match (group_of(word, GroupBy::Provider, known)?, provider, room) {
        (GroupBy::Provider, _, Some(_)) => Err(invalid("room_id needs group_by => 'room'")),
        (GroupBy::Room, Some(_), _) => Err(invalid("provider_id needs group_by => 'provider'")),
        (_, Some(_), Some(_)) => Err(invalid("provider_id and room_id can't be given together")),
        (group_by, ..) => Ok(group_by),
    }
}

fn invalid(message: &str) -> ClinicError {
    ClinicError::new(SqlState::InvalidArgument, message)
}

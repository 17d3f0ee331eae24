//! Which row a name means.

/// Finds `wanted` among names that equal it at least without regard to case: the exact one, else the only one.
///
/// # Errors
/// [`Ambiguous`] where several differ from it in case only.
pub fn by_name<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<Option<usize>, Ambiguous> {
    let names: Vec<&str> = names.into_iter().collect();
    match (names.iter().position(|name| *name == wanted), names.len()) {
        (Some(exact), _) => Ok(Some(exact)),
        (None, 0) => Ok(None),
        (None, 1) => Ok(Some(0)),
        (None, _) => Err(Ambiguous),
    }
}

/// Several rows have the name but for case, and none has it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ambiguous;

/// The id that a text of digits may have been meant as.
#[must_use]
pub fn id_in(name: &str) -> Option<i64> {
    name.bytes().all(|byte| byte.is_ascii_digit()).then(|| name.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{Ambiguous, by_name, id_in};

    #[test]
    fn an_exact_name_wins() {
        assert_eq!(by_name("Checkup", ["CHECKUP", "Checkup"]), Ok(Some(1)));
    }

    #[test]
    fn the_only_one_is_found_whatever_its_case() {
        assert_eq!(by_name("checkup", ["Checkup"]), Ok(Some(0)));
        assert_eq!(by_name("checkup", []), Ok(None));
    }

    #[test]
    fn several_are_ambiguous() {
        assert_eq!(by_name("checkup", ["Checkup", "CHECKUP"]), Err(Ambiguous));
    }

    #[test]
    fn digits_may_be_an_id() {
        assert_eq!(id_in("7"), Some(7));
        assert_eq!(id_in("7a"), None);
        assert_eq!(id_in(""), None);
        assert_eq!(id_in("99999999999999999999"), None);
    }
}

//! Who is the same patient.

/// A patient as rows name one: by the app's key, else by name and contact together. Whoever has a key is never the same as one
/// without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Patient {
    /// The app's key.
    Key(String),
    /// Name and contact.
    Reached {
        /// The name.
        name: String,
        /// How to reach the patient.
        contact: String,
    },
}

impl Patient {
    /// The patient of a row; `None` where it can't be said who else is the same: there is neither key nor contact.
    #[must_use]
    pub fn of(key: Option<&str>, name: Option<&str>, contact: Option<&str>) -> Option<Self> {
        match (key, name, contact) {
            (Some(key), _, _) => Some(Self::Key(key.to_owned())),
            (None, Some(name), Some(contact)) => {
                Some(Self::Reached { name: name.to_owned(), contact: contact.to_owned() })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Patient;

    #[test]
    fn a_key_decides_else_name_and_contact() {
        let same = |a: [Option<&str>; 3], b: [Option<&str>; 3]| {
            let [a, b] = [a, b].map(|[key, name, contact]| Patient::of(key, name, contact));
            a.is_some() && a == b
        };
        let (ann, tel, other) = (Some("Ann"), Some("tel. 1"), Some("tel. 2"));
        assert!(same([Some("1"), ann, tel], [Some("1"), Some("Anne"), None]));
        assert!(same([None, ann, tel], [None, ann, tel]));
        assert!(!same([None, ann, tel], [None, ann, other]));
        assert!(!same([None, ann, tel], [None, Some("Anne"), tel]));
        assert!(!same([Some("1"), ann, tel], [None, ann, tel]));
        assert!(!same([None, ann, None], [None, ann, None]));
        assert!(!same([None, None, tel], [None, None, tel]));
    }
}

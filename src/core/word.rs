//! Fixed lists of words: what a column, an argument or a JSON key may say. One macro writes the enum, its list, both
//! directions of the conversion and its JSON form, so that no list stands twice and no unknown word becomes a known one.

use std::fmt;

/// An enum whose variants are words that users write and read. Made by [`words!`](crate::words).
pub trait Word: Copy + Sized + 'static {
    /// Every variant, in the order in which people read them.
    const WORDS: &'static [Self];

    /// The word.
    fn word(self) -> &'static str;

    /// The variant of a word, if there is one. Case matters.
    #[must_use]
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().copied().find(|variant| variant.word() == word)
    }

    /// All words, for a message: `assign, forbid, keep`.
    #[must_use]
    fn list() -> String {
        Self::WORDS.iter().map(|variant| variant.word()).collect::<Vec<_>>().join(", ")
    }
}

/// Text that may become a [`Word`], or no word where NULL is allowed.
pub trait ReadWord: Sized {
    /// The value of a text or of NULL.
    ///
    /// # Errors
    /// [`UnreadableWord`] where the text is no word of the list, or is missing though it must be there.
    fn read_word(text: Option<&str>) -> Result<Self, UnreadableWord>;
}

impl<W: Word> ReadWord for W {
    fn read_word(text: Option<&str>) -> Result<Self, UnreadableWord> {
        let text = text.ok_or(UnreadableWord::Missing)?;
        W::from_word(text).ok_or_else(|| UnreadableWord::Unknown { found: text.to_owned(), known: W::list() })
    }
}

impl<W: Word> ReadWord for Option<W> {
    fn read_word(text: Option<&str>) -> Result<Self, UnreadableWord> {
        text.map(|text| W::read_word(Some(text))).transpose()
    }
}

/// Why a text is no word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnreadableWord {
    /// There is no text.
    Missing,
    /// The list doesn't have it.
    Unknown {
        /// The text.
        found: String,
        /// The words there are.
        known: String,
    },
}

impl fmt::Display for UnreadableWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("no word"),
            Self::Unknown { found, known } => write!(f, "\"{found}\" is none of {known}"),
        }
    }
}

/// Declares an enum of words: `words! { /// doc pub enum Action { /// doc Assign = "assign", … } }`. It gets `ALL`,
/// `as_str`, `parse`, `Display`, [`Word`] and, as JSON, a string.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every variant, in the order in which people read them.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The variant of a word, if there is one. Case matters.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                $crate::word::Word::from_word(word)
            }
        }

        impl $crate::word::Word for $name {
            const WORDS: &'static [Self] = &Self::ALL;

            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> std::result::Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                $crate::word::ReadWord::read_word(Some(&text)).map_err(serde::de::Error::custom)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::{ReadWord, UnreadableWord};

    words! {
        /// Two words.
        enum Side {
            /// One.
            Left = "left",
            /// The other.
            RightHand = "right-hand",
        }
    }

    #[test]
    fn a_word_reads_back() {
        for side in Side::ALL {
            assert_eq!(Side::parse(side.as_str()), Some(side));
            assert_eq!(Side::read_word(Some(side.as_str())), Ok(side));
        }
    }

    #[test]
    fn an_unknown_word_is_an_error_that_lists_the_known() {
        let unknown =
            UnreadableWord::Unknown { found: "Left".to_owned(), known: "left, right-hand".to_owned() };
        assert_eq!(Side::read_word(Some("Left")), Err(unknown.clone()));
        assert_eq!(Option::<Side>::read_word(Some("Left")), Err(unknown.clone()));
        assert_eq!(unknown.to_string(), "\"Left\" is none of left, right-hand");
    }

    #[test]
    fn null_is_no_word_where_there_must_be_one() {
        assert_eq!(Side::read_word(None), Err(UnreadableWord::Missing));
        assert_eq!(Option::<Side>::read_word(None), Ok(None));
    }
}

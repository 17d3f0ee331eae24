//! Fingerprints of what plans are made from: equal input gives an equal fingerprint, on every machine and in every release
//! of one [`VERSION`].
//!
//! A fingerprint is `v1:PART.ALL`: PART is the hash of what a plan is worthless without (the shifts, the visits), ALL the
//! hash of everything. Both are 64-bit FNV-1a hashes, as 16 hexadecimal digits, of these bytes:
//!
//! - a number: 8 bytes, two's complement, the lowest byte first; a date is the number of days since 2000-01-01, an instant
//!   the number of microseconds since 2000-01-01 00:00 UTC, an id or a number of minutes itself, true 1 and false 0
//! - a text, or a word of a fixed list: the number of its bytes, then the bytes (UTF-8)
//! - an optional value: 0, or 1 and the value
//! - a list: the number of its entries, then the entries
//! - a struct: its fields in the order in which its `impl Fingerprinted` writes them
//!
//! Whoever changes what is written, or its order, raises the version: a plan of another version must be solved again, but
//! nobody reads that something has changed since.

use std::fmt;

use chrono::NaiveDate;

use crate::time::calendar::date_to_pg_days;
use crate::time::interval::{Instant, Minutes, Span};
use crate::word::Word;

/// The version of what is hashed, and in which order.
pub const VERSION: &str = "v1";

/// Takes in values.
pub struct Hasher(u64);

/// A value that is part of a fingerprint.
pub trait Fingerprinted {
    /// Writes the value.
    fn write(&self, to: &mut Hasher);
}

impl Hasher {
    /// A hash of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// The hash of what was added.
    #[must_use]
    pub const fn finish(&self) -> u64 {
        self.0
    }

    /// Adds a value.
    pub fn add<T: Fingerprinted + ?Sized>(&mut self, value: &T) -> &mut Self {
        value.write(self);
        self
    }

    /// Adds a list that isn't stored as one.
    pub fn add_list<T: Fingerprinted>(&mut self, values: impl ExactSizeIterator<Item = T>) -> &mut Self {
        self.add(&values.len());
        for value in values {
            self.add(&value);
        }
        self
    }

    /// Adds a word of a fixed list.
    pub fn add_word(&mut self, word: impl Word) -> &mut Self {
        self.add(word.word())
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Fingerprinted for i64 {
    fn write(&self, to: &mut Hasher) {
        to.bytes(&self.to_le_bytes());
    }
}

impl Fingerprinted for str {
    fn write(&self, to: &mut Hasher) {
        to.add(&self.len());
        to.bytes(self.as_bytes());
    }
}

impl<T: Fingerprinted> Fingerprinted for Option<T> {
    fn write(&self, to: &mut Hasher) {
        to.add(&self.is_some());
        if let Some(value) = self {
            to.add(value);
        }
    }
}

impl<T: Fingerprinted> Fingerprinted for [T] {
    fn write(&self, to: &mut Hasher) {
        to.add(&self.len());
        for value in self {
            to.add(value);
        }
    }
}

impl<T: Fingerprinted> Fingerprinted for Vec<T> {
    fn write(&self, to: &mut Hasher) {
        self.as_slice().write(to);
    }
}

impl<T: Fingerprinted + ?Sized> Fingerprinted for &T {
    fn write(&self, to: &mut Hasher) {
        (**self).write(to);
    }
}

impl<A: Fingerprinted, B: Fingerprinted> Fingerprinted for (A, B) {
    fn write(&self, to: &mut Hasher) {
        to.add(&self.0).add(&self.1);
    }
}

macro_rules! as_number_or_text {
    ($($type:ty: |$value:ident| $as:expr;)+) => {$(
        impl Fingerprinted for $type {
            fn write(&self, to: &mut Hasher) {
                let $value = self;
                to.add($as);
            }
        }
    )+};
}
as_number_or_text! {
    bool: |value| &i64::from(*value);
    i32: |value| &i64::from(*value);
    usize: |value| &(*value as i64);
    String: |value| value.as_str();
    NaiveDate: |value| &date_to_pg_days(*value);
    Instant: |value| &value.0;
    Minutes: |value| &value.0;
    Span: |value| &(value.start, value.end);
}

/// The fingerprint of a part and of everything, as it is stored.
#[must_use]
pub fn fingerprint(part: &Hasher, all: &Hasher) -> String {
    format!("{VERSION}:{part}.{all}")
}

/// How a stored fingerprint compares with the part of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The part is what it was.
    Same,
    /// It has changed.
    Changed,
    /// The stored one is missing, or none of this version: nobody can say.
    OtherVersion,
}

/// Compares the part of a stored fingerprint, the hash before the dot, with that of now.
#[must_use]
pub fn compare(stored: Option<&str>, part: &Hasher) -> Comparison {
    match stored.and_then(part_of) {
        None => Comparison::OtherVersion,
        Some(stored) if *stored == part.to_string() => Comparison::Same,
        Some(_) => Comparison::Changed,
    }
}

/// The part of a stored fingerprint, if it is one of this version.
fn part_of(stored: &str) -> Option<&str> {
    let (part, all) = stored.strip_prefix(VERSION)?.strip_prefix(':')?.split_once('.')?;
    let is_hash =
        |text: &str| text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (is_hash(part) && is_hash(all)).then_some(part)
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Fingerprinted, Hasher, compare, fingerprint};

    fn hash(value: &impl Fingerprinted) -> String {
        Hasher::new().add(value).to_string()
    }

    /// The bytes are documented, so these never change within a version.
    #[test]
    fn hashes_are_stable() {
        assert_eq!(Hasher::new().to_string(), "cbf29ce484222325");
        assert_eq!(hash(&1_i64), "89cd31291d2aefa4");
        assert_eq!(hash(&"Ä".to_owned()), "9da013d329b9bc18");
        assert_eq!(hash(&vec![Some(1_i64), None]), "3f89e2d1e922a487");
    }

    #[test]
    fn where_one_value_ends_and_the_next_begins_matters() {
        let texts = |texts: [&str; 2]| Hasher::new().add(texts[0]).add(texts[1]).to_string();
        assert_ne!(texts(["ab", "c"]), texts(["a", "bc"]));
        assert_ne!(hash(&(vec![1_i64], vec![2_i64, 3])), hash(&(vec![1_i64, 2], vec![3_i64])));
        assert_ne!(hash(&(None::<i64>, Some(0_i64))), hash(&(Some(0_i64), None::<i64>)));
    }

    #[test]
    fn a_fingerprint_of_another_version_is_no_change() {
        let (mut part, mut other) = (Hasher::new(), Hasher::new());
        part.add(&1_i64);
        other.add(&2_i64);
        let stored = fingerprint(&part, &other);
        assert_eq!(compare(Some(&stored), &part), Comparison::Same);
        assert_eq!(compare(Some(&stored), &other), Comparison::Changed);
        let (_, hashes) = stored.split_once(':').unwrap();
        let upper = stored.to_uppercase().replace('V', "v");
        let others = [&format!("v0:{hashes}"), &format!("v2:{hashes}"), &format!("v10:{hashes}"), &upper];
        let damaged = ["v1:", "v1:.", "v1:zz.zz", &stored[..stored.len() - 1], &format!("{stored}0")];
        for other in others.into_iter().map(String::as_str).chain(damaged).chain([hashes, ""]) {
            assert_eq!(compare(Some(other), &part), Comparison::OtherVersion, "{other}");
        }
        assert_eq!(compare(None, &part), Comparison::OtherVersion);
    }
}

//! Instants in JSON: RFC 3339 in UTC, as `2035-04-16T07:00:00Z`.

use chrono::{DateTime, SecondsFormat};

use super::interval::Instant;

/// PostgreSQL's instants count from 2000, RFC 3339's from 1970.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// An instant as text.
#[must_use]
pub fn text(instant: Instant) -> String {
    let time = DateTime::from_timestamp_micros(instant.0.saturating_add(EPOCH_MICROS));
    time.map_or(String::new(), |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// The instant of a text, in whatever zone.
#[must_use]
pub fn parse(text: &str) -> Option<Instant> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(Instant(time.timestamp_micros().checked_sub(EPOCH_MICROS)?))
}

/// For a field that has an instant: `#[serde(with = "rfc3339::instant")]`.
pub mod instant {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Instant, parse, text};

    /// Writes an instant.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(instant: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(*instant))
    }

    /// Reads an instant.
    ///
    /// # Errors
    /// Those of the deserializer, and a text that is no instant.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is no instant of RFC 3339")))
    }
}

/// For a field that may have an instant: `#[serde(with = "rfc3339::optional_instant")]`.
pub mod optional_instant {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Instant;

    /// Writes an instant, or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(instant: &Option<Instant>, serializer: S) -> Result<S::Ok, S::Error> {
        match instant {
            Some(instant) => super::instant::serialize(instant, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads an instant, or null.
    ///
    /// # Errors
    /// Those of the deserializer, and a text that is no instant.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
        #[derive(Deserialize)]
        struct Given(#[serde(with = "super::instant")] Instant);
        Ok(Option::<Given>::deserialize(deserializer)?.map(|given| given.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Instant, parse, text};

    #[test]
    fn an_instant_reads_back() {
        let instant = Instant(1_113_634_800_000_000);
        assert_eq!(text(instant), "2035-04-16T07:00:00Z");
        assert_eq!(parse("2035-04-16T09:00:00+02:00"), Some(instant));
        assert_eq!(text(Instant(1)), "2000-01-01T00:00:00.000001Z");
        assert_eq!(parse("2000-01-01T00:00:00.000001Z"), Some(Instant(1)));
        assert_eq!(parse("2035-04-16 07:00"), None);
    }
}

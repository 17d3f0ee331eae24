//! Sites: where rooms are, and how long the way from one to another takes.

use std::collections::BTreeMap;

use crate::ids::{RoomId, SiteId};
use crate::time::interval::Minutes;

/// What a question knows of sites beyond those of its rooms; empty where no way takes time.
#[derive(Clone, Debug, Default)]
pub struct Sites {
    /// `clinic.site_travel`: how long it takes from one site to another.
    pub travel: BTreeMap<(SiteId, SiteId), Minutes>,
    /// The site of each room of the clinic, as far as it is at one.
    pub of_rooms: BTreeMap<RoomId, SiteId>,
    /// Their names.
    pub names: BTreeMap<SiteId, String>,
}

impl Sites {
    /// How long the way from one site to another takes: as long as the way back where nothing is said of it, and no time where
    /// nothing is said of either.
    #[must_use]
    pub fn way(&self, from: SiteId, to: SiteId) -> Minutes {
        let said = self.travel.get(&(from, to)).or_else(|| self.travel.get(&(to, from)));
        said.copied().filter(|_| from != to).unwrap_or(Minutes(0))
    }

    /// The longest way of all.
    #[must_use]
    pub fn longest_way(&self) -> Minutes {
        self.travel.values().copied().max().unwrap_or(Minutes(0))
    }

    /// A site in a sentence: `North (site 2)`.
    #[must_use]
    pub fn named(&self, site: SiteId) -> String {
        crate::text::named(self.names.get(&site).map_or("", String::as_str), "site", site)
    }
}

//! Areas and the travel between them. Knows nothing of visits.

use std::collections::BTreeMap;

use super::Area;
use crate::ids::AreaId;
use crate::time::interval::Minutes;

/// An area's index in the map; `None` for one that isn't in it.
pub(super) type Place = Option<usize>;

/// The areas of a day, by id.
pub(super) struct Map<'a> {
    pub(super) areas: Vec<&'a Area>,
    /// For each area its neighbors, by index.
    links: Vec<Vec<(usize, Minutes)>>,
    /// The longest travel there is: taken where none is known.
    longest: Minutes,
}

impl<'a> Map<'a> {
    pub(super) fn new(areas: &'a [Area]) -> Self {
        let mut areas: Vec<_> = areas.iter().collect();
        areas.sort_by_key(|area| area.id);
        areas.dedup_by_key(|area| area.id);
        let links = links(&areas);
        let known =
            links.iter().flatten().map(|(_, travel)| *travel).chain(areas.iter().map(|area| inner(area)));
        let longest = known.max().unwrap_or(Minutes(0));
        Self { areas, links, longest }
    }

    pub(super) fn place(&self, id: AreaId) -> Place {
        index(&self.areas, id)
    }

    /// The areas beside one, by id.
    pub(super) fn neighbors(&self, area: usize) -> impl Iterator<Item = usize> {
        self.links[area].iter().map(|(neighbor, _)| *neighbor)
    }

    /// How long a worker of the area `home` needs. Between areas that aren't neighbors the travel goes through `home`,
    /// which is a neighbor of both.
    pub(super) fn travel(&self, home: Place, from: Place, to: Place) -> Minutes {
        let (Some(from), Some(to)) = (from, to) else { return self.longest };
        if from == to {
            return inner(self.areas[from]);
        }
        let through = |home| Some(Minutes(self.link(from, home)?.0.saturating_add(self.link(home, to)?.0)));
        self.link(from, to).or_else(|| home.and_then(through)).unwrap_or(self.longest)
    }

    /// By how much a visit may begin later than planned before it is moved.
    pub(super) fn tolerance(&self, place: Place) -> Minutes {
        place.map_or(Minutes(0), |area| Minutes(self.areas[area].tolerance.0.max(0)))
    }

    fn link(&self, from: usize, to: usize) -> Option<Minutes> {
        let links = &self.links[from];
        links.binary_search_by_key(&to, |(neighbor, _)| *neighbor).ok().map(|found| links[found].1)
    }
}

/// Travel of each direction as the area itself lists it; else as the neighbor does; the shorter one of two.
fn links(areas: &[&Area]) -> Vec<Vec<(usize, Minutes)>> {
    let mut travels = BTreeMap::new();
    for (from, area) in areas.iter().enumerate() {
        for neighbor in &area.neighbors {
            let Some(to) = index(areas, neighbor.area).filter(|to| *to != from) else { continue };
            let travel = Minutes(neighbor.travel.0.max(0));
            let shorten = |known: &mut Minutes| *known = travel.min(*known);
            travels.entry((from, to)).and_modify(shorten).or_insert(travel);
        }
    }
    let reversed: Vec<_> = travels.iter().map(|(&(from, to), &travel)| ((to, from), travel)).collect();
    for (back, travel) in reversed {
        travels.entry(back).or_insert(travel);
    }
    let mut links = vec![Vec::new(); areas.len()];
    for ((from, to), travel) in travels {
        links[from].push((to, travel));
    }
    links
}

fn index(areas: &[&Area], id: AreaId) -> Place {
    areas.binary_search_by_key(&id, |area| area.id).ok()
}

fn inner(area: &Area) -> Minutes {
    Minutes(area.travel.0.max(0))
}

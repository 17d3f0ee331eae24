//! "Most specific wins": the one way a setting is chosen among several that apply. It knows nothing of what is set.

/// One scope column of a setting, seen from the place that asks.
///
/// The order of the variants is the order of specificity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Empty: the setting holds for any value.
    Empty,
    /// Filled with the asked value.
    Applies {
        /// Decides between two different values that both apply (a person is in two groups): the higher one wins.
        /// 0 where only one value can apply.
        priority: i64,
    },
    /// Filled with another value: the setting doesn't apply.
    Differs,
}

impl Column {
    /// The column `filled` (`None` = empty), when `asked` is the only value that applies.
    #[must_use]
    pub fn of<K: PartialEq>(filled: Option<K>, asked: K) -> Self {
        match filled {
            None => Self::Empty,
            Some(value) if value == asked => Self::Applies { priority: 0 },
            Some(_) => Self::Differs,
        }
    }
}

/// The setting that holds: of those that apply, the one with the most specific filled column; of several, the one with
/// the next such column, and so on. A setting without any filled column is the most general. `scope` gives a
/// setting's columns, the most specific first. Of two with the same scope, which a constraint excludes, the first.
///
/// ```
/// use pg_clinic_core::rules::cascade::{Column, most_specific};
///
/// // (provider, type, limit): provider + type > provider > type > global
/// let limits = [(None, None, 1), (None, Some(7), 3), (Some(4), None, 2)];
/// let asked = |provider: i64, kind: i64| {
///     most_specific(&limits, |&(p, k, _)| [Column::of(p, provider), Column::of(k, kind)]).map(|limit| limit.2)
/// };
/// assert_eq!(asked(4, 7), Some(2));
/// assert_eq!(asked(5, 7), Some(3));
/// assert_eq!(asked(5, 8), Some(1));
/// ```
#[must_use]
pub fn most_specific<'a, T, const N: usize>(
    settings: impl IntoIterator<Item = &'a T>,
    scope: impl Fn(&T) -> [Column; N],
) -> Option<&'a T> {
    applying(settings, scope)
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, setting)| setting)
}

/// All settings that apply, the most specific first: the one that holds, and whom it beats in which order.
#[must_use]
pub fn by_specificity<'a, T, const N: usize>(
    settings: impl IntoIterator<Item = &'a T>,
    scope: impl Fn(&T) -> [Column; N],
) -> Vec<&'a T> {
    let mut applying: Vec<_> = applying(settings, scope).collect();
    applying.sort_by_key(|(columns, _)| std::cmp::Reverse(*columns));
    applying.into_iter().map(|(_, setting)| setting).collect()
}

fn applying<'a, T: 'a, const N: usize>(
    settings: impl IntoIterator<Item = &'a T>,
    scope: impl Fn(&T) -> [Column; N],
) -> impl Iterator<Item = ([Column; N], &'a T)> {
    let scoped = settings.into_iter().map(move |setting| (scope(setting), setting));
    scoped.filter(|(columns, _)| !columns.contains(&Column::Differs))
}

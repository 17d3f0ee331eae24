//! No module imports another that imports it in turn: in the core, the solver and the extension.
//!
//! The modules beside each other in a room (`booking/slots` and `booking/score`) are looked at as wholes: what a file below
//! one of them uses counts for it. So the rooms of a crate have no circle, nor the modules of each room, nor the files of
//! each module. In the extension the parts of all features (`booking/api`, `backfill/load`) are beside each other.
//! An import of a name that a module only imports or re-exports leads to the file that has the name. What passes between
//! a module and its own parts isn't looked at: a parent declares and calls its parts, and they may use its types.
//!
//! Counted are `use` lines and paths that begin with `crate::`, `super::` or `self::`; comments aren't.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module's path below its crate; empty for the crate's root.
type Module = Vec<String>;

/// What an import names: the segments, and by which name it is known here.
struct Import {
    path: Vec<String>,
    name: String,
}

#[derive(Default)]
struct Crate {
    imports: BTreeMap<Module, Vec<Import>>,
    /// Paths in bodies.
    paths: BTreeMap<Module, Vec<Vec<String>>>,
}

/// How deep the modules of the extension lie that are beside each other: `pg/booking/api`.
const PARTS: usize = 3;

#[test]
fn the_core_has_no_import_circle() {
    assert_eq!(read("", "lib.rs", &["tests", "examples"]).circles(1), Vec::<String>::new());
}

#[test]
fn the_solver_has_no_import_circle() {
    assert_eq!(read("../solver", "lib.rs", &["tests", "build.rs"]).circles(1), Vec::<String>::new());
}

#[test]
fn the_extension_has_no_import_circle() {
    assert_eq!(read("..", "lib.rs", &["core", "memory", "solver"]).circles(PARTS), Vec::<String>::new());
}

#[test]
fn nobody_borrows_from_the_api_of_a_feature() {
    let uses = read("..", "lib.rs", &["core", "memory", "solver"]).uses(PARTS);
    let borrowed = uses.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    let borrowed = borrowed.filter(|(_, to)| to.get(PARTS - 1).is_some_and(|part| part == "api"));
    // Within an api its files may call each other; the tests look at every feature.
    let borrowed = borrowed.filter(|(from, to)| from[..PARTS.min(from.len())] != to[..PARTS]);
    let borrowed = borrowed.filter(|(from, _)| **from != ["pg", "tests"]);
    let reported = borrowed.map(|(from, to)| format!("{} -> {}", from.join("::"), to.join("::")));
    assert_eq!(reported.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_circle_is_found() {
    let mut found = Crate::default();
    found.add(vec![], "mod a; mod b; mod c;");
    found.add(vec!["a".into()], "pub use one::Two;");
    found.add(vec!["a".into(), "one".into()], "use crate::b::{self, c::{D, E}};\nstruct Two;");
    found.add(vec!["b".into()], "// crate::c::X\nfn f() { let _ = \"super::c::X\"; super::c::X }");
    assert_eq!(found.circles(1), Vec::<String>::new());
    found.add(vec!["c".into()], "use super::a::Two;");
    assert_eq!(found.circles(1), ["a -> b -> c -> a"]);
}

fn read(below: &str, root: &str, left_out: &[&str]) -> Crate {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(below);
    let mut found = Crate::default();
    found.read(&folder, &mut vec![], root, left_out);
    assert!(found.imports.len() > 3, "no modules in {}", folder.display());
    found
}

impl Crate {
    fn read(&mut self, folder: &Path, module: &mut Module, root: &str, left_out: &[&str]) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if module.is_empty() && left_out.contains(&&*name) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                module.push(name);
                self.read(&entry.path(), module, root, left_out);
                module.pop();
            } else if let Some(stem) = name.strip_suffix(".rs") {
                let own = (module.is_empty() && name == root) || stem == "mod";
                let path = module.iter().cloned().chain((!own).then(|| stem.to_owned()));
                self.add(path.collect(), &fs::read_to_string(entry.path()).unwrap());
            }
        }
    }

    fn add(&mut self, module: Module, source: &str) {
        let tokens = tokens(source);
        let (mut imports, mut paths) = (Vec::new(), Vec::new());
        let mut at = 0;
        while at < tokens.len() {
            if tokens[at] == "use" {
                at += 1;
                tree(&tokens, &mut at, &mut vec![], &mut imports);
            } else if matches!(&*tokens[at], "crate" | "super" | "self") && next_is(&tokens, at, "::") {
                let mut path = vec![tokens[at].clone()];
                while next_is(&tokens, at, "::") && is_name(tokens.get(at + 2)) {
                    path.push(tokens[at + 2].clone());
                    at += 2;
                }
                paths.push(path);
                at += 1;
            } else {
                at += 1;
            }
        }
        self.imports.entry(module.clone()).or_default().extend(imports);
        self.paths.entry(module).or_default().extend(paths);
    }

    /// The module that a path leads to, through re-exports.
    fn target(&self, from: &Module, path: &[String]) -> Option<Module> {
        let mut at = from.clone();
        let mut rest = path;
        let mut is_first = true;
        // Re-exports lead at most through each module once.
        for _ in 0..self.imports.len() + path.len() {
            let Some((name, after)) = rest.split_first() else { return Some(at) };
            let mut child = at.clone();
            child.push(name.clone());
            match &**name {
                "crate" if is_first => at = vec![],
                "self" => {}
                "super" => {
                    at.pop()?;
                }
                _ if self.imports.contains_key(&child) => at = child,
                // A name that isn't a module of ours: of another crate, or declared above.
                _ if is_first => return None,
                _ => {
                    let mut imports = self.imports[&at].iter();
                    match imports.find(|import| import.name == *name) {
                        Some(import) => return self.target(&at, &import.path).or(Some(at)),
                        None => return Some(at),
                    }
                }
            }
            is_first = false;
            rest = after;
        }
        Some(at)
    }

    /// What the modules beside each other use of each other: those of one parent, and all those `depth` deep.
    fn uses(&self, depth: usize) -> BTreeMap<Module, BTreeSet<Module>> {
        let mut uses: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
        for from in self.imports.keys() {
            let imports = self.imports[from].iter().map(|import| &import.path);
            for to in imports.chain(&self.paths[from]).filter_map(|path| self.target(from, path)) {
                let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                if common < from.len() && common < to.len() {
                    let whole = |module: &Module| module[..module.len().min(depth.max(common + 1))].to_vec();
                    uses.entry(whole(from)).or_default().insert(whole(&to));
                }
            }
        }
        uses
    }

    /// Each circle once, beginning with its first module.
    fn circles(&self, depth: usize) -> Vec<String> {
        let uses = self.uses(depth);
        let circles: BTreeSet<_> = uses.keys().filter_map(|start| shortest_circle(&uses, start)).collect();
        circles.into_iter().collect()
    }
}

/// The shortest way from a module back to it, if it is the first of those on the way.
fn shortest_circle(uses: &BTreeMap<Module, BTreeSet<Module>>, start: &Module) -> Option<String> {
    let mut ways = vec![vec![start]];
    let mut seen = BTreeSet::new();
    for number in 0.. {
        let way = ways.get(number)?.clone();
        for next in uses.get(way[way.len() - 1]).into_iter().flatten() {
            if next == start {
                let names = way.iter().chain([&start]).map(|module| module.join("::"));
                return Some(names.collect::<Vec<_>>().join(" -> "));
            }
            // A circle is reported at its first module.
            if next > start && seen.insert(next) {
                ways.push(way.iter().copied().chain([next]).collect());
            }
        }
    }
    None
}

/// The tree of a `use` line, from `at` up to its end.
fn tree(tokens: &[String], at: &mut usize, path: &mut Vec<String>, imports: &mut Vec<Import>) {
    let depth = path.len();
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        match &**token {
            "::" => {}
            "{" => {
                tree(tokens, at, path, imports);
                while tokens[*at - 1] == "," {
                    tree(tokens, at, path, imports);
                }
                path.truncate(depth);
            }
            "as" => {
                imports.push(Import { path: path.clone(), name: tokens[*at].clone() });
                path.truncate(depth);
                *at += 1;
            }
            "," | "}" | ";" => {
                if path.len() > depth {
                    let named = path.iter().rev().find(|segment| *segment != "self").cloned();
                    imports.push(Import { path: path.clone(), name: named.unwrap_or_default() });
                    path.truncate(depth);
                }
                return;
            }
            _ => path.push(token.clone()),
        }
    }
}

fn next_is(tokens: &[String], at: usize, token: &str) -> bool {
    tokens.get(at + 1).is_some_and(|next| next == token)
}

fn is_name(token: Option<&String>) -> bool {
    token.is_some_and(|token| token.starts_with(|first: char| first.is_alphabetic() || first == '_'))
}

/// Names, `::` and single characters; without comments and strings.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '"' {
            end_of_string(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..end].to_owned());
            end
        } else if rest.starts_with("'\"'") {
            3
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

fn end_of_string(text: &str) -> usize {
    let mut is_escaped = true;
    for (at, c) in text.char_indices() {
        if c == '"' && !is_escaped {
            return at + 1;
        }
        // The opening quote counts as escaped.
        is_escaped = c == '\\' && !is_escaped;
    }
    text.len()
}

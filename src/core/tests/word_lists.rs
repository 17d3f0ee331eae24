//! A list of words that Rust has is written nowhere else: SQL gets it from the core, by a placeholder.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The files below a folder whose names end so, with their text.
fn files(folder: &Path, extension: &str, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|found| found == extension) {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

fn texts(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(&root().join(folder), extension, &mut found);
    assert!(!found.is_empty(), "{folder} has no *.{extension}");
    found
}

/// The lists of a Rust file: the name of each enum made by `words!`, and its words in order.
fn lists(text: &str) -> Vec<(String, Vec<String>)> {
    let blocks = text.split("\nwords! {").skip(1).filter_map(|rest| rest.split("\n}\n").next());
    let list = |block: &str| {
        let (_, named) = block.split_once(" enum ")?;
        let (name, variants) = named.split_once(" {")?;
        let words = variants.lines().filter_map(|line| {
            let line = line.trim();
            let (variant, word) = line.split_once(" = \"")?;
            variant.chars().all(char::is_alphanumeric).then(|| word.split('"').next().map(str::to_owned))?
        });
        Some((name.to_owned(), words.collect()))
    };
    blocks.filter_map(list).collect()
}

#[test]
fn no_list_of_words_stands_twice() {
    let mut known: Vec<(String, Vec<String>)> = Vec::new();
    for (path, text) in texts("src/core", "rs") {
        if !path.components().any(|part| part.as_os_str() == "tests") {
            known.extend(lists(&text));
        }
    }
    assert!(known.len() > 10, "{known:?}");
    let mut copies = Vec::new();
    for (path, text) in texts("sql", "sql").into_iter().chain(texts("src/pg", "rs")) {
        // However the lines are broken.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (name, words) in known.iter().filter(|(_, words)| words.len() > 1) {
            let literals: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
            if text.contains(&literals.join(", ")) {
                copies.push(format!("{} has the list of {name}", path.display()));
            }
        }
    }
    assert!(copies.is_empty(), "{}", copies.join("\n"));
}

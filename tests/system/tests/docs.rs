//! What docs/ says is so: each block of SQL, typed into psql in order, answers the block of text that follows it, and the reference
//! is what the database has.
//!
//! `ACCEPT=yes make test-system TESTS=docs` writes what psql answered into the pages. Read `git diff`.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use pg_clinic_system_tests::{Database, Result, Server, ensure, fail};

/// Parts one block's answer from the next one's.
const NEXT: &str = "@@ next block @@";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// A page's blocks of SQL, each with the answer that the page promises.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, begun)) = rest.split_once("\n```sql\n") {
        let Some((sql, after)) = begun.split_once("\n```\n") else { break };
        let answer = after.strip_prefix("\n```text\n").and_then(|text| text.split_once("\n```\n"));
        blocks.push((sql.to_owned(), answer.map_or(String::new(), |(answer, _)| answer.to_owned())));
        rest = after;
    }
    blocks
}

/// The page with other answers.
fn with_answers(page: &str, answers: &[String]) -> String {
    let mut written = String::new();
    let mut rest = page;
    for answer in answers {
        let Some((before, begun)) = rest.split_once("\n```sql\n") else { break };
        let Some((sql, after)) = begun.split_once("\n```\n") else { break };
        let promised = after.strip_prefix("\n```text\n").and_then(|text| text.split_once("\n```\n"));
        written += &format!("{before}\n```sql\n{sql}\n```\n");
        if !answer.is_empty() {
            written += &format!("\n```text\n{answer}\n```\n");
        }
        rest = promised.map_or(after, |(_, after)| after);
    }
    written + rest
}

/// What psql prints of each block, errors and notices in their places.
fn answers(server: &Server, database: &Database, blocks: &[(String, String)]) -> Result<Vec<String>> {
    let path = std::env::temp_dir().join(format!("{}.out", database.name));
    let printed = File::create(&path)?;
    let mut psql = server.program("psql");
    psql.args(["--no-psqlrc", "--quiet", "--dbname", &database.name])
        .stdin(Stdio::piped())
        .stdout(printed.try_clone()?)
        .stderr(printed);
    let mut psql = psql.spawn()?;
    let mut input = psql.stdin.take().ok_or("psql takes no input")?;
    for (sql, _) in blocks {
        writeln!(input, "{sql}\n\\echo '{NEXT}'")?;
    }
    drop(input);
    psql.wait()?;
    let text = fs::read_to_string(&path)?;
    fs::remove_file(path)?;
    let line_ends = |answer: &str| {
        answer.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
    };
    let mut answers: Vec<_> = text.split(&format!("{NEXT}\n")).map(line_ends).collect();
    answers.pop();
    Ok(answers)
}

#[test]
fn every_page_does_what_it_says() -> Result {
    let server = Server::from_env()?;
    let is_accepted = std::env::var_os("ACCEPT").is_some();
    for entry in fs::read_dir(docs())? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name == "reference" || path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let page = fs::read_to_string(&path)?;
        let blocks = blocks(&page);
        if blocks.is_empty() {
            continue;
        }
        let database = server.database(&format!("docs_{name}"))?;
        let answers = answers(&server, &database, &blocks)?;
        ensure!(answers.len() == blocks.len(), "{name}: psql ended early, after {answers:#?}");
        if is_accepted {
            fs::write(&path, with_answers(&page, &answers))?;
            continue;
        }
        for ((sql, promised), answer) in blocks.iter().zip(&answers) {
            if promised.trim_matches('\n') != answer {
                fail!("docs/{name}.md: {sql}\nanswers\n{answer}\nand the page says\n{promised}");
            }
        }
    }
    Ok(())
}

#[test]
fn the_reference_is_what_there_is() -> Result {
    let database = Server::from_env()?.database("docs_reference")?;
    let mut client = database.with_extension()?;
    client.batch_execute("create temp table glossary (name text, meaning text)")?;
    let names = include_str!("../../../GLOSSARY.md").split("\n## Names\n").nth(1).unwrap_or_default();
    for line in names.lines() {
        if let Some((name, meaning)) = line.strip_prefix("- **").and_then(|line| line.split_once("**: ")) {
            client.execute("insert into glossary values ($1, $2)", &[&name, &meaning])?;
        }
    }
    let lines = client.query(include_str!("../../../sql/shipped/reference.sql"), &[])?;
    let reference: String = lines.iter().map(|line| line.get::<_, String>(0) + "\n").collect();
    let page = fs::read_to_string(docs().join("reference.md"))?;
    if let Some((is, says)) = reference.lines().zip(page.lines()).find(|(is, says)| is != says) {
        fail!("docs/reference.md says\n{says}\nbut there is\n{is}\nmake accept-shipped writes it");
    }
    ensure!(reference.lines().count() == page.lines().count(), "docs/reference.md has another length");
    // Everything is explained.
    let unexplained: Vec<_> = page.lines().filter(|line| line.ends_with("|  |")).collect();
    ensure!(unexplained.is_empty(), "GLOSSARY.md doesn't say what is\n{}", unexplained.join("\n"));
    Ok(())
}

//! Public nurse rostering instances (Curtois and Qu) with proven optima, expressed by our rules.

use std::collections::HashMap;
use std::path::PathBuf;

use pg_clinic_core::ids::StaffId;
use pg_clinic_core::roster::catalog::{Mode, Period, RuleKind};
use pg_clinic_core::roster::outcome::Status;
use pg_clinic_core::roster::problem::{Problem, ShiftRequest};
use pg_clinic_core::roster::settings::Rule;

use crate::build::{date, in_period, of_person, off, problem, rule, rules, shift};
use crate::{answer, cpu_seconds, ids};

/// Where the files are; they aren't ours to ship.
pub fn text(number: usize) -> Option<String> {
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/nrp"));
    let directory = std::env::var_os("NRP_DIR").map_or(beside, PathBuf::from);
    let path = directory.join(format!("Instance{number}.txt"));
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: {} can't be read", path.display());
    }
    text
}

/// The rows of each section, split at commas.
fn sections(text: &str) -> HashMap<&str, Vec<Vec<&str>>> {
    let mut sections: HashMap<_, Vec<_>> = HashMap::new();
    let mut section = "";
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("SECTION_") {
            Some(name) => section = name,
            None => sections.entry(section).or_default().push(line.split(',').collect()),
        }
    }
    sections
}

fn number(word: &str) -> i64 {
    word.parse().unwrap()
}

pub fn import(text: &str) -> Problem {
    let sections = sections(text);
    let days = number(sections["HORIZON"][0][0]);
    let mut problem = problem(days, sections["STAFF"].len() as i64);
    let staff: HashMap<_, _> =
        sections["STAFF"].iter().enumerate().map(|(place, row)| (row[0], place)).collect();
    let id = |name: &str| StaffId(staff[name] as i64 + 1);
    let hard = |kind, limit| rule(kind, Mode::Hard, 0, limit);

    let mut all = vec![
        rule(RuleKind::LoadBalance, Mode::Off, 0, 0),
        in_period(hard(RuleKind::MaxShifts, 1), Period::Day),
    ];
    let lengths: HashMap<_, _> = sections["SHIFTS"].iter().map(|row| (row[0], number(row[1]))).collect();
    for row in &sections["SHIFTS"] {
        for next in row[2].split('|').filter(|next| !next.is_empty()) {
            let mut rule = hard(RuleKind::ForbiddenSuccession, 0);
            rule.key.shift_kind = Some(row[0].into());
            rule.key.next_shift_kind = Some(next.into());
            all.push(rule);
        }
    }
    for row in &sections["STAFF"] {
        all.extend(limits(row).into_iter().map(|rule| of_person(rule, id(row[0]))));
    }
    for row in &sections["DAYS_OFF"] {
        row[1..].iter().for_each(|day| off(&mut problem, staff[row[0]], number(day), 1));
    }
    for (section, is_wanted) in [("SHIFT_ON_REQUESTS", true), ("SHIFT_OFF_REQUESTS", false)] {
        problem.shift_requests.extend(sections[section].iter().map(|row| ShiftRequest {
            staff: id(row[0]),
            date: date(number(row[1])),
            shift_kind: Some(row[2].into()),
            is_wanted,
            weight: Some(number(row[3])),
        }));
    }
    for row in &sections["COVER"] {
        let length = lengths[row[1]] as i32;
        let id = shift(&mut problem, row[1], number(row[0]), 480, length, number(row[2]));
        let mut cover = rule(RuleKind::Cover, Mode::Soft, number(row[3]), 0);
        cover.setting.over_weight = number(row[4]);
        cover.scope.shift = Some(id);
        all.push(cover);
    }
    problem.rules = rules(all);
    problem
}

/// A person's rules: ID, MaxShifts, MaxTotalMinutes, MinTotalMinutes, MaxConsecutiveShifts, MinConsecutiveShifts,
/// MinConsecutiveDaysOff, MaxWeekends.
fn limits(row: &[&str]) -> Vec<Rule> {
    let hard = |kind, limit| rule(kind, Mode::Hard, 0, limit);
    let mut all = vec![
        in_period(hard(RuleKind::MaxMinutes, number(row[2])), Period::Plan),
        in_period(hard(RuleKind::MinMinutes, number(row[3])), Period::Plan),
        hard(RuleKind::MaxConsecutiveDays, number(row[4])),
        hard(RuleKind::MinConsecutiveDays, number(row[5])),
        hard(RuleKind::MinConsecutiveDaysOff, number(row[6])),
        in_period(hard(RuleKind::MaxWeekends, number(row[7])), Period::Plan),
    ];
    for (kind, limit) in row[1].split('|').filter_map(|limit| limit.split_once('=')) {
        let mut rule = in_period(hard(RuleKind::MaxShifts, number(limit)), Period::Plan);
        rule.key.shift_kind = Some(kind.into());
        all.push(rule);
    }
    all
}

fn proves(instance: usize, optimum: i64) {
    let Some(text) = text(instance) else { return };
    let problem = import(&text);
    let start = cpu_seconds();
    let outcome = answer(&problem).unwrap();
    println!("instance {instance}: {:.2} CPU seconds, {} nodes", cpu_seconds() - start, outcome.nodes);
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(outcome.judgment.as_ref().unwrap().objective, optimum);
    if instance == 1 {
        assert_eq!(
            ids(&problem, &answer(&problem).unwrap()),
            ids(&problem, &outcome),
            "the same answer twice"
        );
    }
}

#[test]
fn the_first_instance_is_proven() {
    proves(1, 607);
}

/// Seconds each: `NRP_ALL=1`.
#[test]
fn further_instances_are_proven() {
    if std::env::var_os("NRP_ALL").is_none() {
        return println!("skipped: NRP_ALL isn't set");
    }
    proves(2, 828);
    proves(3, 1001);
}

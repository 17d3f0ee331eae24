//! What the fault run and the cases share: a report that says what was tried, in the words of cargo's own tests, so that
//! `scripts/run-tests.sh` can count it.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use pg_clinic_system_tests::Result;

/// What was tried, and what came of it.
#[derive(Debug, Default)]
pub struct Report {
    passed: usize,
    failed: usize,
}

impl Report {
    /// Says what became of one.
    pub fn tell(&mut self, name: &str, outcome: Result) {
        match outcome {
            Ok(()) => {
                self.passed += 1;
                println!("test {name} ... ok");
            }
            Err(error) => {
                self.failed += 1;
                println!("test {name} ... FAILED\n{error}\n");
            }
        }
    }

    /// Sums up.
    #[must_use]
    pub fn end(self) -> ExitCode {
        let Self { passed, failed } = self;
        let verdict = if failed == 0 { "ok" } else { "FAILED" };
        println!("\ntest result: {verdict}. {passed} passed; {failed} failed");
        if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

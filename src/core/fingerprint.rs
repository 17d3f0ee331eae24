//! Tells equal input from unequal, over versions and machines. Must never depend on hash order.

use std::fmt::{self, Debug, Write};

/// The 64-bit FNV-1a hash of text: stable for ever, which std's hashers don't promise.
pub(crate) struct Fnv(u64);

impl Fnv {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn add(&mut self, value: &impl Debug) {
        // Writing into a number can't fail; the separator keeps neighbors apart.
        let _ = write!(self, "{value:?};");
    }
}

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

impl fmt::Display for Fnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

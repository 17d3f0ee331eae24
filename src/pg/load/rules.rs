//! stub until branch rtables lands
use pg_clinic_core::roster::rules::Rules;

use super::super::error::Result;
use super::super::spi::{Access, Spi};

/// stub
pub fn rules(_spi: &Spi, _clinic: i64, _access: Access) -> Result<Rules> {
    Ok(Rules::new(Vec::new()))
}

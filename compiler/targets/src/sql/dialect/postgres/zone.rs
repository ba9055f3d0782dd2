//! Days in time zones.
//!
//! The server takes a name for an abbreviation before it takes it for a zone, and which abbreviations there are depends
//! on the session: its setting `timezone_abbreviations`, and from version 18 its own `TimeZone`, which can be any text
//! of POSIX (`SET TimeZone = 'EUROPE/PARIS5'`). So an offset that never changes is written as a number, a name that
//! could be an abbreviation of the server's own is refused, and of any other it is asked whether the session has given
//! it a meaning of its own; there the day is unknown.

use std::fmt::Write as _;

use super::super::{Local, Zone, call};
use super::catalog;
use crate::sql::tree::Expr;
use crate::target::Refusal;

/// Zones with clocks that change, and abbreviations of the server's of the same name that do not.
const ABBREVIATIONS: [&str; 7] = ["CET", "EET", "EST", "HST", "MET", "MST", "WET"];

/// The day of an instant in a zone.
pub(super) fn day(instant: Expr, zone: &Zone<'_>) -> Result<Local, Refusal> {
    let (place, formed) = match zone.offset {
        Some(offset) => {
            let seconds = offset.seconds();
            let sign = if seconds < 0 { "-" } else { "" };
            let seconds = seconds.unsigned_abs();
            let mut text = format!("{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
            if !seconds.is_multiple_of(60) {
                let _ = write!(text, ":{:02}", seconds % 60);
            }
            (Expr::Typed("INTERVAL", text), Vec::new())
        }
        None if ABBREVIATIONS
            .iter()
            .any(|a| a.eq_ignore_ascii_case(zone.name)) =>
        {
            return Err(Refusal::new(
                "E0505",
                format!("the zone `{}`", zone.name),
                "PostgreSQL takes the name for an abbreviation, of an offset that never changes",
            )
            .help("name a place, such as `Europe/Paris`"));
        }
        None => (Expr::text(zone.name), vec![unbent(zone.name)]),
    };
    let day = instant.infix("AT TIME ZONE", place).cast(catalog::DATE);
    Ok(Local { day, formed })
}

/// That the session's `TimeZone` does not hold the name among other things.
fn unbent(zone: &str) -> Expr {
    let zone = zone.replace('+', "[+]");
    call("pg_catalog.current_setting", vec![Expr::text("TimeZone")])
        .collate(catalog::C)
        .infix("!~*", Expr::Text(format!(".{zone}|{zone}.")))
}

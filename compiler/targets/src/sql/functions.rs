//! What plain SQL cannot say: functions that a host registers under these names (deterministic, total).

use ambit_core::{Instant, ScopeValue};
use jiff::tz::TimeZone;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};

use super::scope::{self, parse_scope};

/// A function that a predicate calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// `ambit_day(instant, zone)`: the day as ISO text; see [`day_of`].
    Day,
    /// `ambit_scope(form, value, test)`: 1, 0 or NULL; see [`scope_value`].
    Scope,
}

impl Function {
    /// Its name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "ambit_day",
            Self::Scope => "ambit_scope",
        }
    }

    /// How many arguments it takes.
    pub fn arity(self) -> usize {
        match self {
            Self::Day => 2,
            Self::Scope => 3,
        }
    }

    /// All of them.
    pub const ALL: [Self; 2] = [Self::Day, Self::Scope];
}

/// The day, in a zone, of an instant as the lowering hands it over: ISO text in UTC, without `Z`.
pub fn day_of(instant: &str, zone: &str) -> Option<String> {
    let instant: Instant = format!("{instant}Z").parse().ok()?;
    let zone = TimeZone::get(zone).ok()?;
    Some(instant.day(&zone).to_string())
}

/// The outcome of an encoded test over a stored scope. Forms: `text`; `array`, a JSON array of parts; `json`, an object
/// that gives a member or a list of members for each level.
pub fn scope_value(form: &str, value: &str, test: &str) -> Option<bool> {
    let test = scope::decode(test)?;
    let value = match form {
        "text" => parse_scope(value),
        "array" => from_array(value)?,
        "json" => from_object(value)?,
        _ => return None,
    };
    scope::outcome(&test, &value)
}

fn from_array(text: &str) -> Option<ScopeValue> {
    let parts: Vec<String> = serde_json::from_str(text).ok()?;
    let entries = parts.iter().map(|p| {
        if p.contains('|') {
            None
        } else {
            scope::parse_part(p)
        }
    });
    Some(ScopeValue::Entries(entries.collect::<Option<_>>()?))
}

fn from_object(text: &str) -> Option<ScopeValue> {
    let Levels(object) = serde_json::from_str(text).ok()?;
    let mut entries = Vec::new();
    for (level, members) in object {
        let members = match members {
            serde_json::Value::String(one) => vec![one],
            serde_json::Value::Array(list) if list.is_empty() => continue,
            serde_json::Value::Array(list) => list
                .into_iter()
                .map(|m| m.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()?,
            _ => return None,
        };
        entries.push(ambit_core::ScopeEntry {
            level: scope::name(&level)?,
            op: ambit_core::ScopeOp::Equals,
            members: members
                .iter()
                .map(|m| scope::name(m))
                .collect::<Option<_>>()?,
        });
    }
    Some(ScopeValue::Entries(entries))
}

/// The members of a JSON object in their order. Which of two equal keys counts, readers of JSON do not agree on: then
/// it cannot be read.
struct Levels(Vec<(String, serde_json::Value)>);

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Levels;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Levels, A::Error> {
                let mut levels: Vec<(String, serde_json::Value)> = Vec::new();
                while let Some(level) = map.next_entry::<String, serde_json::Value>()? {
                    if levels.iter().any(|(name, _)| *name == level.0) {
                        return Err(A::Error::custom("a level twice"));
                    }
                    levels.push(level);
                }
                Ok(Levels(levels))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_the_zone() {
        assert_eq!(
            day_of("2024-01-15T23:30:00", "Europe/Paris").as_deref(),
            Some("2024-01-16")
        );
        assert_eq!(
            day_of("2024-01-15T23:30:00.5", "UTC").as_deref(),
            Some("2024-01-15")
        );
        // No zone leads out of the calendar.
        assert_eq!(
            day_of("9999-12-31T23:59:59", "Pacific/Kiritimati").as_deref(),
            Some("9999-12-31")
        );
        assert_eq!(
            day_of("0001-01-01T00:00:00", "Pacific/Pago_Pago").as_deref(),
            Some("0001-01-01")
        );
        assert_eq!(day_of("nonsense", "UTC"), None);
    }

    #[test]
    fn forms_of_scopes_agree() {
        let test = "match all\nBook\tBook 1\tBook 2\nID\t1";
        for (form, value) in [
            ("text", "Book=[Book 1 + Book 2]|ID=1"),
            ("array", r#"["Book=[Book 1 + Book 2]", "ID=1"]"#),
            ("json", r#"{"Book": ["Book 1", "Book 2"], "ID": "1"}"#),
        ] {
            assert_eq!(scope_value(form, value, test), Some(true), "{form}");
        }
        for (form, value) in [
            ("json", "{"),
            ("json", r#"{"Book": 1}"#),
            ("json", r#"{"Book": "Book 1", "Book": "Book 1"}"#),
            ("array", r#"["Book=*"]"#),
            ("array", "{}"),
        ] {
            assert_eq!(scope_value(form, value, test), None, "{value}");
        }
    }
}

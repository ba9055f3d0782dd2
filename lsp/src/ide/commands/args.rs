//! The argument of a command: an object, of which each member is read by name.

use serde_json::{Map, Value as Json};

use super::Refused;

/// The members.
#[derive(Debug, Clone, Copy)]
pub struct Args<'a>(&'a Map<String, Json>);

impl<'a> Args<'a> {
    /// The members of an object.
    pub fn new(members: &'a Map<String, Json>) -> Self {
        Self(members)
    }

    /// A member; none where it is left out or null.
    pub fn get(&self, name: &str) -> Option<&'a Json> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text that may be left out.
    pub fn text(&self, name: &str) -> Result<Option<&'a str>, Refused> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refused(format!("`{name}` must be a text"))),
        }
    }

    /// A text that must be there.
    pub fn needed(&self, name: &str) -> Result<&'a str, Refused> {
        self.text(name)?
            .ok_or_else(|| Refused(format!("`{name}` is missing")))
    }

    /// A list of texts; empty where it is left out.
    pub fn texts(&self, name: &str) -> Result<Vec<&'a str>, Refused> {
        let wrong = || Refused(format!("`{name}` must be a list of texts"));
        let Some(value) = self.get(name) else {
            return Ok(Vec::new());
        };
        let list = value.as_array().ok_or_else(wrong)?.iter();
        list.map(|text| text.as_str().ok_or_else(wrong)).collect()
    }

    /// An object; none where it is left out.
    pub fn object(&self, name: &str) -> Result<Option<&'a Map<String, Json>>, Refused> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Object(members)) => Ok(Some(members)),
            Some(_) => Err(Refused(format!("`{name}` must be an object"))),
        }
    }

    /// The action: `read` where none is named.
    pub fn action(&self) -> Result<&'a str, Refused> {
        Ok(self.text("action")?.unwrap_or("read"))
    }
}

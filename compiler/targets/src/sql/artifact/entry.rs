//! An entry of the file, and how it is written.

use std::collections::BTreeMap;

use ambit_core::{Program, TableId};
use serde_json::{Value as Json, json};

use super::index::Spot;
use crate::sql::request::Predicate;
use crate::target::{Refusal, Refused};

/// A predicate in its two forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// What is known of the principal is written out, the rest is not supplied.
    pub inline: Result<Predicate, Refusal>,
    /// The rest are parameters; `None` where there is no rest: then it is `inline`.
    pub bound: Option<Result<Predicate, Refusal>>,
}

/// What an entry says: for the row as it is (an insert: as it will be), and for an update where the row as it will be
/// must meet something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    pub old: Form,
    pub new: Option<Form>,
}

impl Form {
    fn bound(&self) -> &Result<Predicate, Refusal> {
        self.bound.as_ref().unwrap_or(&self.inline)
    }

    /// Why neither form can be said.
    fn refused(&self) -> Option<&Refusal> {
        match (&self.inline, self.bound()) {
            // The bound form asks for less: its reason is the one that stays.
            (Err(_), Err(refusal)) => Some(refusal),
            _ => None,
        }
    }

    /// Is every word of it the same?
    pub fn says_the_same(&self, other: &Self) -> bool {
        let same = |a: &Result<Predicate, Refusal>, b: &Result<Predicate, Refusal>| match (a, b) {
            (Ok(a), Ok(b)) => (&a.sql, &a.params) == (&b.sql, &b.params),
            (Err(a), Err(b)) => a == b,
            _ => false,
        };
        same(&self.inline, &other.inline) && same(self.bound(), other.bound())
    }

    fn all(&self) -> impl Iterator<Item = &Result<Predicate, Refusal>> {
        [&self.inline].into_iter().chain(&self.bound)
    }
}

impl Body {
    fn forms(&self) -> impl Iterator<Item = &Form> {
        [&self.old].into_iter().chain(&self.new)
    }

    /// Why the entry holds no predicate. An update of which one half cannot be said cannot be said.
    fn refused(&self) -> Option<&Refusal> {
        self.forms().find_map(Form::refused)
    }

    /// All that can be said.
    pub fn predicates(&self) -> impl Iterator<Item = &Predicate> {
        self.forms()
            .flat_map(Form::all)
            .filter_map(|p| p.as_ref().ok())
    }

    /// The predicates that are written out.
    pub fn inline(&self) -> impl Iterator<Item = &Predicate> {
        self.forms().filter_map(|f| f.inline.as_ref().ok())
    }

    /// What cannot be said, and whether the entry therefore holds no predicate at all.
    pub fn refusals(&self) -> Vec<(&Refusal, bool)> {
        if let Some(refusal) = self.refused() {
            return vec![(refusal, true)];
        }
        let forms = self.forms().flat_map(Form::all);
        forms
            .filter_map(|p| p.as_ref().err())
            .map(|r| (r, false))
            .collect()
    }

    /// The members of the entry that tell what it says.
    pub fn json(&self, program: &Program, table: TableId) -> String {
        let mut out = String::new();
        if let Some(refusal) = self.refused() {
            let refusal = problem(program, table, refusal);
            out.push_str("\"inline\":null,\"bound\":null,\"params\":[],\"refused\":");
            out.push_str(&refusal.to_string());
            return out;
        }
        write(&mut out, &self.old, program, table);
        if let Some(new) = &self.new {
            out.push_str(",\"new\":{");
            write(&mut out, new, program, table);
            out.push('}');
        }
        out.push_str(",\"refused\":null");
        out
    }
}

/// `"inline":…,"bound":…,"params":[…]`, and why one of the two is missing.
fn write(out: &mut String, form: &Form, program: &Program, table: TableId) {
    for (name, predicate) in [("inline", &form.inline), ("bound", form.bound())] {
        out.push_str(if name == "inline" {
            "\"inline\":"
        } else {
            ",\"bound\":"
        });
        match predicate {
            Ok(predicate) => text(out, &predicate.sql),
            Err(refusal) => {
                out.push_str("null,\"");
                out.push_str(name);
                out.push_str("_refused\":");
                out.push_str(&problem(program, table, refusal).to_string());
            }
        }
    }
    out.push_str(",\"params\":[");
    for (n, param) in form.bound().iter().flat_map(|p| &p.params).enumerate() {
        if n > 0 {
            out.push(',');
        }
        text(out, param);
    }
    out.push(']');
}

/// A whole line of the file, without the comma.
pub(super) fn line(program: &Program, spot: Spot, principal: &str, body: &str) -> String {
    let mut out = String::with_capacity(body.len() + 100);
    out.push_str("{\"table\":");
    text(&mut out, &program.table(spot.table).name);
    out.push_str(",\"source\":");
    match spot.source.and_then(|s| program.sources.get(s.index())) {
        Some(source) => text(&mut out, &source.name),
        None => out.push_str("null"),
    }
    out.push_str(",\"action\":");
    text(&mut out, spot.action);
    out.push_str(",\"principal\":");
    text(&mut out, principal);
    out.push(',');
    out.push_str(body);
    out.push('}');
    out
}

fn text(out: &mut String, text: &str) {
    out.push_str(&Json::from(text).to_string());
}

/// A refusal as a problem (contract.md, D): at the rule in which it stands, else at the table.
fn problem(program: &Program, table: TableId, refusal: &Refusal) -> Json {
    let rule = refusal.rule.and_then(|n| program.rules.get(n as usize));
    let origin = rule.map_or(&program.table(table).origin, |r| &r.origin);
    json!({
        "code": refusal.code,
        "file": origin.file.as_str(),
        "help": refusal.help.iter().collect::<Vec<_>>(),
        "level": "error",
        "line": origin.line,
        "message": refusal.to_string(),
    })
}

/// The same refusal in many entries is told once, with what of its place they have in common.
pub(super) fn united(refused: Vec<Refused>) -> Vec<Refused> {
    let mut told: Vec<Refused> = Vec::new();
    let mut places: BTreeMap<(Refusal, bool), usize> = BTreeMap::new();
    for one in refused {
        let key = (one.refusal.clone(), one.closed);
        let Some(same) = places.get(&key).and_then(|at| told.get_mut(*at)) else {
            places.insert(key, told.len());
            told.push(one);
            continue;
        };
        if same.principal != one.principal {
            same.principal = None;
        }
        if same.resource != one.resource {
            same.resource = None;
        }
        if same.action != one.action {
            same.action = None;
        }
    }
    told
}

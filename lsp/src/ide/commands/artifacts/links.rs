//! Where the predicates of an artifact stand, and which rules each is made of.

use std::collections::BTreeMap;

use ambit_cli::commands::inputs;
use ambit_core::{Effect, Holder, Origin, PrincipalId, Program, Resource, Rule, SourceId};
use ambit_targets::sql::{Teller, Told};

use super::spans::{Node, Value, read};

/// A way from a place in the text to a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link<'p> {
    /// The first byte of the predicate (without the quotes of a text).
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Where the rule is written.
    pub origin: &'p Origin,
}

/// The links of an artifact. A predicate that is made of several rules has a link to each, in the order of the rules: at its
/// own words where `teller` knows them all, else at the whole.
pub(super) fn links<'p>(
    program: &'p Program,
    target: &str,
    text: &str,
    teller: Option<&Teller<'_, '_>>,
) -> Vec<Link<'p>> {
    let Some(document) = read(text) else {
        return Vec::new();
    };
    let mut linker = Linker {
        program,
        text,
        teller,
        rules: BTreeMap::new(),
        links: Vec::new(),
    };
    for rule in &program.rules {
        linker.rules.entry(rule.resource).or_default().push(rule);
    }
    match target {
        "json" => linker.policy(&document),
        "sql" => linker.predicates(&document),
        "ucast" => linker.conditions(&document),
        _ => {}
    }
    linker.links
}

/// The principal whose file a path of `ucast` is, where that can be told.
pub(super) fn principal_of_path<'p>(program: &'p Program, path: &str) -> Option<&'p str> {
    let name = path.strip_prefix("ucast/")?.strip_suffix(".json")?;
    if name == inputs::EVERYONE {
        return Some(inputs::EVERYONE);
    }
    let own = program.principals.iter().filter(|p| p.test.is_none());
    own.map(|p| p.name.as_str()).find(|own| *own == name)
}

struct Linker<'a, 'p> {
    program: &'p Program,
    text: &'a str,
    teller: Option<&'a Teller<'a, 'a>>,
    rules: BTreeMap<Resource, Vec<&'p Rule>>,
    links: Vec<Link<'p>>,
}

impl<'p> Linker<'_, 'p> {
    /// Every rule stands in `json/policy.json` by itself, in the order of the program.
    fn policy(&mut self, document: &Node) {
        let own = self.program.rules.iter().filter(|rule| match rule.holder {
            Holder::Principal(id) => self.program.principal(id).test.is_none(),
            Holder::Everyone | Holder::EveryoneExcept(_) => true,
        });
        let entries = document.get("rules").map_or(&[][..], Node::entries);
        for (entry, rule) in entries.iter().zip(own) {
            let file = entry.get("file").and_then(Node::text);
            if let (Some(condition), true) = (
                entry.get("condition"),
                file == Some(rule.origin.file.as_str()),
            ) {
                self.link(condition, &rule.origin);
            }
        }
    }

    /// `predicates.json`: a list of entries with predicates in two forms.
    fn predicates(&mut self, document: &Node) {
        for entry in document.entries() {
            let text = |name: &str| entry.get(name).and_then(Node::text);
            let (Some(table), Some(action), Some(who)) =
                (text("table"), text("action"), text("principal"))
            else {
                continue;
            };
            let Some(table) = self.program.find_table(table) else {
                continue;
            };
            let who = self.program.find_principal(who);
            let source = text("source").and_then(|name| self.program.find_source(name));
            let rules = self.speaking(who, Resource::Table(table), action);
            let forms = [Some(entry), entry.get("new")];
            for form in forms.into_iter().flatten() {
                for (name, bound) in [("inline", false), ("bound", true)] {
                    if let Some(predicate) = form.get(name) {
                        self.link_words(predicate, (who, source), &rules, bound);
                    }
                }
            }
        }
    }

    /// `ucast/<principal>.json`: by resource and action.
    fn conditions(&mut self, document: &Node) {
        let who = document.get("principal").and_then(Node::text);
        let who = who.and_then(|name| self.program.find_principal(name));
        for (section, is_table) in [("tables", true), ("objects", false)] {
            let resources = document.get(section).map_or(&[][..], Node::members);
            for (name, actions) in resources {
                let resource = if is_table {
                    self.program.find_table(name).map(Resource::Table)
                } else {
                    self.program.find_object(name).map(Resource::Object)
                };
                let Some(resource) = resource else { continue };
                for (action, entry) in actions.members() {
                    let rules = self.speaking(who, resource, action);
                    for condition in ["condition", "new"].iter().filter_map(|n| entry.get(n)) {
                        self.link_all(condition, &rules);
                    }
                }
            }
        }
    }

    /// The rules that bear on somebody (`None`: on whoever has nothing) for an action; an update and a delete need `read`,
    /// too.
    fn speaking(
        &self,
        who: Option<PrincipalId>,
        resource: Resource,
        action: &str,
    ) -> Vec<&'p Rule> {
        let closure: &[PrincipalId] = who.map_or(&[], |id| &self.program.principal(id).closure);
        let has = |id: &PrincipalId| who == Some(*id) || closure.contains(id);
        let reads = matches!(
            (resource, action),
            (Resource::Table(_), "update" | "delete")
        );
        let open = matches!(resource, Resource::Table(table) if self.program.table(table).open);
        let speaks = |rule: &&&Rule| {
            let binds = match &rule.holder {
                Holder::Principal(id) => has(id),
                Holder::Everyone => true,
                Holder::EveryoneExcept(ids) => !ids.iter().any(has),
            };
            // What is open needs no grant.
            let idle = |wanted: &str| open && wanted == "read" && rule.effect == Effect::Grant;
            let of = |wanted: &str| rule.actions.iter().any(|a| a == wanted) && !idle(wanted);
            let restricts = matches!(rule.effect, Effect::Restrict { .. });
            binds && (restricts || of(action) || (reads && of("read")))
        };
        let rules = self.rules.get(&resource).map_or(&[][..], Vec::as_slice);
        rules.iter().filter(speaks).copied().collect()
    }

    fn link_all(&mut self, predicate: &Node, rules: &[&'p Rule]) {
        for rule in rules {
            self.link(predicate, &rule.origin);
        }
    }

    /// Links each rule at its own words, if all that say something are found.
    fn link_words(
        &mut self,
        predicate: &Node,
        who: (Option<PrincipalId>, Option<SourceId>),
        rules: &[&'p Rule],
        bound: bool,
    ) {
        if let (Some(teller), [_, _, ..]) = (self.teller, rules)
            && let Some(links) = self.words(predicate, teller, who, rules, bound)
        {
            self.links.extend(links);
        } else {
            self.link_all(predicate, rules);
        }
    }

    fn words(
        &self,
        predicate: &Node,
        teller: &Teller<'_, '_>,
        who: (Option<PrincipalId>, Option<SourceId>),
        rules: &[&'p Rule],
        bound: bool,
    ) -> Option<Vec<Link<'p>>> {
        let text = self.text.get(predicate.start..predicate.end)?;
        let mut links: Vec<Link<'p>> = Vec::new();
        for rule in rules {
            let Told::Words(words) = teller.rule(who, rule, bound)? else {
                continue;
            };
            // As it stands within a text of JSON.
            let quoted = serde_json::Value::from(words).to_string();
            let words = quoted.get(1..quoted.len() - 1)?;
            // Beside others of its kind a list of parts stands without its parentheses.
            let (words, at) = [Some(words), bare(words)]
                .into_iter()
                .flatten()
                .find_map(|words| Some((words, text.find(words)?)))?;
            let start = predicate.start + at;
            let end = start + words.len();
            let origin = &rule.origin;
            // Words that stand within those of another rule tell nothing apart.
            if links.iter().any(|l| l.start < end && start < l.end) {
                return None;
            }
            links.push(Link { start, end, origin });
        }
        (!links.is_empty()).then_some(links)
    }

    fn link(&mut self, predicate: &Node, origin: &'p Origin) {
        let (start, end) = match predicate.value {
            Value::Text(_) => (predicate.start + 1, predicate.end - 1),
            Value::Object(_) | Value::Array(_) => (predicate.start, predicate.end),
            // There is none.
            Value::Other => return,
        };
        self.links.push(Link { start, end, origin });
    }
}

/// What stands in the parentheses that are around all of it.
fn bare(words: &str) -> Option<&str> {
    let inner = words.strip_prefix('(')?.strip_suffix(')')?;
    let mut depth = 0;
    for c in inner.chars() {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if depth < 0 {
            return None;
        }
    }
    Some(inner)
}

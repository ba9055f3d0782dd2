//! The head of an item: what others ask of it, without what it says of rows.

use crate::ast::{Everyone, For, Item, ItemKind, Person, Role, Test};

impl Item {
    /// The item without what stands in its braces by the dozen: rules, and steps of tests.
    #[must_use]
    pub fn head(&self) -> Self {
        let role = |role: &Role| Role {
            name: role.name.clone(),
            params: role.params.clone(),
            outside: role.outside.clone(),
            inherits: role.inherits.clone(),
            bypasses: role.bypasses.clone(),
            rules: Vec::new(),
        };
        let kind = match &self.kind {
            ItemKind::Role(of) => ItemKind::Role(role(of)),
            ItemKind::Group(of) => ItemKind::Group(role(of)),
            ItemKind::User(person) => ItemKind::User(Person {
                name: person.name.clone(),
                outside: person.outside.clone(),
                has: person.has.clone(),
                facts: person.facts.clone(),
                rules: Vec::new(),
            }),
            ItemKind::Everyone(everyone) => ItemKind::Everyone(Everyone {
                except: everyone.except.clone(),
                rules: Vec::new(),
            }),
            ItemKind::For(of) => ItemKind::For(For {
                whos: of.whos.clone(),
                rules: Vec::new(),
            }),
            ItemKind::Test(test) => ItemKind::Test(Test {
                name: test.name.clone(),
                steps: Vec::new(),
            }),
            other => other.clone(),
        };
        Self {
            kind,
            docs: self.docs.clone(),
            span: self.span,
            damaged: self.damaged,
        }
    }
}

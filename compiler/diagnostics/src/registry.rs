//! The registry of codes: the one table of everything that Ambit can report.
//!
//! To add a code, add one line to [`CODES`] and write its page `docs/errors/<CODE>.md`; a test names whatever is
//! missing. Codes stand in order. A code is never reused: one that is no longer raised leaves a gap.

use crate::Level;

/// What a code is about; told by its first two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// `E01xx`: the text cannot be read.
    Syntax,
    /// `E02xx`: a name means nothing, or too much.
    Names,
    /// `E03xx`: things that do not fit together.
    Types,
    /// `E04xx`: the program as a whole, its tests and its settings.
    Policy,
    /// `E05xx`: what a target system cannot say.
    Targets,
    /// `W06xx`: what is allowed and probably not meant.
    Findings,
    /// `W07xx`: style.
    Style,
}

/// One code of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// `E0201`.
    pub code: &'static str,
    /// `unknown-name`: what `[lints]` and suppressions say.
    pub slug: &'static str,
    /// One line: the heading of its page.
    pub title: &'static str,
    /// The level before the project's `[lints]`.
    pub level: Level,
    /// The version that first raised it.
    pub since: &'static str,
}

impl Code {
    /// What it is about.
    pub fn group(&self) -> Group {
        match self.code.get(1..3) {
            Some("01") => Group::Syntax,
            Some("02") => Group::Names,
            Some("03") => Group::Types,
            Some("05") => Group::Targets,
            Some("06") => Group::Findings,
            Some("07") => Group::Style,
            _ => Group::Policy,
        }
    }

    /// Where its page stands, from the root of the repository.
    pub fn page_path(&self) -> String {
        format!("docs/errors/{}.md", self.code)
    }

    /// The text of its page.
    pub fn page(&self) -> Option<&'static str> {
        crate::pages::page(self.code)
    }
}

const fn error(code: &'static str, slug: &'static str, title: &'static str) -> Code {
    Code {
        code,
        slug,
        title,
        level: Level::Error,
        since: "0.1.0",
    }
}

const fn finding(code: &'static str, slug: &'static str, title: &'static str) -> Code {
    Code {
        code,
        slug,
        title,
        level: Level::Warning,
        since: "0.1.0",
    }
}

/// A finding that is often meant: worth knowing, and no warning unless `[lints]` says so.
const fn remark(code: &'static str, slug: &'static str, title: &'static str) -> Code {
    Code {
        level: Level::Info,
        ..finding(code, slug, title)
    }
}

/// Every code, in order.
#[rustfmt::skip]
pub const CODES: &[Code] = &[
    // ---- syntax
    error("E0101", "unexpected-text", "Something else should stand here"),
    error("E0102", "unclosed", "An opening brace, bracket or parenthesis is never closed"),
    error("E0103", "unopened", "A closing brace, bracket or parenthesis closes nothing"),
    error("E0104", "bad-string", "A string is not written in double quotes on one line"),
    error("E0105", "bad-escape", "A string holds an escape that does not exist"),
    error("E0106", "unknown-character", "A character that means nothing in Ambit"),
    error("E0107", "mixed-and-or", "`and` and `or` stand side by side without parentheses"),
    error("E0108", "not-a-name", "Something that is no name stands where a name should"),
    error("E0109", "not-an-item", "Text at the top level that begins no declaration"),
    error("E0110", "too-deep", "A condition is nested too deeply"),
    error("E0111", "misspelled-keyword", "A keyword is misspelled"),
    error("E0112", "foreign-syntax", "A word or sign of another language"),
    error("E0113", "equals-null", "Something is compared with null"),
    error("E0114", "arithmetic", "Something is calculated"),
    error("E0115", "malformed-literal", "A number or date that is not written like one"),
    error("E0116", "missing-brace", "The brace that opens a body is missing"),
    error("E0117", "extra-comma", "A comma that separates nothing"),
    error("E0118", "nothing-listed", "A list has no entry where one must stand"),
    error("E0119", "missing-quotes", "A value stands without quotes"),
    error("E0120", "unknown-unit", "A unit of time that does not exist"),
    error("E0121", "clause-order", "A clause stands twice or in the wrong place"),
    error("E0122", "group-parameters", "A group has parameters"),
    error("E0123", "in-what", "Something that is no list, set or window stands after `in`"),
    error("E0125", "deceptive-character", "A character that changes how the text around it is shown"),
    error("E0190", "not-text", "A file is not UTF-8 text"),
    error("E0191", "file-too-large", "A file is larger than 4 GB"),
    error("E0192", "cannot-list", "A folder or file of the project cannot be read"),
    // ---- names
    error("E0201", "unknown-name", "A name that nothing declares"),
    error("E0202", "duplicate-name", "Two declarations of one name"),
    error("E0203", "unknown-column", "A column that the table does not have"),
    error("E0204", "wrong-kind-of-name", "A name of one kind where another kind must stand"),
    error("E0205", "unknown-action", "An action that the resource does not have"),
    error("E0206", "unknown-level", "A level that the scope does not have"),
    error("E0207", "unknown-attribute", "An attribute of the user that nothing declares"),
    error("E0208", "unknown-type", "A type that does not exist"),
    error("E0209", "unknown-source-kind", "A kind of source that Ambit does not know"),
    error("E0210", "ambiguous-link", "Several links fit, and nothing says which"),
    error("E0211", "no-link", "No link joins the two tables"),
    error("E0212", "wrong-arguments", "A role is given the wrong number of arguments"),
    error("E0213", "unknown-placeholder", "An outside name speaks of a parameter that the role does not have"),
    error("E0214", "ambiguous-name", "A name that could mean two things"),
    error("E0215", "filter-of-other-table", "A filter that speaks of another table"),
    error("E0216", "unknown-parameter", "An argument names a parameter that is not there"),
    error("E0217", "login-is-built-in", "`login` is declared or set like an attribute"),
    error("E0218", "outside-name-twice", "Two things that one source knows by one name"),
    // ---- types
    error("E0301", "type-mismatch", "Two things of different types meet"),
    error("E0302", "not-a-member", "A text that is no member of the enum"),
    error("E0303", "bad-literal", "A number or date that does not exist or does not fit"),
    error("E0304", "no-order", "Things without an order are compared by order"),
    error("E0305", "empty-list", "A list of no values, which nothing can be in"),
    error("E0306", "not-a-condition", "A value stands where a condition should"),
    error("E0307", "not-a-link", "A path goes through a column that leads to no single row"),
    error("E0308", "set-operand", "A set is compared as if it were one value"),
    error("E0309", "scope-operand", "A scope is compared as if it were one value"),
    error("E0310", "row-in-object-condition", "A condition speaks of a row where there is none"),
    error("E0311", "not-nullable", "Null where null cannot be"),
    error("E0313", "duplicate-entry", "The same entry is listed twice"),
    error("E0314", "window-on-non-date", "A window of days is asked of something that is no day"),
    error("E0315", "two-constants", "A comparison in which no side can vary"),
    error("E0316", "axis-speaks-of-others", "A `restrict … by` speaks of more than its axis"),
    // ---- policy
    error("E0401", "role-cycle", "Roles inherit from one another in a circle"),
    error("E0402", "visible-cycle", "The visibility of a table depends on itself"),
    error("E0403", "below-cycle", "Tables are read below one another in a circle"),
    error("E0404", "filter-cycle", "Filters are made of one another in a circle"),
    error("E0405", "implies-cycle", "Actions imply one another in a circle"),
    error("E0406", "exclusive-broken", "A user has two principals that exclude one another"),
    error("E0407", "too-large", "The policy grows beyond bounds when it is written out"),
    error("E0408", "action-on-wrong-resource", "An action is asked of a resource that cannot have it"),
    error("E0409", "test-step", "A step of a test cannot be carried out"),
    error("E0410", "bad-setting", "A setting in `ambit.toml` that Ambit does not understand"),
    error("E0412", "stored-form", "A storage form that does not fit the column's type"),
    error("E0413", "assertion-failed", "An assertion does not hold"),
    error("E0414", "beyond-solver", "A question that the solver does not take"),
    // ---- targets
    error("E0501", "query-not-seen", "A rule depends on the tables of the query, and the target does not see the query"),
    error("E0502", "storage-unsaid", "A column whose storage the schema does not say, or that cannot hold its values"),
    error("E0503", "zone-unknown", "A day in the project's zone, which the engine cannot compute"),
    error("E0504", "not-in-target", "A construct for which the target has no form"),
    error("E0505", "literal-not-representable", "A value that the target cannot write down"),
    error("E0506", "day-not-frozen", "A condition depends on today, and the target is fixed text"),
    error("E0507", "name-not-representable", "An outside name that the target cannot carry"),
    error("E0508", "too-large-for-target", "A condition deeper or larger than the target takes"),
    error("E0509", "unproven-artifact", "An artifact leans on a rule that nobody states"),
    error("E0510", "bad-target", "A target or an option of one that Ambit does not know"),
    error("E0511", "out-not-ours", "The folder of the artifacts lies outside the project, or no build wrote it"),
    error("E0516", "other-source", "A predicate would have to read a table that stands in another source"),
    // ---- findings
    finding("W0601", "never-holds", "A rule whose condition can never be true"),
    finding("W0602", "covered-grant", "A grant that other rules give already"),
    finding("W0603", "takes-nothing", "A deny or restriction that takes nothing away"),
    finding("W0604", "nothing-left", "A principal that is granted something and ends up with nothing"),
    remark("W0605", "narrowing-role", "A role that takes access away from whoever has it besides others"),
    finding("W0606", "linked-fields", "Fields of a hierarchy are asked for values that never meet"),
    finding("W0607", "hidden-by-null", "Rows are hidden only because something is null"),
    finding("W0608", "look-alike", "Two texts that differ only by case, blanks or normal form"),
    finding("W0609", "object-over-rows", "An object is granted whole while a table behind it has row rules"),
    finding("W0610", "sources-not-granted", "An object is granted, and what it uses is not"),
    finding("W0611", "match-all", "`match all` hides scopes that hold one of the listed members alone"),
    remark("W0612", "unprotected-path", "Rows that are hidden can be reached through others"),
    finding("W0613", "attribute-unmet", "A test of an attribute that no declared user meets"),
    finding("W0614", "empty-claim", "A claim that speaks of no user or no row"),
    finding("W0615", "day-not-given", "A test that depends on the day and gives none"),
    finding("W0616", "invisible-character", "A character that nobody sees, or that looks like a blank"),
    finding("W0620", "mixed-scripts", "A word whose letters come from scripts that look alike"),
];

/// Finds a code by its name, as written here.
pub fn find(code: &str) -> Option<&'static Code> {
    let index = CODES.binary_search_by(|c| c.code.cmp(code)).ok()?;
    CODES.get(index)
}

/// Finds a code by its name or slug, in any case.
pub fn look_up(text: &str) -> Option<&'static Code> {
    CODES
        .iter()
        .find(|c| c.code.eq_ignore_ascii_case(text) || c.slug.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_in_order_and_slugs_are_unique() {
        assert!(
            CODES.is_sorted_by(|a, b| a.code < b.code),
            "`find` searches by halves"
        );
        for (i, code) in CODES.iter().enumerate() {
            let (letter, digits) = code.code.split_at(1);
            assert!(
                matches!(letter, "E" | "W") && digits.len() == 4 && digits.parse::<u16>().is_ok(),
                "{}",
                code.code
            );
            assert_eq!(
                letter == "E",
                code.level == Level::Error,
                "{}: an E code is an error by default",
                code.code
            );
            assert!(
                code.slug
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-'),
                "{}",
                code.slug
            );
            assert!(
                !CODES
                    .iter()
                    .take(i)
                    .any(|c| c.slug == code.slug || c.title == code.title),
                "{}",
                code.slug
            );
        }
    }

    #[test]
    fn look_up_takes_code_and_slug_in_any_case() {
        assert_eq!(look_up("e0201").map(|c| c.code), Some("E0201"));
        assert_eq!(look_up("Unknown-Name").map(|c| c.code), Some("E0201"));
        assert_eq!(look_up("E9999"), None);
    }
}

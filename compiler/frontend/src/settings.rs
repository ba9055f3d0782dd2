//! `ambit.toml`: read with places, every unknown key and wrong value a problem.

use std::collections::BTreeMap;

use ambit_core::Settings;
use ambit_diagnostics::{Level, Place, Problem, nearest};
use ambit_grammar::Span;
pub use glob::Pattern;
use jiff::civil::Weekday;
use smol_str::SmolStr;
use toml::de::{DeTable, DeValue};

/// The name of the settings file.
pub const SETTINGS_FILE: &str = "ambit.toml";

/// What `ambit.toml` says (contract.md, "AMBIT.TOML").
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// What matters to meaning.
    pub settings: Settings,
    /// `[lints]`: slug to level; `None` is `allow`.
    pub lints: BTreeMap<String, Option<Level>>,
    /// `[project] exclude`: files and folders that are not the program's, by their paths in the project.
    pub exclude: Vec<Pattern>,
    /// `[build] out`.
    pub out: Option<String>,
    /// Where its value stands.
    pub out_at: Option<Span>,
    /// `[build] per_user`.
    pub per_user: bool,
    /// `[build] allow_unproven`.
    pub allow_unproven: bool,
    /// `[targets.<name>]`. Which targets and options there are, only who builds knows.
    pub targets: BTreeMap<String, TargetSettings>,
    /// What is wrong with the file.
    pub problems: Vec<Problem>,
}

/// `[targets.<name>]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TargetSettings {
    /// Where its name stands.
    pub at: Span,
    /// Its options by name.
    pub options: BTreeMap<String, TargetSetting>,
}

/// An option of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetSetting {
    /// Where its name stands.
    pub key_at: Span,
    /// Where its value stands.
    pub at: Span,
    /// Its value.
    pub value: SettingValue,
}

/// What an option of a target is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingValue {
    /// A string.
    Text(String),
    /// A list of strings.
    Texts(Vec<String>),
    /// Anything else.
    Other,
}

/// A table of `ambit.toml` with the settings that it takes, each with the values that it takes (none: not a closed list).
pub type SettingsTable = (
    &'static str,
    &'static [(&'static str, &'static [&'static str])],
);

/// The tables of `ambit.toml` with their settings: what is read here, offered by editors and listed in messages.
pub const SETTINGS: &[SettingsTable] = &[
    (
        "project",
        &[
            ("name", &[]),
            ("timezone", &[]),
            ("week_start", &["monday", "sunday"]),
            ("users", &["open", "listed"]),
            ("exclude", &[]),
        ],
    ),
    ("lints", &[]),
    (
        "build",
        &[
            ("out", &[]),
            ("per_user", &["true", "false"]),
            ("allow_unproven", &["true", "false"]),
        ],
    ),
    ("targets", &[]),
];

/// What a lint can be set to.
pub const LINT_LEVELS: &[&str] = &["allow", "warn", "deny"];

/// Is it the name of a folder in which a version control system keeps its own files?
pub fn is_version_control(name: &str) -> bool {
    [".git", ".hg", ".svn", ".jj", ".bzr", "_darcs", "CVS"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// The names of the settings of a table.
fn settings_of(table: &str) -> Vec<&'static str> {
    let of = SETTINGS.iter().find(|(name, _)| *name == table);
    of.map_or_else(Vec::new, |(_, all)| {
        all.iter().map(|(name, _)| *name).collect()
    })
}

/// The values of a setting.
fn values_of(table: &str, setting: &str) -> &'static [&'static str] {
    let of = SETTINGS.iter().find(|(name, _)| *name == table);
    let of = of.and_then(|(_, all)| all.iter().find(|(name, _)| *name == setting));
    of.map_or(&[], |(_, values)| values)
}

/// The slugs of the lints, in the order of their codes.
pub fn lints() -> Vec<&'static str> {
    let all = ambit_diagnostics::registry::CODES.iter();
    let lints = all.filter(|c| c.level != Level::Error);
    lints.map(|c| c.slug).collect()
}

/// The names of the time zones, in order: as the IANA database writes them, since not every system is blind to case; without
/// what is no place's time or stands for another file of the machine.
pub fn zones() -> Vec<String> {
    let odd = |name: &str| {
        ["posix/", "right/"]
            .iter()
            .any(|start| name.starts_with(start))
            || ["Etc/Unknown", "Factory", "localtime", "posixrules"].contains(&name)
    };
    let all = jiff::tz::db().available().map(|z| z.to_string());
    let mut all: Vec<String> = all.filter(|name| !odd(name)).collect();
    // A database that cannot be listed has this one all the same.
    all.push("UTC".to_owned());
    all.sort_unstable();
    all.dedup();
    all
}

impl Config {
    /// Reads the text of an `ambit.toml`. Never fails: what is wrong stands in `problems`, and defaults take its place.
    pub fn read(text: &str) -> Self {
        let mut reader = Reader {
            config: Self::default(),
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            reader.problem(
                format!(
                    "`{SETTINGS_FILE}` is not valid TOML: {}",
                    error.message().replace('\n', "; ")
                ),
                span,
                "here",
                "mend the TOML; `ambit init` writes a file to start from",
            );
        }
        reader.root(table.get_ref());
        reader.config
    }
}

struct Reader {
    config: Config,
}

type Range = std::ops::Range<usize>;

fn span(at: Range) -> Span {
    Span::new(at.start as u32, at.end as u32)
}

impl Reader {
    fn problem(&mut self, message: String, at: Range, label: &str, help: &str) {
        self.problem_of("E0410", message, at, label, help);
    }

    /// The same with the value that was probably meant.
    fn problem_near(
        &mut self,
        message: String,
        at: Range,
        label: &str,
        help: &str,
        near: Option<&str>,
    ) {
        self.problem(message, at.clone(), label, help);
        if let Some(near) = near
            && let Some(problem) = self.config.problems.pop()
        {
            let place = Place::File(SETTINGS_FILE.into(), span(at));
            let written = format!("\"{near}\"");
            let problem = problem.fix(format!("write `{near}`"), false, place, written);
            self.config.problems.push(problem);
        }
    }

    fn problem_of(
        &mut self,
        code: &'static str,
        message: String,
        at: Range,
        label: &str,
        help: &str,
    ) {
        let place = Place::File(SETTINGS_FILE.into(), span(at));
        self.config
            .problems
            .push(Problem::new(code, message, place).label(label).help(help));
    }

    fn unknown(&mut self, what: &str, key: &str, at: Range, known: &[&str]) {
        let near = nearest(key, known.iter().copied());
        let help = match near {
            Some(name) => format!("did you mean `{name}`?"),
            None if known.is_empty() => format!("there is no {what} to set; remove it"),
            None => format!("known here: {}", known.join(", ")),
        };
        self.problem(
            format!("unknown {what} `{key}` in `{SETTINGS_FILE}`"),
            at.clone(),
            "not a setting",
            &help,
        );
        if let Some(near) = near
            && let Some(problem) = self.config.problems.pop()
        {
            let place = Place::File(SETTINGS_FILE.into(), span(at));
            let problem = problem.fix(format!("write `{near}`"), false, place, near);
            self.config.problems.push(problem);
        }
    }

    fn root(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match (name, value.get_ref()) {
                ("project", DeValue::Table(t)) => self.project(t),
                ("lints", DeValue::Table(t)) => self.lints(t),
                ("build", DeValue::Table(t)) => self.build(t),
                ("targets", DeValue::Table(t)) => self.targets(t),
                ("project" | "lints" | "build" | "targets", _) => self.problem(
                    format!("`{name}` must be a table"),
                    value.span(),
                    "not a table",
                    &format!("write `[{name}]` on a line of its own"),
                ),
                _ => self.unknown(
                    "table",
                    name,
                    key.span(),
                    &SETTINGS.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
                ),
            }
        }
    }

    fn text<'a>(&mut self, key: &str, value: &'a DeValue<'_>, at: Range) -> Option<&'a str> {
        let text = value.as_str();
        if text.is_none() {
            self.problem(
                format!("`{key}` must be a string"),
                at,
                "not a string",
                "put it in double quotes",
            );
        }
        text
    }

    fn flag(&mut self, key: &str, value: &DeValue<'_>, at: Range) -> bool {
        let flag = value.as_bool();
        if flag.is_none() {
            self.problem(
                format!("`{key}` must be `true` or `false`"),
                at,
                "not a truth value",
                "write `true` or `false`",
            );
        }
        flag.unwrap_or(false)
    }

    fn one_of<'a>(
        &mut self,
        key: &str,
        text: &'a str,
        at: Range,
        known: &[&str],
    ) -> Option<&'a str> {
        if known.contains(&text) {
            return Some(text);
        }
        let list = known
            .iter()
            .map(|k| format!("\"{k}\""))
            .collect::<Vec<_>>()
            .join(" or ");
        self.problem_near(
            format!("`{key}` cannot be `{text}`"),
            at,
            "not a known value",
            &format!("write {list}"),
            nearest(text, known.iter().copied()),
        );
        None
    }

    fn project(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let at = value.span();
            match key.get_ref().as_ref() {
                "name" => {
                    if let Some(name) = self.text("name", value.get_ref(), at) {
                        self.config.settings.name = name.into();
                    }
                }
                "timezone" => {
                    if let Some(zone) = self.text("timezone", value.get_ref(), at.clone()) {
                        if zones()
                            .binary_search_by(|known| known.as_str().cmp(zone))
                            .is_ok()
                        {
                            self.config.settings.zone = SmolStr::new(zone);
                        } else {
                            let zones = zones();
                            self.problem_near(
                                format!("unknown time zone `{zone}`"),
                                at,
                                "not in the IANA database",
                                "write an IANA name such as \"Europe/Paris\" or \"UTC\"",
                                nearest(zone, zones.iter().map(String::as_str)),
                            );
                        }
                    }
                }
                "week_start" => {
                    if let Some(day) = self.text("week_start", value.get_ref(), at.clone())
                        && let Some(day) =
                            self.one_of("week_start", day, at, values_of("project", "week_start"))
                    {
                        self.config.settings.week_start = if day == "sunday" {
                            Weekday::Sunday
                        } else {
                            Weekday::Monday
                        };
                    }
                }
                "users" => {
                    if let Some(users) = self.text("users", value.get_ref(), at.clone())
                        && let Some(users) =
                            self.one_of("users", users, at, values_of("project", "users"))
                    {
                        self.config.settings.users_listed = users == "listed";
                    }
                }
                "exclude" => self.exclude(value.get_ref(), at),
                other => self.unknown("setting", other, key.span(), &settings_of("project")),
            }
        }
    }

    fn exclude(&mut self, value: &DeValue<'_>, at: Range) {
        const HELP: &str = "write paths in the project, such as [\"drafts\", \"**/*_old.ambit\"]";
        let DeValue::Array(list) = value else {
            self.problem(
                "`exclude` must be a list of strings".to_owned(),
                at,
                "not a list",
                HELP,
            );
            return;
        };
        for entry in list {
            let Some(text) = self.text("exclude", entry.get_ref(), entry.span()) else {
                continue;
            };
            let clean = text.strip_suffix('/').unwrap_or(text);
            let inside = !clean.is_empty()
                && !clean.contains('\\')
                && clean
                    .split('/')
                    .all(|part| !["", ".", ".."].contains(&part));
            match Pattern::new(clean) {
                Ok(pattern) if inside => self.config.exclude.push(pattern),
                Ok(_) => self.problem(
                    format!("`{text}` in `exclude` is no path in the project"),
                    entry.span(),
                    "not such a path",
                    HELP,
                ),
                Err(error) => self.problem(
                    format!("`{text}` in `exclude` is no pattern: {}", error.msg),
                    entry.span(),
                    "not a pattern",
                    "`*` stands for any part of a name, `**` for any folders, `?` for one character, `[abc]` for one of these",
                ),
            }
        }
    }

    fn lints(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let slug = key.get_ref().as_ref();
            let known = lints();
            if !known.contains(&slug) {
                self.unknown("lint", slug, key.span(), &known);
                continue;
            }
            if let Some(level) = self.text(slug, value.get_ref(), value.span())
                && let Some(level) = self.one_of(slug, level, value.span(), LINT_LEVELS)
            {
                let level = match level {
                    "allow" => None,
                    "deny" => Some(Level::Error),
                    _ => Some(Level::Warning),
                };
                self.config.lints.insert(slug.to_owned(), level);
            }
        }
    }

    fn build(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let at = value.span();
            match key.get_ref().as_ref() {
                "out" => {
                    if let Some(out) = self.text("out", value.get_ref(), at.clone()) {
                        let inside = !out.is_empty()
                            && std::path::Path::new(out)
                                .components()
                                .all(|c| matches!(c, std::path::Component::Normal(_)));
                        let kept = std::path::Path::new(out)
                            .iter()
                            .filter_map(|part| part.to_str())
                            .find(|part| is_version_control(part));
                        if let (true, Some(kept)) = (inside, kept) {
                            self.problem_of(
                                "E0511",
                                format!("`out` cannot be in `{kept}`: version control keeps its own files there"),
                                at,
                                "not a folder for artifacts",
                                "write a relative path such as \"out\"",
                            );
                        } else if inside {
                            self.config.out = Some(out.to_owned());
                            self.config.out_at = Some(span(at));
                        } else {
                            self.problem_of(
                                "E0511",
                                format!("`out` must be a folder inside the project, not `{out}`"),
                                at,
                                "outside the project",
                                "write a relative path such as \"out\"",
                            );
                        }
                    }
                }
                "per_user" => self.config.per_user = self.flag("per_user", value.get_ref(), at),
                "allow_unproven" => {
                    self.config.allow_unproven = self.flag("allow_unproven", value.get_ref(), at);
                }
                other => self.unknown("setting", other, key.span(), &settings_of("build")),
            }
        }
    }

    fn targets(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = key.get_ref().as_ref().to_owned();
            let DeValue::Table(options) = value.get_ref() else {
                self.problem(
                    format!("`targets.{name}` must be a table"),
                    value.span(),
                    "not a table",
                    &format!("write `[targets.{name}]` on a line of its own"),
                );
                continue;
            };
            let options = options.iter().map(|(k, v)| {
                let setting = TargetSetting {
                    key_at: span(k.span()),
                    at: span(v.span()),
                    value: setting_value(v.get_ref()),
                };
                (k.get_ref().as_ref().to_owned(), setting)
            });
            let settings = TargetSettings {
                at: span(key.span()),
                options: options.collect(),
            };
            self.config.targets.insert(name, settings);
        }
    }
}

fn setting_value(value: &DeValue<'_>) -> SettingValue {
    match value {
        DeValue::String(text) => SettingValue::Text(text.to_string()),
        DeValue::Array(list) => {
            let texts = list
                .iter()
                .map(|v| v.get_ref().as_str().map(str::to_owned))
                .collect::<Option<_>>();
            texts.map_or(SettingValue::Other, SettingValue::Texts)
        }
        _ => SettingValue::Other,
    }
}

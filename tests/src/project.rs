//! A generator of large projects that look like real ones: departments with their tables, a role for each team and
//! country, grants as people write them, tests, comments. The same shape gives the same text.

use std::fmt::Write as _;

use crate::rng::Rng;

/// How large a project is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Roles.
    pub roles: usize,
    /// Grants, in all; a few denies and restricts come on top.
    pub grants: usize,
    /// Files, at least one.
    pub files: usize,
    /// What chance depends on.
    pub seed: u64,
}

impl Shape {
    /// The shape with that many grants: ten to a role, a hundred to a file.
    pub fn of_grants(grants: usize) -> Self {
        Self {
            roles: (grants / 10).max(1),
            grants,
            files: (grants / 100).max(1),
            seed: 1,
        }
    }
}

/// The settings file of generated projects.
pub const SETTINGS: &str = "[project]\nname = \"generated\"\ntimezone = \"Europe/Paris\"\nweek_start = \"monday\"\nusers = \"open\"\n";

const COUNTRIES: &[&str] = &[
    "AUSTRIA",
    "BELGIUM",
    "BRAZIL",
    "CANADA",
    "CHINA",
    "DENMARK",
    "FRANCE",
    "GERMANY",
    "INDIA",
    "ITALY",
    "JAPAN",
    "MEXICO",
    "NORWAY",
    "POLAND",
    "SPAIN",
    "SWEDEN",
    "UNITED KINGDOM",
    "USA",
    "VIETNAM",
];
const TIERS: &[&str] = &["bronze", "silver", "gold", "strategic"];
const STATUSES: &[&str] = &["draft", "open", "approved", "rejected", "closed"];
const CITIES: &[&str] = &[
    "paris", "berlin", "madrid", "tokyo", "hanoi", "chicago", "oslo", "milan", "leeds", "lyon",
];
const TEAMS: &[&str] = &[
    "analysts",
    "managers",
    "clerks",
    "controllers",
    "auditors",
    "planners",
    "agents",
    "leads",
];
const LABELS: &[&str] = &["VIP ", "EU-", "internal ", "Q4 ", "legacy/", "100% "];

/// A department: its name, what its accounts are called, and the tables that hang on them.
struct Department {
    name: &'static str,
    account: &'static str,
    tables: &'static [&'static str],
}

const DEPARTMENTS: &[Department] = &[
    Department {
        name: "sales",
        account: "customers",
        tables: &["orders", "quotes", "returns", "contracts"],
    },
    Department {
        name: "finance",
        account: "ledgers",
        tables: &["invoices", "payments", "budgets", "accruals"],
    },
    Department {
        name: "people",
        account: "employees",
        tables: &["salaries", "absences", "reviews", "expenses"],
    },
    Department {
        name: "logistics",
        account: "carriers",
        tables: &["shipments", "deliveries", "claims", "routes"],
    },
    Department {
        name: "purchasing",
        account: "suppliers",
        tables: &["requests", "purchases", "offers", "ratings"],
    },
    Department {
        name: "risk",
        account: "counterparties",
        tables: &["exposures", "incidents", "reports", "stresses"],
    },
    Department {
        name: "marketing",
        account: "campaigns",
        tables: &["visits", "leads", "mailings", "events"],
    },
    Department {
        name: "support",
        account: "clients",
        tables: &["tickets", "calls", "surveys", "refunds"],
    },
    Department {
        name: "production",
        account: "plants",
        tables: &["batches", "inspections", "stops", "recipes"],
    },
    Department {
        name: "legal",
        account: "matters",
        tables: &["hearings", "filings", "fees", "settlements"],
    },
];

/// The files of a project, by path.
pub fn generate(shape: Shape) -> Vec<(String, String)> {
    let mut files = Vec::with_capacity(shape.files.max(1));
    let schema_files = if shape.files > 2 * (DEPARTMENTS.len() + 1) {
        DEPARTMENTS.len() + 1
    } else {
        1
    };
    let policy_files = shape.files.saturating_sub(schema_files);
    let mut schema = base_schema();
    for department in DEPARTMENTS {
        let text = department_schema(department);
        if schema_files == 1 {
            schema.push('\n');
            schema.push_str(&text);
        } else {
            files.push((format!("schema/{}.ambit", department.name), text));
        }
    }
    let rng = Rng::new(shape.seed);
    let share = |total: usize, n: usize| {
        total * (n + 1) / policy_files.max(1) - total * n / policy_files.max(1)
    };
    let (mut role, mut previous) = (0, None);
    for n in 0..policy_files.max(1) {
        let department = &DEPARTMENTS[n % DEPARTMENTS.len()];
        let mut file = PolicyFile {
            rng: rng.fork(n as u64),
            department,
            text: String::new(),
            n,
        };
        let roles = share(shape.roles, n).max(usize::from(n == 0));
        file.write(&mut role, &mut previous, roles, share(shape.grants, n));
        if policy_files == 0 {
            schema.push('\n');
            schema.push_str(&file.text);
        } else {
            let city = CITIES[(n / DEPARTMENTS.len()) % CITIES.len()];
            files.push((
                format!("policy/{}/{city}_{n:04}.ambit", department.name),
                file.text,
            ));
        }
    }
    files.push(("schema/base.ambit".to_owned(), schema));
    files.sort();
    files
}

/// How many bytes of text a project has.
pub fn size(files: &[(String, String)]) -> usize {
    files.iter().map(|(_, text)| text.len()).sum()
}

fn list(words: &[&str]) -> String {
    words
        .iter()
        .map(|w| format!("\"{w}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

fn base_schema() -> String {
    let mut text = String::from(
        "// Where the data lives, and what is known of users.\n\nsource warehouse : postgres\nsource cube as \"Corporate\" : sisense\n\n",
    );
    let _ = writeln!(
        text,
        "enum Country {{ {} }}\nenum Tier {{ {} }}",
        list(COUNTRIES),
        list(TIERS)
    );
    let _ = writeln!(text, "enum Status {{ {} }}\n", list(STATUSES));
    text.push_str(
        "attribute full_name : string\nattribute countries as \"app.countries\" in warehouse : set of Country\n\
         attribute approval_limit : decimal\nattribute region : int\n",
    );
    text
}

fn department_schema(department: &Department) -> String {
    let Department {
        name,
        account,
        tables,
    } = department;
    let mut text = String::new();
    let _ = write!(
        text,
        "/// The {account} of {name}.\ntable {name}_{account} in warehouse as {name}.{account} {{\n    key id : int\n    \
         country : Country\n    tier : Tier?\n    name : string\n    region_id as \"Region ID\" : int?\n}}\n"
    );
    for (i, table) in tables.iter().enumerate() {
        let open = if i == 3 { " open" } else { "" };
        let _ = write!(
            text,
            "\ntable {name}_{table} in warehouse as {name}.{table}, \"{name} {table}\" in cube{open} {{\n    \
             key id : int\n    account_id : int? -> {name}_{account}.id // whose it is\n    country : Country\n    \
             status : Status\n    owner : string\n    amount : decimal stored as scaled(2)\n    quantity : int?\n    \
             created_on : date\n    changed_at : timestamp?\n    confidential : bool\n    label : string?\n}}\n"
        );
    }
    let _ = write!(
        text,
        "\nfilter {name}_own on {name}_{} where owner = user.full_name\n",
        tables[0]
    );
    text
}

struct PolicyFile<'a> {
    rng: Rng,
    department: &'a Department,
    text: String,
    n: usize,
}

impl PolicyFile<'_> {
    /// Writes `roles` roles with `grants` grants, and what usually stands around them.
    fn write(
        &mut self,
        role: &mut usize,
        previous: &mut Option<String>,
        roles: usize,
        grants: usize,
    ) {
        let department = self.department.name;
        let _ = writeln!(
            self.text,
            "// Who works with {department}, file {}.",
            self.n
        );
        let mut names = Vec::new();
        for i in 0..roles {
            let (city, team) = (*self.rng.pick(CITIES), *self.rng.pick(TEAMS));
            let name = format!("{department}_{city}_{team}_{:05}", *role);
            *role += 1;
            let share = grants * (i + 1) / roles - grants * i / roles;
            let inherits = match previous {
                // Teams stand on the one before them, seven deep at most.
                Some(base) if !role.is_multiple_of(7) && self.rng.chance(40) => {
                    format!(" inherits {base}")
                }
                _ => String::new(),
            };
            let outside = if self.rng.chance(30) {
                format!(" as \"ROLE_{}\"", name.to_uppercase())
            } else {
                String::new()
            };
            let keyword = if self.rng.chance(85) { "role" } else { "group" };
            let _ = writeln!(
                self.text,
                "\n/// {team} of {department} in {city}.\n{keyword} {name}{outside}{inherits} {{"
            );
            self.rules(share);
            self.text.push_str("}\n");
            *previous = Some(name.clone());
            names.push(name);
        }
        if roles > 0 {
            self.around(&names);
        }
    }

    fn rules(&mut self, grants: usize) {
        for _ in 0..grants {
            if self.rng.chance(5) {
                self.text
                    .push_str("    // asked for by the head of department\n");
            }
            let (table, root) = self.table();
            let actions = *self.rng.pick(&[
                "read",
                "read",
                "read",
                "read",
                "update",
                "read, update",
                "write",
                "insert",
            ]);
            let condition = if self.rng.chance(6) {
                String::new()
            } else {
                format!(" where {}", self.condition(root))
            };
            let applies = if !root && self.rng.chance(4) {
                format!(" applies when querying [{table}, {}]", self.account())
            } else {
                String::new()
            };
            let _ = writeln!(
                self.text,
                "    grant {actions} on {table}{condition}{applies}"
            );
        }
        if self.rng.chance(25) {
            let (table, root) = self.table();
            let condition = self.atom(root);
            let _ = writeln!(self.text, "    deny read on {table} where {condition}");
        }
        if self.rng.chance(20) {
            let (table, _) = self.table();
            let countries = self.rng.some(COUNTRIES, 3);
            let _ = writeln!(
                self.text,
                "    restrict {table} by country to country in [{}]",
                list(&countries)
            );
        }
    }

    /// What stands around the roles: users, rules for everyone, a test.
    fn around(&mut self, names: &[String]) {
        let n = self.n;
        let (department, account) = (self.department.name, self.account());
        let main = format!("{department}_{}", self.department.tables[0]);
        let first = names[0].clone();
        let countries = self.rng.some(COUNTRIES, 3);
        let _ = write!(
            self.text,
            "\nuser person_{n:05} as \"person.{n}@example.com\" : {first} {{\n    full_name = \"Person {n}\"\n    \
             countries = [{}]\n    approval_limit = {}.50\n}}\n",
            list(&countries),
            self.rng.between(1, 90) * 100,
        );
        if self.rng.chance(20) {
            let _ = write!(
                self.text,
                "\neveryone except {first} {{\n    deny read on {main} where confidential\n}}\n"
            );
        }
        if self.rng.chance(30) && names.len() > 1 {
            let second = &names[1];
            let _ = write!(
                self.text,
                "\nfor {first}, {second} {{\n    grant read on {account} where exists visible {main}\n}}\n"
            );
        }
        if self.rng.chance(25) {
            let _ = write!(
                self.text,
                "\ntest \"{department} {n}: nobody writes without a role\" {{\n    given today 2024-01-15\n    \
                 given {main} {{\n        id, country, status, owner, amount, created_on, confidential\n        \
                 1, \"FRANCE\", \"open\", \"Person {n}\", 100.50, 2023-12-30, false\n        \
                 2, \"USA\", \"closed\", \"Ann\", 7, 2024-01-02, true\n    }}\n    given user nobody\n    \
                 nobody cannot write {main}\n    nobody sees {main} []\n}}\n"
            );
        }
    }

    fn account(&self) -> String {
        format!("{}_{}", self.department.name, self.department.account)
    }

    /// A table of the department; is it the one of accounts?
    fn table(&mut self) -> (String, bool) {
        if self.rng.chance(15) {
            return (self.account(), true);
        }
        let table = *self.rng.pick(self.department.tables);
        (format!("{}_{table}", self.department.name), false)
    }

    fn condition(&mut self, root: bool) -> String {
        match self.rng.below(10) {
            0..=5 => self.atom(root),
            6..=7 => format!("{} and {}", self.atom(root), self.atom(root)),
            8 => format!("{} or {}", self.part(root), self.part(root)),
            _ => format!(
                "{} and ({} or not {})",
                self.atom(root),
                self.part(root),
                self.part(root)
            ),
        }
    }

    /// A test that can stand in an `or` or under `not`.
    fn part(&mut self, root: bool) -> String {
        let atom = self.atom(root);
        if atom.contains(" and not ") {
            format!("({atom})")
        } else {
            atom
        }
    }

    fn atom(&mut self, root: bool) -> String {
        let rng = &mut self.rng;
        if root {
            return match rng.below(6) {
                0 => format!("country = \"{}\"", rng.pick(COUNTRIES)),
                1 => format!("tier in [{}]", list(&rng.some(TIERS, 2))),
                2 => "country in user.countries".to_owned(),
                3 => "region_id = user.region".to_owned(),
                4 => format!("name starts with \"{}\"", rng.pick(LABELS)),
                _ => {
                    let (limit, table) = (rng.between(1, 99) * 100, self.department.tables[1]);
                    format!(
                        "exists {}_{table} where (amount > {limit} and owner = user.full_name)",
                        self.department.name
                    )
                }
            };
        }
        match rng.below(16) {
            0 | 1 => format!("country = \"{}\"", rng.pick(COUNTRIES)),
            2 | 3 => format!("country in [{}]", list(&rng.some(COUNTRIES, 4))),
            4 => "country in user.countries".to_owned(),
            5 => format!(
                "amount < {}.{:02}",
                rng.between(1, 9000),
                rng.between(0, 99)
            ),
            6 => format!(
                "quantity between {} and {}",
                rng.between(1, 50),
                rng.between(60, 900)
            ),
            7 => format!("status in [{}]", list(&rng.some(STATUSES, 3))),
            8 => "owner = user.full_name".to_owned(),
            9 => format!("created_on in last {} months to today", rng.between(1, 12)),
            10 => format!(
                "created_on after 20{}-{:02}-01",
                rng.between(18, 24),
                rng.between(1, 12)
            ),
            11 => format!("account_id.tier = \"{}\"", rng.pick(TIERS)),
            12 => "not confidential".to_owned(),
            13 => "amount <= user.approval_limit".to_owned(),
            14 => format!(
                "label is not null and not label starts with \"{}\"",
                rng.pick(LABELS)
            ),
            _ => "account_id.country in user.countries".to_owned(),
        }
    }
}

//! The projects that edits begin with: examples, and small generated ones.

use std::path::{Path, PathBuf};

use ambit_tests::project::{SETTINGS, Shape, generate};
use ambit_tests::random::{Coverage, Policy};
use ambit_tests::rng::Rng;

/// A project: its files by name, `ambit.toml` among them.
#[derive(Debug, Clone)]
pub struct Start {
    /// What it is, for whoever reads of a difference.
    pub name: String,
    pub files: Vec<(String, String)>,
}

/// A schema with a policy, small enough to be proved in a moment.
const SMALL: &[(&str, &str)] = &[
    ("ambit.toml", "[project]\nname = \"small\"\n"),
    (
        "schema.ambit",
        "source w : sqlite\nenum Country { \"USA\", \"FRANCE\" }\n/// One row for each thing sold.\ntable sales in w {\n    key id   : int\n    country  : Country\n    amount   : decimal\n    owner    : string? // may be missing\n}\n\ntable notes in w { key id : int  sale : int? -> sales.id }\nattribute full_name : string\n",
    ),
    (
        "policy.ambit",
        "filter cheap on sales where amount < 100\n\nrole reader { grant read on sales where cheap }\nrole market(c: Country) inherits reader {\n    grant read on sales where country = c\n    // \u{1D11E} twice\n    deny read on sales where owner = user.full_name and amount > 7\n}\ngroup boss { grant read on sales grant read on notes }\nuser ann : market(\"USA\") { full_name = \"Ann\" }\nuser bob : boss { full_name = \"Bob \u{1D11E}\" }\n",
    ),
    (
        "sub/more.ambit",
        "role extra inherits reader {\n\trestrict sales to amount < 50\n}\nexclusive extra, boss\nassert reader can never read sales where amount > 200\n",
    ),
    (
        "policy_test.ambit",
        "test \"Ann sees her own\" {\n    given sales {\n        id, country, amount, owner\n        1, \"USA\", 5, null\n        2, \"FRANCE\", 500, \"Ann\"\n    }\n    ann sees sales [1]\n}\n",
    ),
];

fn read(root: &Path) -> Start {
    let disk = ambit_cli::project::load(root.to_owned()).unwrap();
    let files = disk.files.into_iter();
    let mut files: Vec<(String, String)> = files
        .map(|f| (f.name.to_string(), f.text.to_string()))
        .collect();
    files.push(("ambit.toml".to_owned(), disk.settings.text.to_string()));
    let name = root.file_name().unwrap().to_string_lossy().into_owned();
    Start { name, files }
}

/// The example projects.
pub fn examples() -> Vec<Start> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let folders = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path());
    let mut folders: Vec<PathBuf> = folders.filter(|p| p.join("ambit.toml").is_file()).collect();
    folders.sort();
    folders.iter().map(|f| read(f)).collect()
}

/// A project to begin with: mostly a small one, so that many can be tried.
pub fn choose(rng: &mut Rng, examples: &[Start]) -> Start {
    match rng.below(100) {
        0..70 => small(),
        70..80 => {
            // The large ones come seldom: their tests alone are as long as all of another.
            let short = |s: &&Start| s.files.iter().map(|(_, t)| t.len()).sum::<usize>() < 7_000;
            let short: Vec<&Start> = examples.iter().filter(short).collect();
            let all: Vec<&Start> = examples.iter().collect();
            let from = if rng.chance(85) { &short } else { &all };
            (*rng.pick(from)).clone()
        }
        80..95 => random(rng),
        _ => generated(rng),
    }
}

fn small() -> Start {
    let files = SMALL
        .iter()
        .map(|(n, t)| ((*n).to_owned(), (*t).to_owned()));
    Start {
        name: "small".to_owned(),
        files: files.collect(),
    }
}

/// A random policy over a random schema, in two files.
fn random(rng: &mut Rng) -> Start {
    let (policy, _) = Policy::new(rng, &mut Coverage::default());
    let text = policy.text();
    let at = text.find("\nrole ").map_or(text.len(), |at| at + 1);
    let (schema, rules) = text.split_at(at);
    Start {
        name: "random".to_owned(),
        files: vec![
            ("ambit.toml".to_owned(), policy.settings()),
            ("a.ambit".to_owned(), schema.to_owned()),
            ("b.ambit".to_owned(), rules.to_owned()),
        ],
    }
}

/// A part of a generated project: the schema of all, the rules of few.
fn generated(rng: &mut Rng) -> Start {
    let shape = Shape {
        roles: 3,
        grants: 8,
        files: 2,
        seed: rng.draw(),
    };
    let mut files = generate(shape);
    files.push(("ambit.toml".to_owned(), SETTINGS.to_owned()));
    Start {
        name: "generated".to_owned(),
        files,
    }
}

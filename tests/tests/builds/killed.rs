//! A build that is killed leaves the old artifacts or the new ones, whole, and there is never a moment without.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ambit_tests::project::{SETTINGS, Shape, generate};
use ambit_tests::rng::Rng;

use super::assert_whole;
use crate::budget::{say, seed};
use crate::support::command::{ambit, plant, tree};

/// How many builds are killed.
const BUILDS: usize = 200;
/// At least so many of them while they write.
const WHILE_WRITING: usize = 40;

type Files = BTreeMap<String, Vec<u8>>;

fn start(project: &Path) -> Child {
    Command::new(ambit())
        .args([
            "build", "--target", "json", "--target", "sql", "--target", "ucast",
        ])
        .current_dir(project)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Builds to the end; what is in `out` then.
fn build(project: &Path) -> Files {
    let status = start(project).wait().unwrap();
    assert!(matches!(status.code(), Some(0 | 3)), "{status}");
    let out = project.join("out");
    let found = tree(&out);
    assert_whole(&found, &out);
    found
}

/// The file that makes the two policies differ, and its texts.
const CHANGING: &str = "policy/changing.ambit";
const TEXTS: [&str; 2] = [
    "role changing { grant read on sales_orders where country = \"FRANCE\" }\n",
    "role changing { grant read on sales_orders where country = \"ITALY\" and quantity > 3 }\nuser u : changing { }\n",
];

#[test]
fn a_killed_build_leaves_whole_artifacts() {
    let dir = tempfile::tempdir().unwrap();
    let project = dir.path();
    let shape = Shape {
        roles: 12,
        grants: 40,
        files: 3,
        seed: 1,
    };
    let files = generate(shape);
    plant(
        project,
        files.iter().map(|(n, t)| (n.as_str(), t.as_bytes())),
    );
    plant(project, [("ambit.toml", SETTINGS.as_bytes())]);
    let change = |to: usize| plant(project, [(CHANGING, TEXTS[to].as_bytes())]);

    // What each policy gives, and how long that takes.
    let wanted = [1, 0].map(|policy| {
        change(policy);
        build(project)
    });
    let wanted = [&wanted[1], &wanted[0]];
    assert_ne!(wanted[0], wanted[1]);
    let started = Instant::now();
    build(project);
    let whole = started.elapsed();

    let mut rng = Rng::new(seed());
    let (stop, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut counts = Counts::default();
    std::thread::scope(|scope| {
        // A reader who looks all the time.
        scope.spawn(|| {
            let path = project.join("out/manifest.json");
            while !stop.load(Ordering::Relaxed) {
                let bytes = std::fs::read(&path)
                    .unwrap_or_else(|e| panic!("a moment without artifacts: {e}"));
                assert!(
                    wanted.iter().any(|w| w["manifest.json"] == bytes),
                    "a manifest of no build"
                );
                reads.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(Duration::from_micros(200));
            }
        });
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut policy = 0;
            for number in 0..BUILDS {
                let next = 1 - policy;
                change(next);
                let outcome = kill(project, number % 2 == 0, whole, &mut rng);
                counts.add(outcome);
                let out = project.join("out");
                let found = tree(&out);
                assert_whole(&found, &out);
                let is = wanted.iter().position(|w| **w == found);
                let is = is.unwrap_or_else(|| {
                    panic!("build {number}: the artifacts are those of neither policy")
                });
                counts.new += usize::from(is == next && is != policy);
                policy = is;
            }
        }));
        stop.store(true, Ordering::Relaxed);
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    });
    // The next build clears what the killed ones left.
    change(0);
    assert_eq!(&build(project), wanted[0]);
    let mut names: Vec<String> = std::fs::read_dir(project)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["ambit.toml", "out", "policy", "schema"]);
    let Counts {
        before,
        writing,
        done,
        new,
    } = counts;
    say(&format!(
        "builds: {BUILDS} killed: {before} before the write, {writing} inside it, {done} already done; {new} left the new \
         artifacts, the others the old; a reader looked {} times",
        reads.load(Ordering::Relaxed)
    ));
    assert!(
        writing >= WHILE_WRITING,
        "only {writing} builds were killed while they wrote"
    );
}

#[derive(Default)]
struct Counts {
    before: usize,
    writing: usize,
    done: usize,
    new: usize,
}

impl Counts {
    fn add(&mut self, outcome: Killed) {
        match outcome {
            Killed::Before => self.before += 1,
            Killed::Writing => self.writing += 1,
            Killed::Done => self.done += 1,
        }
    }
}

/// When a build was killed.
#[derive(Clone, Copy)]
enum Killed {
    Before,
    Writing,
    Done,
}

/// Starts a build and kills it: at a moment of its whole run, or at one shortly after it began to write. It was writing
/// if the folder in the making is still there when it is dead.
fn kill(project: &Path, anywhere: bool, whole: Duration, rng: &mut Rng) -> Killed {
    let making = project.join(".out.ambit-build/new");
    let before = making
        .exists()
        .then(|| std::fs::metadata(&making).and_then(|m| m.created()).ok());
    let mut child = start(project);
    let micros = |limit: Duration, rng: &mut Rng| {
        Duration::from_micros(rng.below(limit.as_micros().max(1) as usize) as u64)
    };
    if anywhere {
        std::thread::sleep(micros(whole, rng));
    } else {
        // What an earlier build left does not count: it is cleared first.
        let is_new = || {
            making.exists()
                && before != Some(std::fs::metadata(&making).and_then(|m| m.created()).ok())
        };
        while child.try_wait().unwrap().is_none() && !is_new() {
            std::hint::spin_loop();
        }
        std::thread::sleep(micros(whole / 20, rng));
    }
    let was_done = child.try_wait().unwrap().is_some();
    let _ = child.kill();
    child.wait().unwrap();
    let after = making
        .exists()
        .then(|| std::fs::metadata(&making).and_then(|m| m.created()).ok());
    match after {
        Some(_) if after != before => Killed::Writing,
        _ if was_done => Killed::Done,
        // Cleared what was left, or had not come so far; or it had swapped and was clearing up.
        _ => Killed::Before,
    }
}

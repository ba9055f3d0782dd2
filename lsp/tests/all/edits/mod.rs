//! Random edit sequences: nothing panics, and what a warm server says is what a cold one says of the same texts.
//!
//! Most sequences drive the state below the protocol, some the whole server over memory. `AMBIT_CASES` multiplies how many
//! there are, `AMBIT_SEED` says where chance begins. A sequence that fails is printed with its seed, as short as it gets.

mod columns;
mod shrink;
mod start;
mod state;
mod text;
mod wire;
mod world;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use ambit_lsp::lines::Encoding;
use ambit_tests::rng::Rng;

use crate::budget::{self, Outcome};
use start::Start;
use state::{Said, State};
use world::{Act, Step, World};

/// Sequences below the protocol, and through it.
const SEQUENCES: usize = 10_000;
const SESSIONS: usize = 300;
/// The least number of edits of a sequence.
const LEAST: usize = 20;
/// Conditions may nest as deep as the language allows, and so do the walks over them.
const STACK: usize = 64 << 20;

/// A sequence: where it begins, and what is done.
struct Sequence {
    start: Start,
    encoding: Encoding,
    steps: Vec<Step>,
}

impl Sequence {
    fn new(seed: u64, number: usize, examples: &[Start]) -> Self {
        let mut rng = Rng::new(seed).fork(number as u64);
        let start = start::choose(&mut rng, examples);
        let encoding = match rng.below(2) {
            0 => Encoding::Utf8,
            _ => Encoding::Utf16,
        };
        // Where nobody slips, the project stays sound and the second stage has something to say.
        let slips = *rng.pick(&[0, 0, 0, 20, 80]);
        let count = LEAST + 1 + rng.below(8);
        let steps = (0..count).map(|_| Step {
            seed: rng.draw(),
            tame: !rng.chance(slips),
        });
        Self {
            start,
            encoding,
            steps: steps.collect(),
        }
    }
}

/// Does the steps; what a cold start says is asked at the end, and now and then.
fn run(sequence: &Sequence, steps: &[Step]) -> Result<Said, String> {
    let mut world = World::new(&sequence.start, sequence.encoding);
    let mut state = State::new(&world);
    let mut said = Said::default();
    for (n, step) in steps.iter().enumerate() {
        for act in world.step(*step) {
            state.take(act)?;
        }
        // A server is asked all the time: results of many states are in its memory.
        if step.seed.is_multiple_of(3) {
            state.ask(&world);
        }
        if n + 1 == steps.len() || step.seed.is_multiple_of(23) {
            said.add(state.compare(&world)?);
        }
    }
    Ok(said)
}

/// The same; a panic is a failure.
fn tried(sequence: &Sequence, steps: &[Step]) -> Result<Said, String> {
    catch_unwind(AssertUnwindSafe(|| run(sequence, steps))).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Err(format!("a panic: {}", text.unwrap_or_default()))
    })
}

/// What the steps do, for whoever has to mend it.
fn described(sequence: &Sequence, steps: &[Step]) -> String {
    let mut world = World::new(&sequence.start, sequence.encoding);
    let mut text = format!(
        "project {}, columns in {:?}\n",
        sequence.start.name, sequence.encoding
    );
    for step in steps {
        for act in world.step(*step) {
            let line = match act {
                // Its text is in the changes.
                Act::Change(path, changes, version, _) => {
                    format!("Change({}, {version}, {changes})", path.display())
                }
                act => format!("{act:?}"),
            };
            let _ = writeln!(text, "  {line}");
        }
    }
    for (path, open) in &world.open {
        let path = path.display();
        let _ = writeln!(text, "open at the end: {path} {:?}", open.text);
    }
    text
}

/// Runs `work` for every number below `count` on so many threads.
fn in_parallel(threads: usize, count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let builder = std::thread::Builder::new().stack_size(STACK);
            let work = || {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return;
                    }
                    work(n);
                }
            };
            builder.spawn_scoped(scope, work).unwrap();
        }
    });
}

#[test]
fn ten_thousand_edit_sequences_end_as_a_cold_start() {
    let (seed, count) = (budget::seed(), SEQUENCES * budget::times());
    let begin = Instant::now();
    let examples = start::examples();
    let said = Mutex::new(Said::default());
    let failures = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    in_parallel(threads, count, |n| {
        if failures.lock().unwrap().len() >= 3 {
            return;
        }
        let sequence = Sequence::new(seed, n, &examples);
        match tried(&sequence, &sequence.steps) {
            Ok(more) => said.lock().unwrap().add(more),
            Err(why) => {
                let fails = |steps: &[Step]| tried(&sequence, steps).is_err();
                let steps = shrink::shortest(&sequence.steps, fails);
                let why = tried(&sequence, &steps).err().unwrap_or(why);
                let text = described(&sequence, &steps);
                let all = format!("AMBIT_SEED={seed}, sequence {n}: {why}\n{text}");
                failures.lock().unwrap().push(all);
            }
        }
    });
    let (said, failures) = (said.into_inner().unwrap(), failures.into_inner().unwrap());
    let seconds = begin.elapsed().as_secs_f64();
    budget::say(&format!(
        "lsp-edits: {count} sequences from seed {seed} in {seconds:.1} s; {said:?}; {} differ",
        failures.len()
    ));
    let outcome = Outcome {
        cases: count as u64,
        differences: failures.len() as u64,
        refused: 0,
        seed,
        seconds,
    };
    budget::summary("lsp-edits", "state", &outcome);
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    // Where hardly any state is sound, or none is wrong, equality would prove nothing.
    assert!(said.sound * 5 > said.states, "{said:?}");
    assert!(
        said.first > said.states && said.second > said.sound / 2,
        "{said:?}"
    );
}

#[test]
fn edit_sequences_over_the_protocol_end_as_a_cold_start() {
    let (seed, count) = (budget::seed(), SESSIONS * budget::times());
    let begin = Instant::now();
    let examples = start::examples();
    let failures = Mutex::new(Vec::new());
    // Sessions mostly wait, for the pause before the second stage.
    in_parallel(8, count, |n| {
        if failures.lock().unwrap().len() >= 3 {
            return;
        }
        let sequence = Sequence::new(seed ^ 0xC0_FFEE, n, &examples);
        let told = catch_unwind(AssertUnwindSafe(|| wire::session(&sequence, n)));
        let why = match told {
            Ok(Ok(())) => return,
            Ok(Err(why)) => why,
            Err(panic) => format!("a panic: {:?}", panic.downcast_ref::<String>()),
        };
        let text = described(&sequence, &sequence.steps);
        let all = format!("AMBIT_SEED={seed}, session {n}: {why}\n{text}");
        failures.lock().unwrap().push(all);
    });
    let failures = failures.into_inner().unwrap();
    let seconds = begin.elapsed().as_secs_f64();
    budget::say(&format!(
        "lsp-edits over the protocol: {count} sessions from seed {seed} in {seconds:.1} s; {} differ",
        failures.len()
    ));
    let outcome = Outcome {
        cases: count as u64,
        differences: failures.len() as u64,
        refused: 0,
        seed,
        seconds,
    };
    budget::summary("lsp-edits", "protocol", &outcome);
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

//! Findings and claims of a project, as queries: made anew for just the resources whose slice an edit changes.

// The macros of salsa make items of their own, without docs.
#![allow(missing_docs)]

use std::sync::Arc;

use ambit_compiler::{Database, Db, Project};
use ambit_core::{Program, Resource};
use ambit_diagnostics::{FileSpan, Level, LineIndex, Resolved, Said, registry};
use ambit_solver::Model;

use crate::answers::{Answers, LastBase};
use crate::claims::{self, Proof};
use crate::findings;
use crate::place::{Mention, Mentions, Texts, resolve};
use crate::raw::{Spot, Told, Trouble};
use crate::slice::{self, ByResource, Slice, SliceIds};

/// A resource of the program.
#[salsa::interned(debug)]
struct Group<'db> {
    resource: Resource,
}

/// The program without rules, tests and claims, and without places.
#[salsa::tracked(returns(clone))]
fn base(db: &dyn Db, project: Project) -> Option<Arc<Program>> {
    let program = ambit_compiler::program(db, project)?;
    Some(db.memory().of::<LastBase>().same(slice::base(&program)))
}

/// The rules of each resource.
#[salsa::tracked(returns(clone))]
fn by_resource(db: &dyn Db, project: Project) -> Arc<ByResource> {
    let program = ambit_compiler::program(db, project);
    Arc::new(program.map(|p| slice::by_resource(&p)).unwrap_or_default())
}

/// The slice of a resource.
#[salsa::tracked(returns(clone))]
fn slice_of<'db>(db: &'db dyn Db, project: Project, group: Group<'db>) -> Option<Arc<Slice>> {
    let program = ambit_compiler::program(db, project)?;
    let by = by_resource(db, project);
    let ids = slice::ids(&program, &by, *group.resource(db));
    Some(Arc::new(slice::slice(&program, &ids)))
}

/// What there is to say of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct GroupReport {
    /// Its findings.
    told: Vec<Told>,
    /// Its claims, in order.
    proofs: Vec<Result<Proof, Trouble>>,
    /// Why some of its findings could not be made.
    troubles: Vec<Trouble>,
    /// Findings that the evaluator does not confirm: where they would stand, and why not.
    faults: Vec<(Spot, String)>,
    /// The rule with which a question grows beyond the solver.
    culprit: Option<ambit_core::RuleId>,
}

impl GroupReport {
    fn is_empty(&self) -> bool {
        self.told.is_empty()
            && self.proofs.is_empty()
            && self.troubles.is_empty()
            && self.faults.is_empty()
    }
}

/// The findings and proofs of a resource.
#[salsa::tracked(returns(clone))]
fn group_report<'db>(
    db: &'db dyn Db,
    project: Project,
    group: Group<'db>,
) -> Option<Arc<GroupReport>> {
    let base = base(db, project)?;
    let slice = slice_of(db, project, group)?;
    let answers = db.memory().of::<Answers>();
    // An edit must not wait for a large resource.
    let wanted = || db.unwind_if_revision_cancelled();
    let report = report_of(&base, &slice, *group.resource(db), &answers, &wanted);
    Some(Arc::new(report))
}

fn report_of(
    base: &Arc<Program>,
    slice: &Slice,
    resource: Resource,
    answers: &Answers,
    wanted: &dyn Fn(),
) -> GroupReport {
    let program = slice::program(base, slice);
    let model = Model::new(&program).while_wanted(wanted);
    let mut report = GroupReport::default();
    let shared = findings::Shared {
        base,
        model: &model,
        written: &slice.written,
        answers,
        wanted,
    };
    let found = findings::of_resource(&program, resource, &shared);
    let mut raws = found.findings;
    if !found.troubles.is_empty() {
        report.culprit = culprit(&model, resource);
    }
    report.troubles = found.troubles;
    report.faults = found.faults;
    for (n, claim) in program.claims.iter().enumerate() {
        wanted();
        let proof = claims::prove(&program, &model, claim);
        if let Ok(proof) = &proof {
            raws.extend(claims::told(&program, claim, Spot::Claim(n as u32), proof));
        }
        report.proofs.push(proof);
    }
    report.told = raws.into_iter().map(Told::new).collect();
    report
}

/// The rule with which the question about a resource grows beyond the solver: with those before it, it does not.
fn culprit(model: &Model<'_>, resource: Resource) -> Option<ambit_core::RuleId> {
    let rules = model.rules_on(resource);
    let fits = |count: usize| {
        let mut q = ambit_solver::Question::new(model);
        let user = q.user(ambit_solver::Who::Anyone);
        let row = match resource {
            Resource::Table(table) => Some(q.row(table)),
            Resource::Object(_) => None,
        };
        let mut formulas = Vec::new();
        for (_, rule) in &rules[..count] {
            formulas.push(q.is_true(user, &rule.pred, row));
            formulas.push(q.is_false(user, &rule.pred, row));
        }
        q.ask(&formulas).is_ok()
    };
    let (mut low, mut high) = (0, rules.len());
    if fits(high) {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low.checked_sub(1)
        .and_then(|n| rules.get(n))
        .map(|(id, _)| *id)
}

/// Where what there is to say of a resource is written.
#[salsa::tracked(returns(clone))]
fn mentions<'db>(db: &'db dyn Db, project: Project, group: Group<'db>) -> Arc<Mentions> {
    let program = ambit_compiler::program(db, project);
    let Some((program, report)) = program.zip(group_report(db, project, group)) else {
        return Arc::default();
    };
    if report.is_empty() {
        return Arc::default();
    }
    let ids = slice::ids(&program, &by_resource(db, project), *group.resource(db));
    let faults = report.faults.iter().map(|(at, _)| *at);
    Arc::new(Mentions::new(&program, &ids, &report.told, faults))
}

/// The findings of a resource, with places.
#[salsa::tracked(returns(clone))]
fn placed<'db>(db: &'db dyn Db, project: Project, group: Group<'db>) -> Arc<Vec<Resolved>> {
    let Some(report) = group_report(db, project, group) else {
        return Arc::default();
    };
    let mentions = mentions(db, project, group);
    let texts = |file: &str| text_of(db, project, file);
    let told = report.told.iter();
    Arc::new(told.map(|told| resolve(&mentions, told, &texts)).collect())
}

fn text_of(db: &dyn Db, project: Project, file: &str) -> Option<Arc<str>> {
    let files = project.files(db);
    let at = files
        .binary_search_by(|f| f.path(db).as_str().cmp(file))
        .ok()?;
    files.get(at).map(|f| f.text(db))
}

/// What the second stage of `check` gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Findings, claims that fail, and questions beyond the solver, in the order of files and places.
    pub problems: Vec<Resolved>,
    /// How many claims hold.
    pub proved: usize,
    /// How many do not.
    pub failed: usize,
    /// How many findings there are, whatever their level; those that `[lints]` allows do not count.
    pub findings: usize,
    /// A question was beyond the solver: the command ends with "refused".
    pub refused: bool,
    /// Claims and findings of which the evaluator contradicts the solver, a line each with its place: faults of ours. They
    /// are left out, and all others are there.
    pub fault: Option<String>,
}

/// Findings and claims of a project; nothing where it has errors.
pub fn report(db: &Database, project: Project) -> Report {
    let Some(program) = ambit_compiler::program(db, project) else {
        return Report::default();
    };
    let resources = slice::resources(&program);
    base(db, project);
    warm(db, project, &resources);
    let by = by_resource(db, project);
    let texts = |file: &str| text_of(db, project, file);
    let mut report = Report::default();
    let mut everywhere = Everywhere::default();
    for resource in &resources {
        let group = Group::new(db, *resource);
        let Some(of) = group_report(db, project, group) else {
            continue;
        };
        if of.is_empty() {
            continue;
        }
        let mentions = mentions(db, project, group);
        for (told, resolved) in of.told.iter().zip(placed(db, project, group).iter()) {
            let mention = mentions.get(told.at);
            match mention.filter(|m| m.everywhere) {
                Some(mention) => everywhere.keep(mention, resolved),
                None => report.problems.push(resolved.clone()),
            }
        }
        for (n, proof) in of.proofs.iter().enumerate() {
            match proof {
                Ok(proof) if proof.holds() => report.proved += 1,
                Ok(_) => report.failed += 1,
                Err(trouble) => {
                    report.trouble(&texts, trouble, mentions.span(Spot::Claim(n as u32)));
                }
            }
        }
        for (spot, why) in &of.faults {
            report.fault(&texts, why, &mentions.span(*spot));
        }
        for trouble in &of.troubles {
            let ids = slice::ids(&program, &by, *resource).rules;
            let culprit = of.culprit.and_then(|id| ids.get(id.index()));
            let first = by.get(resource).and_then(|on| on.rules.first());
            let origin = culprit
                .or(first)
                .and_then(|id| program.rules.get(id.index()))
                .map(|rule| rule.origin.clone())
                .unwrap_or_default();
            let at = FileSpan {
                file: origin.file,
                start: origin.start,
                end: origin.end,
            };
            report.trouble(&texts, trouble, at);
        }
    }
    report.problems.extend(everywhere.rest());
    let texts = |file: &str| text_of(db, project, file);
    let edited: &dyn Db = db;
    let wanted = || edited.unwind_if_revision_cancelled();
    let undated = crate::undated::find(&program, &texts, &wanted);
    report.problems.extend(undated);
    report.set_levels(&project.config(db).lints);
    report
        .problems
        .sort_by(|a, b| (&a.at, a.code, &a.message).cmp(&(&b.at, b.code, &b.message)));
    report.problems.dedup();
    let is_finding = |p: &&Resolved| p.code.starts_with("W06");
    report.findings = report.problems.iter().filter(is_finding).count();
    report
}

impl Report {
    fn trouble(&mut self, texts: Texts<'_>, trouble: &Trouble, at: FileSpan) {
        match trouble {
            Trouble::Unconfirmed(why) => self.fault(texts, why, &at),
            Trouble::Limit(limit) => {
                self.refused = true;
                self.problems.push(beyond(limit, at));
            }
        }
    }

    fn fault(&mut self, texts: Texts<'_>, why: &str, at: &FileSpan) {
        let all = self.fault.get_or_insert_default();
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(&fault_at(texts, why, at));
    }

    /// Applies `[lints]`.
    fn set_levels(&mut self, lints: &std::collections::BTreeMap<String, Option<Level>>) {
        self.problems.retain_mut(|problem| {
            let slug = registry::find(problem.code).map_or("", |c| c.slug);
            match lints.get(slug) {
                Some(Some(level)) => {
                    problem.level = *level;
                    true
                }
                Some(None) => false,
                None => true,
            }
        });
    }
}

/// A fault with its place, in one line.
pub fn fault_at(texts: Texts<'_>, why: &str, at: &FileSpan) -> String {
    let place = texts(&at.file).map(|text| {
        let position = LineIndex::new(&text).position(&text, at.start);
        format!("{}:{}:{}: ", at.file, position.line, position.col)
    });
    let place = place.unwrap_or_default();
    format!("{place}internal fault: {why}; this is an error in Ambit, please report it")
}

/// The problem of a question that the solver does not take.
pub fn beyond(limit: &ambit_solver::Limit, at: FileSpan) -> Resolved {
    let said = Said {
        message: limit.to_string(),
        label: "beyond what the solver decides".to_owned(),
        help: vec![limit.help().to_owned()],
        notes: vec!["nothing is claimed of what could not be decided".to_owned()],
        witness: None,
    };
    Resolved::at("E0414", at, said)
}

/// Findings about rules on everything in a source: such a rule is meant for many things, so a finding counts where it
/// is made of each of them.
#[derive(Debug, Default)]
struct Everywhere {
    found: std::collections::BTreeMap<(FileSpan, &'static str), (usize, usize, Resolved)>,
}

impl Everywhere {
    /// Keeps a finding back.
    fn keep(&mut self, mention: &Mention, resolved: &Resolved) {
        let key = (resolved.at.clone(), resolved.code);
        let entry = self
            .found
            .entry(key)
            .or_insert_with(|| (0, mention.resources, resolved.clone()));
        entry.0 += 1;
    }

    fn rest(self) -> impl Iterator<Item = Resolved> {
        self.found
            .into_values()
            .filter(|(some, all, _)| some == all)
            .map(|(.., resolved)| resolved)
    }
}

/// Makes the reports of all resources on as many threads as there are cores; they stay in the database.
fn warm(db: &Database, project: Project, resources: &[Resource]) {
    let threads = std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(resources.len());
    if threads < 2 {
        return;
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let db = db.clone();
            let next = &next;
            let work = move || {
                while let Some(resource) =
                    resources.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    let group = Group::new(&db, *resource);
                    group_report(&db, project, group);
                }
            };
            // Conditions nest as deep as the language allows, and so do the walks over them.
            let built = std::thread::Builder::new().stack_size(64 << 20);
            // Where an edit cancels this, the caller's own next query unwinds, with the reason.
            let work = || salsa::Cancelled::catch(std::panic::AssertUnwindSafe(work)).ok();
            if built.spawn_scoped(scope, work).is_err() {
                // Without another thread the reports are made when they are asked for.
                return;
            }
        }
    });
}

/// Proves the claims that stand in one file, in order.
pub fn prove_file(
    db: &Database,
    project: Project,
    file: &str,
) -> Vec<(ambit_core::Claim, Result<Proof, Trouble>)> {
    let Some(program) = ambit_compiler::program(db, project) else {
        return Vec::new();
    };
    let looked: &dyn Db = db;
    let wanted = || looked.unwind_if_revision_cancelled();
    let model = Model::new(&program).while_wanted(&wanted);
    program
        .claims
        .iter()
        .filter(|claim| claim.origin.file == file)
        .map(|claim| (claim.clone(), claims::prove(&program, &model, claim)))
        .collect()
}

/// What to tell of a claim, with places in files; `None` of one that is proved and speaks of something.
pub fn told(
    program: &Program,
    position: usize,
    proof: &Proof,
    texts: crate::place::Texts<'_>,
) -> Option<Resolved> {
    let claim = program.claims.get(position)?;
    let ids = SliceIds {
        rules: (0..program.rules.len() as u32)
            .map(ambit_core::RuleId)
            .collect(),
        claims: vec![position],
    };
    let raw = claims::told(program, claim, Spot::Claim(0), proof)?;
    let told = Told::new(raw);
    let mentions = Mentions::new(program, &ids, std::slice::from_ref(&told), []);
    Some(resolve(&mentions, &told, texts))
}

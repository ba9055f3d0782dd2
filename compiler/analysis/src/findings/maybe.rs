//! What a condition tests that may be null.

use ambit_core::{Column, Operand, Path, Pred, Program, TableId};

use super::reads::{self, lets_others_through};

/// Something that may be null, and makes a condition unknown.
pub(super) struct Maybe {
    pub operand: Operand,
    pub is_null: Pred,
    /// Every test of it lets all through but what it names.
    pub negative: bool,
}

/// What a condition tests that may be null.
pub(super) fn maybes(program: &Program, table: TableId, pred: &Pred) -> Vec<Maybe> {
    let mut out: Vec<Maybe> = Vec::new();
    for test in reads::tests(pred) {
        if matches!(test.pred, Pred::IsNull(_)) {
            continue;
        }
        let negative = lets_others_through(&test) == Some(true);
        for operand in read_by(table, test.pred) {
            match out.iter_mut().find(|known| known.operand == operand) {
                Some(known) => known.negative &= negative,
                None if may_be_null(program, &operand) => out.push(Maybe {
                    is_null: Pred::IsNull(operand.clone()),
                    operand,
                    negative,
                }),
                None => {}
            }
        }
    }
    out
}

/// The columns by which a test can be unknown.
fn read_by(table: TableId, test: &Pred) -> Vec<Operand> {
    let column = |steps: &[ambit_core::Step], column| {
        let table = steps.last().map_or(table, |step| step.to);
        Operand::Column(Path {
            steps: steps.to_vec(),
            table,
            column,
        })
    };
    match test {
        Pred::Exists(exists) => vec![column(&exists.path, exists.own)],
        Pred::LinkVisible(steps) => match steps.split_last() {
            Some((last, before)) => vec![column(before, last.column)],
            None => Vec::new(),
        },
        test => reads::operands(test).into_iter().cloned().collect(),
    }
}

/// May the column, or a link on the way to it, be null? A link that leads nowhere is a fault of the data, not a null.
fn may_be_null(program: &Program, operand: &Operand) -> bool {
    let Operand::Column(path) = operand else {
        return false;
    };
    let null = |column: &Column| column.nullable;
    path.steps
        .iter()
        .any(|step| null(program.column(step.from, step.column)))
        || null(program.column(path.table, path.column))
}

//! Random conditions at a row of a table.

use std::sync::Arc;

use ambit_core::{
    AttributeId, ColumnId, CompareOp, Exists, Operand, Path, Pred, ScopeLevel, ScopeMode,
    ScopeTest, Step, TableId, TextTest, Type, Unit, Value, Window, WindowKind,
};
use ambit_tests::rng::Rng;

use super::schema::{MAIN, Schema, attributes, rank};

/// Where a condition stands.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    pub table: TableId,
    /// Only tables of a lower rank are read.
    pub below: usize,
    /// The link that leads straight back.
    pub back: Option<(ColumnId, TableId)>,
    /// `visible` may be asked.
    pub visible: bool,
}

impl Spot {
    /// At a row of `main`, outside every `exists`.
    pub fn main() -> Self {
        Self {
            table: MAIN,
            below: 4,
            back: None,
            visible: true,
        }
    }

    /// At a row of a table whose rules may be asked from inside an `exists`.
    pub fn rule(table: TableId) -> Self {
        Self {
            table,
            below: rank(table),
            back: None,
            visible: false,
        }
    }
}

pub struct Maker<'a> {
    pub schema: &'a Schema,
    pub rng: &'a mut Rng,
}

impl Maker<'_> {
    pub fn cond(&mut self, spot: Spot, depth: usize) -> Pred {
        if depth > 0 && self.rng.chance(55) {
            return match self.rng.below(5) {
                0 => Pred::Not(Arc::new(self.cond(spot, depth - 1))),
                1 | 2 => Pred::And(self.parts(spot, depth)),
                _ => Pred::Or(self.parts(spot, depth)),
            };
        }
        self.leaf(spot, depth)
    }

    /// A condition that has to do with another.
    pub fn related(&mut self, a: &Pred) -> Pred {
        match self.rng.below(10) {
            0 => Pred::Not(Arc::new(a.clone())),
            1 | 2 => {
                let more = self.cond(Spot::main(), 1);
                Pred::Or([a.clone(), more].into())
            }
            3 => {
                let more = self.cond(Spot::main(), 1);
                Pred::And([more, a.clone()].into())
            }
            4 => moved(a),
            _ => self.cond(Spot::main(), 2),
        }
    }

    /// A condition on the user alone, as rules on objects have.
    pub fn of_user(&mut self) -> Pred {
        for _ in 0..200 {
            let made = self.leaf(Spot::main(), 0);
            if of_user(&made) {
                return made;
            }
        }
        Pred::Const(true)
    }

    fn parts(&mut self, spot: Spot, depth: usize) -> Arc<[Pred]> {
        let count = 2 + usize::from(self.rng.chance(25));
        (0..count).map(|_| self.cond(spot, depth - 1)).collect()
    }

    fn leaf(&mut self, spot: Spot, depth: usize) -> Pred {
        for _ in 0..20 {
            let made = match self.rng.below(20) {
                0 => Some(Pred::Const(self.rng.chance(50))),
                1 => self.truth(spot),
                2..=6 => self.compare(spot),
                7 | 8 => self.in_list(spot),
                9 => self.in_set(spot),
                10 | 11 => self.operand(spot).map(|(o, _)| Pred::IsNull(o)),
                12 => self.text(spot),
                13 => self.window(spot),
                14 => self.scope(spot),
                15..=17 => self.exists(spot, depth),
                _ => self.link_visible(spot),
            };
            if let Some(made) = made {
                return made;
            }
        }
        Pred::Const(true)
    }

    /// To-one steps from here, perhaps none.
    fn steps(&mut self, spot: Spot) -> (Vec<Step>, TableId) {
        let (mut steps, mut here) = (Vec::new(), spot.table);
        while self.rng.chance(if steps.is_empty() { 30 } else { 25 }) && steps.len() < 2 {
            let fits: Vec<Step> = self.schema.steps[here.index()]
                .iter()
                .copied()
                .filter(|s| {
                    rank(s.to) < spot.below
                        || (steps.is_empty() && spot.back == Some((s.column, s.to)))
                })
                .collect();
            if fits.is_empty() {
                break;
            }
            let step = *self.rng.pick(&fits);
            here = step.to;
            steps.push(step);
        }
        (steps, here)
    }

    /// Something that varies, and its type.
    fn operand(&mut self, spot: Spot) -> Option<(Operand, Type)> {
        match self.rng.below(12) {
            0 | 1 => {
                let attributes = attributes();
                let position = self.rng.below(attributes.len());
                let id = AttributeId(position as u32);
                Some((Operand::Attribute(id), attributes[position].1.clone()))
            }
            2 => Some((Operand::Login, Type::String)),
            3 => Some((Operand::Today, Type::Date)),
            _ => {
                let (steps, table) = self.steps(spot);
                let count = self.schema.program.table(table).columns.len();
                let column = ColumnId(self.rng.below(count) as u32);
                let ty = self.schema.program.column(table, column).ty.clone();
                Some((
                    Operand::Column(Path {
                        steps,
                        table,
                        column,
                    }),
                    ty,
                ))
            }
        }
    }

    /// The same, of a type that passes; an instant sometimes as its day.
    fn of(&mut self, spot: Spot, wanted: impl Fn(&Type) -> bool) -> Option<(Operand, Type)> {
        for _ in 0..30 {
            let (operand, ty) = self.operand(spot)?;
            if ty == Type::Timestamp && wanted(&Type::Date) && (!wanted(&ty) || self.rng.chance(40))
            {
                return Some((Operand::Day(Arc::new(operand)), Type::Date));
            }
            if wanted(&ty) {
                return Some((operand, ty));
            }
        }
        None
    }

    fn constant(&mut self, ty: &Type) -> Value {
        let list = self.schema.pool.constants(ty);
        self.rng.pick(&list).clone()
    }

    fn truth(&mut self, spot: Spot) -> Option<Pred> {
        let (operand, _) = self.of(spot, |t| *t == Type::Bool)?;
        Some(Pred::Is(operand))
    }

    fn compare(&mut self, spot: Spot) -> Option<Pred> {
        use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
        let (left, ty) = self.of(spot, |t| !matches!(t, Type::Set(_) | Type::Scope(_)))?;
        let ordered = !matches!(ty, Type::Bool | Type::String | Type::Enum(_));
        let op = if ordered && self.rng.chance(70) {
            *self.rng.pick(&[Lt, Le, Gt, Ge])
        } else {
            *self.rng.pick(&[Eq, Eq, Ne])
        };
        let right = match self.rng.chance(40) {
            true => self.of(spot, |t| *t == ty).map(|(o, _)| o),
            false => None,
        };
        let right = match right {
            Some(right) => right,
            None if self.rng.chance(2) => Operand::Const(Value::Null),
            None => Operand::Const(self.constant(&ty)),
        };
        Some(if self.rng.chance(15) {
            Pred::Compare(right, op, left)
        } else {
            Pred::Compare(left, op, right)
        })
    }

    fn in_list(&mut self, spot: Spot) -> Option<Pred> {
        let (operand, ty) = self.of(spot, |t| !matches!(t, Type::Set(_) | Type::Scope(_)))?;
        let mut list: Vec<Value> = Vec::new();
        for _ in 0..1 + self.rng.below(3) {
            let value = self.constant(&ty);
            if !list.contains(&value) {
                list.push(value);
            }
        }
        Some(Pred::InList(operand, list.into()))
    }

    fn in_set(&mut self, spot: Spot) -> Option<Pred> {
        let sets: Vec<(AttributeId, Type)> = attributes()
            .into_iter()
            .enumerate()
            .filter_map(|(i, (_, ty))| match ty {
                Type::Set(of) => Some((AttributeId(i as u32), *of)),
                _ => None,
            })
            .collect();
        let (set, of) = self.rng.pick(&sets).clone();
        let operand = if self.rng.chance(8) {
            Operand::Const(self.constant(&of))
        } else {
            self.of(spot, |t| *t == of)?.0
        };
        Some(Pred::InSet(operand, set))
    }

    fn text(&mut self, spot: Spot) -> Option<Pred> {
        let (operand, _) = self.of(spot, |t| *t == Type::String)?;
        let test = *self
            .rng
            .pick(&[TextTest::StartsWith, TextTest::EndsWith, TextTest::Contains]);
        let literal = self.rng.pick(&self.schema.pool.literals).clone();
        Some(Pred::Text(operand, test, literal))
    }

    fn window(&mut self, spot: Spot) -> Option<Pred> {
        let (operand, _) = self.of(spot, |t| *t == Type::Date)?;
        let window = Window {
            kind: *self.rng.pick(&[
                WindowKind::Last,
                WindowKind::LastToToday,
                WindowKind::Next,
                WindowKind::NextFromToday,
                WindowKind::This,
            ]),
            count: 1 + self.rng.below(3) as u32,
            unit: *self.rng.pick(&[
                Unit::Day,
                Unit::Day,
                Unit::Week,
                Unit::Month,
                Unit::Quarter,
                Unit::Year,
            ]),
        };
        Some(Pred::InWindow(operand, window))
    }

    fn scope(&mut self, spot: Spot) -> Option<Pred> {
        let (operand, _) = self.of(spot, |t| matches!(t, Type::Scope(_)))?;
        let mode = *self.rng.pick(&[
            ScopeMode::MatchAll,
            ScopeMode::MatchAny,
            ScopeMode::ContainsAll,
            ScopeMode::ContainsAny,
        ]);
        let levels = self.rng.some(&["Book", "Desk", "ID"], 2);
        let levels = levels
            .into_iter()
            .map(|level| ScopeLevel {
                level: level.into(),
                members: (!self.rng.chance(30)).then(|| {
                    let members = self.rng.some(&["1", "2"], 2);
                    members.into_iter().map(Into::into).collect()
                }),
            })
            .collect();
        Some(Pred::Scope(operand, ScopeTest { mode, levels }))
    }

    fn exists(&mut self, spot: Spot, depth: usize) -> Option<Pred> {
        let (path, here) = if self.rng.chance(15) {
            self.steps(spot)
        } else {
            (Vec::new(), spot.table)
        };
        let joins: Vec<_> = self.schema.joins[here.index()]
            .iter()
            .copied()
            .filter(|j| rank(j.table) < spot.below)
            .collect();
        if joins.is_empty() {
            return None;
        }
        let join = *self.rng.pick(&joins);
        let inside = Spot {
            table: join.table,
            below: rank(join.table).min(spot.below),
            back: Some((join.other, here)),
            visible: false,
        };
        let pred = if self.rng.chance(15) {
            Pred::Const(true)
        } else {
            self.cond(inside, depth.saturating_sub(1).min(1))
        };
        Some(Pred::Exists(Arc::new(Exists {
            path,
            own: join.own,
            table: join.table,
            other: join.other,
            // Whose rules ask nothing else that is visible, and read only what is below.
            visible: join.table != MAIN && spot.visible && self.rng.chance(30),
            pred,
        })))
    }

    fn link_visible(&mut self, spot: Spot) -> Option<Pred> {
        if !spot.visible {
            return None;
        }
        let (steps, to) = self.steps(spot);
        (!steps.is_empty() && to != MAIN).then(|| Pred::LinkVisible(steps.into()))
    }
}

fn of_user(pred: &Pred) -> bool {
    fn plain(operand: &Operand) -> bool {
        match operand {
            Operand::Column(_) => false,
            Operand::Day(inner) => plain(inner),
            _ => true,
        }
    }
    match pred {
        Pred::Is(o)
        | Pred::InList(o, _)
        | Pred::InSet(o, _)
        | Pred::IsNull(o)
        | Pred::Text(o, ..)
        | Pred::InWindow(o, _) => plain(o),
        Pred::Compare(a, _, b) => plain(a) && plain(b),
        _ => false,
    }
}

/// The same by De Morgan's laws, the other way round.
pub fn moved(pred: &Pred) -> Pred {
    let not = |p: &Pred| match p {
        Pred::Not(inner) => (**inner).clone(),
        other => Pred::Not(Arc::new(other.clone())),
    };
    match pred {
        Pred::And(parts) => {
            let parts: Vec<Pred> = parts.iter().rev().map(|p| not(&moved(p))).collect();
            Pred::Not(Arc::new(Pred::Or(parts.into())))
        }
        Pred::Or(parts) => {
            let parts: Vec<Pred> = parts.iter().rev().map(|p| not(&moved(p))).collect();
            Pred::Not(Arc::new(Pred::And(parts.into())))
        }
        Pred::Not(inner) => Pred::Not(Arc::new(moved(inner))),
        other => other.clone(),
    }
}

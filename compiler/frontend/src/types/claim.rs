//! `assert`: claims about every row, user, query and day.

use ambit_grammar::ast::{Assert, Subject};

use super::cond::check_cond;
use super::decl::table_decl;
use super::operand::Scope;
use super::rule::{report_action, resource};
use super::typed::{TClaim, TCond, TSubject, TWhat};
use super::who::{PRINCIPALS, check_who};
use crate::names::{Cx, Sort};

/// Types a claim.
pub(crate) fn check_claim(cx: &mut Cx<'_>, claim: &Assert) -> Option<TClaim> {
    match claim {
        Assert::Error(_) => None,
        Assert::Can {
            subject,
            always,
            action,
            what,
            cond,
        } => {
            let subject = check_subject(cx, subject);
            let (target, item) = resource(cx, what)?;
            let ok = report_action(cx, action, &target, item);
            let table = if matches!(target, TWhat::Table(_)) {
                table_decl(cx.db, item)
            } else {
                None
            };
            let cond = match cond {
                Some(cond) => check_cond(
                    cx,
                    &Scope {
                        table,
                        outer: None,
                        params: &[],
                        axis: None,
                    },
                    cond,
                ),
                None => TCond::Const(true),
            };
            ok.then_some(TClaim::Can {
                subject: subject?,
                always: *always,
                action: action.text.clone(),
                what: target,
                cond,
            })
        }
        Assert::Are {
            left,
            right,
            equal,
            table,
        } => {
            let left = check_subject(cx, left);
            let right = check_subject(cx, right);
            cx.find(table, &[Sort::Table])?;
            Some(TClaim::Are {
                left: left?,
                right: right?,
                equal: *equal,
                table: table.text.clone(),
            })
        }
    }
}

fn check_subject(cx: &mut Cx<'_>, subject: &Subject) -> Option<TSubject> {
    match subject {
        Subject::Who(who) => check_who(cx, who, PRINCIPALS, &[]).map(TSubject::Who),
        Subject::Anyone(None, _) => Some(TSubject::Anyone(None)),
        Subject::Anyone(Some(who), _) => {
            check_who(cx, who, PRINCIPALS, &[]).map(|w| TSubject::Anyone(Some(w)))
        }
    }
}

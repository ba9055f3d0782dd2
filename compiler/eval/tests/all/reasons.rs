//! Explanations agree with decisions and name what gave and what took.

use ambit_core::{Axis, Effect, Holder, Operand, Pred, Value};
use ambit_eval::Truth::{False, True};
use ambit_eval::{Act, Data, Judge, Node, Role, RowRef, User};

use crate::build::*;

fn printed(node: &Node, depth: usize, out: &mut String) {
    let given = if node.given.is_empty() {
        String::new()
    } else {
        format!("   ({})", node.given.join(", "))
    };
    out.push_str(&format!(
        "{}{} = {}{given}\n",
        "  ".repeat(depth),
        node.text,
        node.value
    ));
    for child in &node.children {
        printed(child, depth + 1, out);
    }
}

#[test]
fn what_gave_and_what_took() {
    let mut p = program();
    let country = Some(Axis::Column(COUNTRY));
    p.rules = vec![
        grant(eq(here(COUNTRY), text("USA"))),
        grant(eq(here(COUNTRY), text("FRANCE"))),
        deny(eq(tier(), text("secret"))),
        restrict(country, eq(here(COUNTRY), text("USA"))),
        restrict(country, eq(here(COUNTRY), text("FRANCE"))),
        restrict(None, Pred::Const(true)),
        rule(
            Effect::Deny,
            Holder::Principal(A),
            SALES,
            &["read"],
            Pred::Const(true),
        ),
    ];
    let mut data = Data::new(&p);
    data.add(
        &p,
        CONTACTS,
        vec![Value::Int(7), Value::text("open"), Value::Null].into(),
    )
    .unwrap();
    let user = User::nobody(&p);
    let judge = Judge::new(&p, &data, &user, &[SALES], TODAY, None);
    let roles = |row: &ambit_core::Row| {
        let explanation = judge.explain(SALES, Act::Read(RowRef::new(row)));
        assert_eq!(
            explanation.value,
            judge.decide(SALES, Act::Read(RowRef::new(row)))
        );
        explanation.parts[0]
            .rules
            .iter()
            .map(|r| r.role)
            .collect::<Vec<_>>()
    };
    let usa = sale(&[(COUNTRY, Value::text("USA")), (CONTACT, Value::Int(7))]);
    assert_eq!(
        roles(&usa),
        [
            Role::Gives,
            Role::Idle,
            Role::Idle,
            Role::Gives,
            Role::Idle,
            Role::Idle
        ]
    );
    let unknown = sale(&[(COUNTRY, Value::text("USA"))]);
    assert_eq!(
        roles(&unknown)[2],
        Role::Takes,
        "a deny that is unknown hides"
    );
    let germany = sale(&[(COUNTRY, Value::text("GERMANY")), (CONTACT, Value::Int(7))]);
    assert_eq!(
        roles(&germany),
        [
            Role::Lacks,
            Role::Lacks,
            Role::Idle,
            Role::Takes,
            Role::Takes,
            Role::Idle
        ]
    );
}

#[test]
fn the_tree_as_text() {
    let mut p = program();
    p.rules = vec![
        grant(Pred::Or(
            [
                eq(here(NAME), Operand::Attribute(FULL_NAME)),
                shares(false, mine()),
            ]
            .into(),
        )),
        deny(Pred::And(
            [not(Pred::IsNull(tier())), eq(tier(), text("secret"))].into(),
        )),
    ];
    let mut data = Data::new(&p);
    data.add(
        &p,
        CONTACTS,
        vec![Value::Int(7), Value::text("secret"), Value::Null].into(),
    )
    .unwrap();
    data.add(
        &p,
        SHARES,
        vec![Value::text("dan"), Value::text("USA"), Value::Null].into(),
    )
    .unwrap();
    let user = User::named(&p, "dan");
    let judge = Judge::new(&p, &data, &user, &[SALES], TODAY, None);
    let row = sale(&[
        (ID, Value::Int(4)),
        (COUNTRY, Value::text("USA")),
        (CONTACT, Value::Int(7)),
    ]);
    let explanation = judge.explain(SALES, Act::Read(RowRef::new(&row)));
    let mut out = String::new();
    printed(&judge.tree(&explanation), 0, &mut out);
    insta::assert_snapshot!(out, @r#"
    read = false
      a grant is true = true
        everyone: grant read on sales (policy.ambit:1) = true
          name = user.a_full_name or exists shares where (login = user.login) = true
            name = user.a_full_name = unknown   (name is null, user.a_full_name is null)
            exists shares where (login = user.login) = true
              shares { login "dan", country "USA", weight null } = true
                login = user.login = true   (login is "dan", user.login is "dan")
      every deny is false = false
        everyone: deny read on sales (policy.ambit:1) = true
          contact_id.tier is not null and contact_id.tier = "secret" = true
            contact_id.tier is not null = true   (contact_id.tier is "secret")
            contact_id.tier = "secret" = true   (contact_id.tier is "secret")
      every restrict holds = true
    "#);
}

fn mine() -> Pred {
    eq(col(SHARES, ambit_core::ColumnId(0)), Operand::Login)
}

#[test]
fn a_bypass_is_the_reason() {
    let mut p = program();
    p.principals[A.index()].bypasses = vec![WAREHOUSE];
    let (data, user) = (Data::new(&p), User::of(&p, C));
    let judge = Judge::new(&p, &data, &user, &[SALES], TODAY, None);
    let row = sale(&[]);
    let explanation = judge.explain(SALES, Act::Read(RowRef::new(&row)));
    assert_eq!(
        (explanation.value, explanation.bypass),
        (True, Some((A, WAREHOUSE)))
    );
    assert_eq!(judge.tree(&explanation).text, "a bypasses a_warehouse");
    let none = User::of(&p, B);
    let judge = Judge::new(&p, &data, &none, &[SALES], TODAY, None);
    assert_eq!(
        judge.explain(SALES, Act::Read(RowRef::new(&row))).value,
        False
    );
}

//! What is said of access, held against the reference evaluator on the rows of the examples.

use ambit_analysis::Access;
use ambit_cli::commands::access::{Cells, people, resources};
use ambit_cli::commands::{condition, explanation, inputs};
use ambit_cli::workspace::Workspace;
use ambit_compiler::Config;
use ambit_core::Resource;
use ambit_eval::{Judge, User};
use jiff::civil::date;

use crate::everywhere::examples;

#[test]
fn access_and_predicates_agree_with_the_evaluator_on_every_row() {
    let (mut asked, mut parted) = (0, 0);
    for root in examples() {
        let Ok(workspace) = Workspace::open_at(root.clone()) else {
            panic!("{}", root.display());
        };
        let (Ok(program), true) = (inputs::program(&workspace), root.join("data").is_dir()) else {
            continue;
        };
        let rows = inputs::load_folder(&program, &root.join("data")).unwrap();
        let data = inputs::data(&program, rows).unwrap();
        let cells = Cells::new(&program);
        for resource in resources(&program) {
            let Resource::Table(table) = resource else {
                continue;
            };
            let name = program.resource_name(resource);
            for (who, id) in people(&program) {
                let cell = cells.cell(id, resource, "read", None).unwrap();
                let config = Config::read(&workspace.disk.settings.text);
                let (with, pred) =
                    condition::read(workspace.sources(), config, name, &cell.predicate).unwrap();
                let user = id.map_or_else(|| User::nobody(&with), |id| User::of(&with, id));
                let query = [table];
                let judge = Judge::new(&with, &data, &user, &query, date(2024, 1, 15), None);
                let mut seen = [0, 0];
                for row in data.rows(table) {
                    let allowed = judge.decide(table, explanation::act("read", row)).is_true();
                    let said = judge.value_of(table, row, &pred).is_true();
                    assert_eq!(allowed, said, "{who} reads {name} where {}", cell.predicate);
                    let fits = match cell.access {
                        Access::All => allowed,
                        Access::None => !allowed,
                        Access::Some => true,
                    };
                    assert!(fits, "{who} on {name}: {:?}, and {allowed}", cell.access);
                    seen[usize::from(allowed)] += 1;
                    asked += 1;
                }
                parted += usize::from(seen.iter().all(|n| *n > 0));
            }
        }
    }
    // Were everything visible to all, nothing would be tested.
    assert!(asked > 200 && parted > 5, "{asked} rows, {parted} parted");
}

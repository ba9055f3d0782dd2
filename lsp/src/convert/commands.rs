//! The server's own commands: from the client's argument to a question, and places of the answer to addresses.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::PoisonError;

use ambit_diagnostics::FileSpan;
use ambit_grammar::Span;
use serde_json::{Map, Value as Json, json};
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{ExecuteCommandParams, Uri};

use super::answers::refused;
use super::{Snapshot, path_of};
use crate::ide::commands::{self, ACT_AS, Args, Ask, COMMANDS, RUN_TEST};

pub use crate::ide::commands::summary;

/// All commands by name, as they are advertised.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = COMMANDS.iter().map(|(n, _)| (*n).to_owned()).collect();
    names.push(ACT_AS.to_owned());
    names.sort();
    names
}

/// A command with its argument.
pub struct Command {
    name: String,
    argument: Map<String, Json>,
}

/// Reads a command; one that does not exist is an error, and so is an argument that is no object.
pub fn read(params: ExecuteCommandParams) -> Result<Command> {
    let name = params.command;
    if name != ACT_AS && !COMMANDS.iter().any(|(known, _)| *known == name) {
        return Err(refused(format!("there is no command `{name}`")));
    }
    let mut arguments = params.arguments.into_iter();
    let argument = match (arguments.next(), arguments.next()) {
        (None | Some(Json::Null), None) => Map::new(),
        (Some(Json::Object(members)), None) => members,
        _ => return Err(refused(format!("`{name}` takes one argument, an object"))),
    };
    Ok(Command { name, argument })
}

impl Command {
    /// Does it change for whom hints and lenses speak?
    pub fn changes_session(&self) -> bool {
        self.name == ACT_AS
    }

    /// Does it run tests?
    pub fn runs_tests(&self) -> bool {
        self.name == RUN_TEST
    }

    /// The file or folder whose project is meant.
    pub fn path(&self) -> Result<Option<PathBuf>> {
        let uri = Args::new(&self.argument).text("uri");
        let Some(uri) = uri.map_err(|why| refused(why.0))? else {
            return Ok(None);
        };
        let address = Uri::from_str(uri).map_err(|_| refused(format!("`{uri}` is no address")))?;
        Ok(Some(path_of(&address)))
    }

    /// The answer.
    pub fn answer(&self, s: &Snapshot) -> Result<Json> {
        let (args, locate) = (Args::new(&self.argument), |file: &str, span: Span| {
            let (start, end) = (span.start, span.end);
            let file = file.into();
            let at = s.located(&FileSpan { file, start, end })?;
            Some(json!({ "uri": at.uri, "range": at.range }))
        });
        let ask = Ask {
            db: &s.db,
            project: s.project,
            root: s.settings.0.as_deref().and_then(std::path::Path::parent),
            locate: &locate,
        };
        if self.name == ACT_AS {
            let acting = commands::act_as(&ask, args).map_err(|why| refused(why.0))?;
            let all = s.shared.act_as.lock();
            let mut all = all.unwrap_or_else(PoisonError::into_inner);
            match &acting {
                Some(name) => all.insert(s.id, name.clone()),
                None => all.remove(&s.id),
            };
            return Ok(json!({ "as": acting.as_deref() }));
        }
        let command = COMMANDS.iter().find(|(name, _)| *name == self.name);
        let answer = command.map(|(_, command)| command(&ask, args));
        answer
            .unwrap_or(Ok(Json::Null))
            .map(exact)
            .map_err(|why| refused(why.0))
    }
}

/// The largest integer that JavaScript, in which most clients read, keeps apart from its neighbours: 2^53 - 1.
const SAFE: u64 = (1 << 53) - 1;

/// Integers that a client would round stand as `{"int": digits}`: only values of rows are that large.
fn exact(json: Json) -> Json {
    match json {
        Json::Number(number) if number.as_i64().is_some_and(|n| n.unsigned_abs() > SAFE) => {
            json!({ "int": number.to_string() })
        }
        Json::Array(list) => list.into_iter().map(exact).collect(),
        Json::Object(map) => map.into_iter().map(|(key, of)| (key, exact(of))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_that_a_client_would_round_stand_as_digits() {
        let row =
            json!({ "values": { "a": i64::MAX, "b": 7, "c": i64::MIN }, "of": [1_u64 << 53] });
        let told = json!({
            "values": { "a": { "int": "9223372036854775807" }, "b": 7, "c": { "int": "-9223372036854775808" } },
            "of": [{ "int": "9007199254740992" }],
        });
        assert_eq!(exact(row), told);
    }
}

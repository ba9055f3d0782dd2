//! A small project on disk and in the editor.

use serde_json::{Value, json};

use crate::client::{Client, run};

pub const SCHEMA: &str = r#"source w : sqlite
source mkt : dataiku
enum Country { "USA", "FRANCE" }
table sales in w {
    key id  : int
    country : Country
    amount  : int
    tier    : string?
}
table contacts in w { key id : int }
kind dataset { read, write implies read }
object campaigns in mkt : dataset
"#;

pub const POLICY: &str = r#"role analyst { grant read on sales where amount < 500 }
role market(c: Country) { grant read on sales where country = c }
group emea inherits market("FRANCE") { grant write on campaigns }
user dan : emea
user eve : analyst
everyone { deny read on sales where tier = "secret" }
test "Dan sees France" {
    given today 2024-01-15
    given sales { id, country, amount, tier  1, "FRANCE", 700, "gold"  2, "USA", 100, "gold" }
    dan sees sales [1]
}
test "Eve sees all" {
    given sales { id, country, amount, tier  1, "FRANCE", 700, "gold"  2, "USA", 100, "gold" }
    eve sees sales [1, 2]
}
"#;

/// The project in a folder of its own, open in a server.
pub struct Project {
    pub dir: tempfile::TempDir,
}

impl Project {
    pub fn uri(&self, name: &str) -> String {
        format!("file://{}/{name}", self.dir.path().display())
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Runs a session on the project.
pub fn session(mut params: Value, session: impl AsyncFnOnce(&mut Client, &Project)) {
    let dir = tempfile::tempdir().unwrap();
    let project = Project { dir };
    project.write("ambit.toml", "[project]\nname = \"x\"\n");
    project.write("schema.ambit", SCHEMA);
    project.write("policy.ambit", POLICY);
    run(async |c: &mut Client| {
        params["workspaceFolders"] = json!([{ "uri": project.uri(""), "name": "x" }]);
        c.start(params).await;
        session(c, &project).await;
    });
}

/// The text of a place.
pub fn text_at(text: &str, range: &Value) -> String {
    let offset = |at: &Value| {
        let line = at["line"].as_u64().unwrap() as usize;
        let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        before + at["character"].as_u64().unwrap() as usize
    };
    text[offset(&range["start"])..offset(&range["end"])].to_owned()
}

/// The members of that name of a list.
pub fn all<'v>(list: &'v Value, member: &str) -> Vec<&'v str> {
    let list = list.as_array().unwrap().iter();
    list.map(|entry| entry[member].as_str().unwrap()).collect()
}

/// The names of the members of an object, in order.
pub fn members(value: &Value) -> Vec<&str> {
    let members = value.as_object().unwrap().keys();
    members.map(String::as_str).collect()
}

//! `--watch`: one document a line and run.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use super::{SCHEMA, command, project, write};

#[test]
fn a_change_is_one_more_document() {
    let dir = project(&[("a.ambit", SCHEMA)]);
    let mut child = command(
        dir.path(),
        &["check", "--stage", "types", "--watch", "--format", "json"],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, documents) = mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let _ = sender.send(serde_json::from_str::<Value>(&line).unwrap());
        }
    });
    let next = || documents.recv_timeout(Duration::from_secs(30)).unwrap();
    let ends = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        assert_eq!(next()["exit"], 0);
        write(dir.path(), "b.ambit", b"role r { grant read on sale }");
        let document = next();
        assert_eq!(
            (&document["exit"], &document["result"]["files"]),
            (&1.into(), &2.into()),
            "{document}"
        );
        // A file that is no source changes nothing; the next document is about the next change.
        write(dir.path(), "notes.txt", b"x");
        write(dir.path(), "b.ambit", b"role r { grant read on sales }");
        assert_eq!(next()["exit"], 0);
        write(dir.path(), "b.ambit", b"\xFF");
        assert_eq!(next()["diagnostics"][0]["code"], "E0190");
        std::fs::remove_file(dir.path().join("b.ambit")).unwrap();
        let document = next();
        assert_eq!(
            (&document["exit"], &document["result"]["files"]),
            (&0.into(), &1.into()),
            "{document}"
        );
    }));
    child.kill().unwrap();
    child.wait().unwrap();
    if let Err(panic) = ends {
        std::panic::resume_unwind(panic);
    }
}

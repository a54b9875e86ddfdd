//! The PostgreSQL server that tests share; `accord-testkit` starts it and says where it lies.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use crate::process;

/// Ends the shared server, unless another run of tests is using it: then it ends by itself later.
/// Says nothing, because the test runner has the last word.
pub(crate) fn stop() {
    let Some(folder) = folder() else {
        return;
    };
    let Ok(lock) = fs::File::open(folder.with_extension("lock")) else {
        return;
    };
    if lock.lock().is_err() || is_in_use() {
        return;
    }
    let pid_file = folder.join("data/postmaster.pid");
    let Ok(text) = fs::read_to_string(&pid_file) else {
        return;
    };
    let pid = text.lines().next().unwrap_or_default().trim();
    // Without a pause: what is in it was for the tests.
    if process::succeeds(Command::new("kill").args(["-QUIT", pid])) {
        for _ in 0..100 {
            if !pid_file.exists() || !Path::new("/proc").join(pid).exists() {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = fs::remove_dir_all(&folder);
    }
}

/// Where `accord-testkit` keeps it.
fn folder() -> Option<PathBuf> {
    let id = process::output(Command::new("id").arg("-u")).ok()?;
    let id = String::from_utf8(id).ok()?;
    Some(env::temp_dir().join(format!("accord-test-pg-{}", id.trim())))
}

/// PostgreSQL writes into its processes' titles whom they serve.
fn is_in_use() -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| fs::read(process.path().join("cmdline")).ok())
        .any(|title| title.starts_with(b"postgres: accord accord_test_"))
}

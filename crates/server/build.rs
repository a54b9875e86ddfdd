//! Embeds the built dashboard, when there is one, into release builds.
//!
//! `cargo xtask dashboard` leaves it in `<target>/dashboard`; `ACCORD_DASHBOARD_DIR` names another
//! folder. Debug builds read that folder when they run, so that a new dashboard needs no new server.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=ACCORD_DASHBOARD_DIR");
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let chosen = env::var_os("ACCORD_DASHBOARD_DIR").filter(|value| !value.is_empty());
    let folder = match &chosen {
        Some(folder) => PathBuf::from(folder),
        None => target_folder(&out_dir).join("dashboard"),
    };
    let manifest = folder.join("manifest.json");
    assert!(
        chosen.is_none() || manifest.exists(),
        "ACCORD_DASHBOARD_DIR is {}, which holds no built dashboard (no manifest.json)",
        folder.display()
    );
    let code = if env::var("PROFILE").as_deref() == Ok("debug") {
        table(&[], Some(&folder))
    } else if manifest.exists() {
        println!("cargo::rerun-if-changed={}", manifest.display());
        table(&files_below(&folder), None)
    } else {
        // A path that does not exist would run this script, and compile the server, every time.
        let _ = fs::create_dir_all(&folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        table(&[], None)
    };
    fs::write(out_dir.join("dashboard_files.rs"), code).expect("OUT_DIR can be written");
}

/// The target folder is the one that cargo marks as a cache.
fn target_folder(out_dir: &Path) -> &Path {
    out_dir
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists())
        .unwrap_or(out_dir)
}

fn files_below(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(current) = waiting.pop() {
        let entries = fs::read_dir(&current).expect("the dashboard's folder can be read");
        for entry in entries {
            let path = entry.expect("the dashboard's folder can be read").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("found below it");
                let name = name.to_str().expect("built names are ASCII").to_owned();
                files.push((name, path));
            }
        }
    }
    files.sort();
    files
}

fn table(files: &[(String, PathBuf)], read_from: Option<&Path>) -> String {
    let mut code = String::from("static EMBEDDED: &[(&str, &[u8])] = &[\n");
    for (name, path) in files {
        code.push_str(&format!(
            "    ({name:?}, include_bytes!({:?})),\n",
            path.display().to_string()
        ));
    }
    code.push_str("];\n");
    let read_from = read_from.map(|folder| folder.display().to_string());
    code.push_str(&format!("const READ_FROM: Option<&str> = {read_from:?};\n"));
    code
}

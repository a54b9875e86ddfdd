//! The walls of ARCHITECTURE.md: what a crate must not know, asked of `cargo tree`.

use std::process::Command;

/// A crate, for which target, and packages that must not be below it in the dependency tree.
const WALLS: &[(&str, &[&str])] = &[
    (
        "accord-domain",
        &[
            "diesel",
            "actix-web",
            "reqwest",
            "tokio",
            "getrandom",
            "accord-store",
            "accord-api-types",
        ],
    ),
    (
        "accord-api-types",
        &[
            "diesel",
            "actix-web",
            "reqwest",
            "accord-domain",
            "accord-store",
        ],
    ),
    (
        "accord-client",
        &[
            "diesel",
            "actix-web",
            "accord-domain",
            "accord-store",
            "accord-service",
            "accord-server",
        ],
    ),
    (
        "accord-store",
        &[
            "actix-web",
            "reqwest",
            "mail-send",
            "accord-api-types",
            "accord-mail",
            "accord-service",
        ],
    ),
    (
        "accord-mail",
        &[
            "actix-web",
            "reqwest",
            "accord-api-types",
            "accord-service",
            "accord-server",
        ],
    ),
    (
        "accord-webhooks",
        &[
            "actix-web",
            "reqwest",
            "accord-api-types",
            "accord-mail",
            "accord-service",
            "accord-server",
        ],
    ),
    (
        "accord-service",
        &[
            "actix-web",
            "reqwest",
            "utoipa",
            "accord-api-types",
            "accord-server",
        ],
    ),
    (
        "accord-server",
        &["reqwest", "leptos", "accord-client", "accord-testkit"],
    ),
    (
        "accord-dashboard",
        &[
            "diesel",
            "actix-web",
            "accord-domain",
            "accord-store",
            "accord-service",
            "accord-server",
        ],
    ),
];

/// Crates that may use what is below them, but not name it themselves.
const NOT_NAMED: &[(&str, &[&str])] = &[
    ("accord-service", &["diesel"]),
    ("accord-server", &["diesel"]),
];

fn tree(package: &str, direct_only: bool) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "tree",
        "--offline",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--package",
        package,
    ]);
    if direct_only {
        cargo.args(["--depth", "1"]);
    }
    let output = cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo tree: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

#[test]
fn no_crate_knows_what_is_behind_its_walls() {
    let broken: Vec<String> = [(WALLS, false), (NOT_NAMED, true)]
        .into_iter()
        .flat_map(|(walls, direct_only)| walls.iter().map(move |wall| (wall, direct_only)))
        .flat_map(|((package, banned), direct_only)| {
            let below = tree(package, direct_only);
            assert!(!below.is_empty(), "{package} has dependencies");
            banned
                .iter()
                .filter(|banned| below.iter().any(|found| found == *banned))
                .map(|banned| format!("{package} knows {banned}"))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(broken.is_empty(), "broken walls: {broken:#?}");
}

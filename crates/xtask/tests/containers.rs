//! Reads the container files and checks what can be known without an engine.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn compose() -> Value {
    serde_saphyr::from_str(&read("docker-compose.yml")).expect("docker-compose.yml is YAML")
}

fn services(compose: &Value) -> impl Iterator<Item = (&String, &Value)> {
    compose["services"].as_object().expect("services").iter()
}

/// The instructions of the Dockerfile, continued lines joined.
fn instructions() -> Vec<String> {
    let dockerfile = read("Dockerfile");
    let lines = dockerfile
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let joined = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    joined
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_copied_file_exists_and_is_part_of_the_context() {
    let ignored: Vec<String> = read(".dockerignore")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(str::to_owned)
        .collect();
    let mut copied = 0;
    for line in instructions() {
        let Some(arguments) = line.strip_prefix("COPY ") else {
            continue;
        };
        if arguments.starts_with("--from=") {
            continue;
        }
        let names: Vec<_> = arguments.split_whitespace().collect();
        let (_, sources) = names.split_last().expect("a destination");
        for source in sources {
            assert!(root().join(source).exists(), "COPY {source}: no such file");
            assert!(
                !ignored.iter().any(|pattern| pattern == source),
                "{source} is in .dockerignore"
            );
            copied += 1;
        }
    }
    assert!(copied > 0, "the Dockerfile copies nothing");
}

#[test]
fn the_image_holds_every_member_of_the_workspace() {
    let manifest = read("Cargo.toml");
    let members = manifest
        .lines()
        .find_map(|line| line.strip_prefix("members = ["))
        .expect("members");
    let copied: Vec<_> = instructions()
        .into_iter()
        .filter(|line| line.starts_with("COPY "))
        .collect();
    for member in members.split('"').skip(1).step_by(2) {
        let folder = member.trim_end_matches("/*");
        assert!(
            copied
                .iter()
                .any(|line| line.split_whitespace().any(|word| word == folder)),
            "the workspace has {member}, which is not copied"
        );
    }
}

#[test]
fn the_program_does_not_run_as_root() {
    let instructions = instructions();
    let last_stage = instructions
        .iter()
        .rposition(|line| line.starts_with("FROM "))
        .expect("a stage");
    let user = instructions[last_stage..]
        .iter()
        .find_map(|line| line.strip_prefix("USER "))
        .expect("a USER");
    assert!(user != "root" && user != "0");
}

#[test]
fn services_fit_together() {
    let compose = compose();
    for (name, service) in services(&compose) {
        let build = service.get("build").and_then(Value::as_str);
        match build {
            Some(context) => assert!(root().join(context).join("Dockerfile").exists()),
            None => assert!(service["image"].is_string(), "{name}: no build, no image"),
        }
        let needed = service.get("depends_on").and_then(Value::as_object);
        for (other, how) in needed.into_iter().flatten() {
            let other_service = compose["services"].get(other);
            let other_service = other_service.unwrap_or_else(|| panic!("{name} needs {other}"));
            if how["condition"] == "service_healthy" {
                assert!(
                    other_service["healthcheck"]["test"].is_array(),
                    "{other} has no health check"
                );
            }
        }
        let mounts = service.get("volumes").and_then(Value::as_array);
        for mount in mounts.into_iter().flatten() {
            let mount = mount.as_str().expect("a short mount");
            let volume = mount.split(':').next().expect("a volume");
            let volumes = compose["volumes"].as_object().expect("volumes");
            assert!(volumes.contains_key(volume), "{name}: no volume {volume}");
        }
    }
}

#[test]
fn published_ports_are_for_this_machine_alone() {
    let compose = compose();
    let mut published = 0;
    for (name, service) in services(&compose) {
        let ports = service.get("ports").and_then(Value::as_array);
        for port in ports.into_iter().flatten() {
            let port = port.as_str().expect("ports are quoted");
            assert!(port.starts_with("127.0.0.1:"), "{name} publishes {port}");
            published += 1;
        }
    }
    assert!(published > 0, "nothing can be reached");
}

#[test]
fn every_setting_is_one_that_the_program_knows() {
    let mut named = BTreeSet::new();
    for (name, service) in services(&compose()) {
        let settings = service.get("environment").and_then(Value::as_object);
        for setting in settings.into_iter().flatten().map(|(setting, _)| setting) {
            if name == "accord" {
                named.insert(setting.clone());
            }
        }
    }
    for line in instructions() {
        if let Some(assignments) = line.strip_prefix("ENV ") {
            for assignment in assignments.split_whitespace() {
                let (setting, _) = assignment.split_once('=').expect("NAME=value");
                named.insert(setting.to_owned());
            }
        }
    }
    assert!(!named.is_empty());
    let known = settings_of_the_program();
    for setting in named {
        assert!(known.contains(&setting), "{setting} is no setting");
    }
}

/// Names in quotes that look like settings, anywhere in the server's source.
fn settings_of_the_program() -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let mut waiting = vec![root().join("crates/server/src")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder");
            waiting.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).expect("a source file");
            let quoted = source.split('"').skip(1);
            known.extend(
                quoted
                    .filter(|text| text.starts_with("ACCORD_"))
                    .map(str::to_owned),
            );
        }
    }
    known
}

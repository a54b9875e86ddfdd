//! The `accord` program.

fn main() -> std::process::ExitCode {
    accord_server::commands::run()
}

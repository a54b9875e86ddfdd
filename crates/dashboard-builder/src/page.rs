//! The page that every path of the dashboard answers with, and the script that starts it.

use anyhow::{Result, bail};

use crate::Mode;

/// Addresses of the files that the page loads.
#[derive(Debug)]
pub(crate) struct Addresses {
    pub(crate) boot: String,
    pub(crate) js: String,
    pub(crate) wasm: String,
    pub(crate) css: String,
}

/// The module script of the page: the Content-Security-Policy allows no inline one.
pub(crate) fn boot_script(mode: Mode, js: &str, wasm: &str, version: &str) -> String {
    let mut script = format!(
        "import init from \"{js}\";\n\
         init({{ module_or_path: \"{wasm}\" }}).catch((error) => {{\n\
         \x20 document.getElementById(\"boot-failed\")?.removeAttribute(\"hidden\");\n\
         \x20 throw error;\n\
         }});\n"
    );
    if mode == Mode::Dev {
        script.push_str(&reload_script(version));
    }
    script
}

/// Reloads the page when another build is served, or when the server is back after a restart.
fn reload_script(version: &str) -> String {
    format!(
        "let away = false;\n\
         setInterval(async () => {{\n\
         \x20 try {{\n\
         \x20   const answer = await fetch(\"/assets/version.json\", {{ cache: \"no-store\" }});\n\
         \x20   if (!answer.ok) return;\n\
         \x20   const served = await answer.json();\n\
         \x20   if (away || served.version !== \"{version}\") location.reload();\n\
         \x20 }} catch {{\n\
         \x20   away = true;\n\
         \x20 }}\n\
         }}, 500);\n"
    )
}

/// Fills the template in. A file that the template does not mention is loaded from the end of the
/// head, so that a template may leave all of it to this.
pub(crate) fn index_page(template: &str, addresses: &Addresses) -> Result<String> {
    refuse_inline(template)?;
    let Addresses {
        boot,
        js,
        wasm,
        css,
    } = addresses;
    let parts = [
        (
            "{{css}}",
            css,
            format!("<link rel=\"stylesheet\" href=\"{css}\">"),
        ),
        (
            "{{js}}",
            js,
            format!("<link rel=\"modulepreload\" href=\"{js}\">"),
        ),
        (
            "{{wasm}}",
            wasm,
            format!(
                "<link rel=\"preload\" href=\"{wasm}\" as=\"fetch\" type=\"application/wasm\" crossorigin>"
            ),
        ),
        (
            "{{boot}}",
            boot,
            format!("<script type=\"module\" src=\"{boot}\"></script>"),
        ),
    ];
    let mut page = template.to_owned();
    let mut missing = String::new();
    for (placeholder, address, element) in &parts {
        if page.contains(placeholder) {
            page = page.replace(placeholder, address);
        } else {
            missing.push_str(element);
            missing.push('\n');
        }
    }
    let Some(end_of_head) = page.find("</head>") else {
        bail!("frontend/index.html has no </head>");
    };
    page.insert_str(end_of_head, &missing);
    if let Some(at) = page.find("{{") {
        let rest: String = page[at..].chars().take(20).collect();
        bail!("frontend/index.html has an unknown placeholder at {rest:?}");
    }
    Ok(page)
}

/// The Content-Security-Policy would block these silently in the browser; here the builder says so.
fn refuse_inline(template: &str) -> Result<()> {
    let lower = template.to_lowercase();
    if lower.contains("<style") || lower.contains(" style=") {
        bail!("frontend/index.html has inline style, which the Content-Security-Policy blocks");
    }
    for tag in lower.split("<script").skip(1) {
        let attributes = tag.split('>').next().unwrap_or_default();
        if !attributes.contains("src=") {
            bail!(
                "frontend/index.html has an inline script, which the Content-Security-Policy blocks"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> Addresses {
        Addresses {
            boot: "/assets/boot-1.js".into(),
            js: "/assets/accord-2.js".into(),
            wasm: "/assets/accord-3.wasm".into(),
            css: "/assets/accord-4.css".into(),
        }
    }

    #[test]
    fn placeholders_are_filled_and_the_rest_is_added_to_the_head() {
        let template = "<html><head><link rel=\"stylesheet\" href=\"{{css}}\"></head></html>";
        let page = index_page(template, &addresses()).unwrap();
        assert_eq!(page.matches("/assets/accord-4.css").count(), 1);
        assert!(page.contains("<link rel=\"modulepreload\" href=\"/assets/accord-2.js\">"));
        assert!(page.contains("<script type=\"module\" src=\"/assets/boot-1.js\"></script>"));
        assert!(page.find("boot-1").unwrap() < page.find("</head>").unwrap());
    }

    #[test]
    fn what_the_policy_would_block_is_refused() {
        for blocked in [
            "<head><script>alert(1)</script></head>",
            "<head><style>a{}</style></head>",
            "<head></head><body style=\"color:red\">",
            "<head>{{other}}</head>",
            "no head",
        ] {
            assert!(index_page(blocked, &addresses()).is_err(), "{blocked}");
        }
    }

    #[test]
    fn only_a_development_build_watches_for_the_next() {
        let release = boot_script(Mode::Release, "/a.js", "/a.wasm", "v1");
        assert!(!release.contains("setInterval"));
        assert!(release.contains("init({ module_or_path: \"/a.wasm\" })"));
        let dev = boot_script(Mode::Dev, "/a.js", "/a.wasm", "v1");
        assert!(dev.contains("served.version !== \"v1\""));
    }
}

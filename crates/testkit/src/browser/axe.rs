//! axe-core looks for barriers in a page as it stands.

use std::fmt::Write;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

use super::{Browser, Scheme};

/// The library's source: run by the driver, not by the page, whose policy would refuse it.
static AXE: LazyLock<String> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser");
    let file = folder.join("node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("axe-core is not installed ({error}); cargo xtask test does it, or npm ci in tests/browser")
    })
});

/// Waits until the page stands still: a colour on its way to another has no contrast worth measuring,
/// and what inherits it only then sets out.
const RUN: &str = "
const done = arguments[arguments.length - 1];
const nextFrame = () => new Promise(requestAnimationFrame);
const report = ({ violations }) => violations.map(({ id, impact, help, nodes }) => ({
  id, impact, help, nodes: nodes.map(({ html, failureSummary }) => `${html}\n      ${failureSummary}`),
}));
(async () => {
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await nextFrame();
    const moving = document.getAnimations().filter((animation) => animation.playState === 'running');
    if (moving.length > 0) quiet = 0;
    await Promise.allSettled(moving.map((animation) => animation.finished));
  }
  return report(await axe.run(document, { resultTypes: ['violations'], preload: false }));
})().then(done, (error) => done([{ id: 'axe failed', impact: '', help: String(error), nodes: [] }]));";

impl Browser {
    /// Fails the test at its end, with all other pages, if axe-core finds anything on this one.
    pub async fn has_no_barriers(&self, page: &str) {
        let found = self.barriers().await;
        if !found.is_empty() {
            let mut all = self.found_barriers();
            all.push(format!("axe-core on {page}:{found}"));
        }
    }

    /// What axe-core finds on the page, in light and in dark; empty when all is well.
    pub async fn barriers(&self) -> String {
        let mut found = String::new();
        for scheme in [Scheme::Dark, Scheme::Light] {
            self.prefers(scheme).await;
            for violation in self.violations().await {
                let text = |key: &str| violation[key].as_str().unwrap_or_default();
                let (id, impact, help) = (text("id"), text("impact"), text("help"));
                let nodes = violation["nodes"].as_array().into_iter().flatten();
                let nodes = nodes
                    .filter_map(Value::as_str)
                    .map(|node| format!("\n    {node}"));
                let _ = write!(
                    found,
                    "\n  {scheme:?} {id} ({impact}): {help}{}",
                    nodes.collect::<String>()
                );
            }
        }
        found
    }

    async fn violations(&self) -> Vec<Value> {
        if self.script("return typeof axe === 'object'").await != Value::Bool(true) {
            self.script(&AXE).await;
        }
        let ran = self.session().run_until_done(RUN).await;
        let violations = ran.unwrap_or_else(|error| panic!("axe-core cannot be run: {error}"));
        let violations = violations.as_array().cloned();
        violations.expect("axe-core answers with a list")
    }
}

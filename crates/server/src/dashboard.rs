//! The dashboard's page and files: everything outside the API's paths.

mod headers;
mod site;

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        Method,
        header::{self, EntityTag, Header as _, IfNoneMatch},
    },
    web::{self, Bytes},
};

pub use headers::{
    API_REFERENCE_SECURITY_POLICY, CONTENT_SECURITY_POLICY, SECURITY_HEADERS, security_headers,
};
use site::{File, Site};

// `EMBEDDED`, the files of a release build, and `READ_FROM`, the folder that a debug build reads.
include!(concat!(env!("OUT_DIR"), "/dashboard_files.rs"));

/// First path segments that are never the dashboard's: a caller of the API who mistypes gets a
/// 404, not a page.
const NOT_PAGES: [&str; 6] = ["api", "dev", "docs", "livez", "readyz", "metrics"];

const NOT_BUILT_PAGE: &str = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
     <title>Accord: dashboard not built</title></head>\n<body>\n<h1>The dashboard is not part of \
     this build</h1>\n<p>The API works. To have the dashboard too, run \
     <code>cargo xtask dashboard</code> and then build the server again: \
     <code>cargo build --release --bin accord</code>.</p>\n\
     <p><a href=\"/docs/\">API reference</a></p>\n</body>\n</html>\n";

/// Where the dashboard's files come from. One for all workers: share it as `web::Data`.
#[derive(Debug)]
pub struct Dashboard {
    source: Source,
}

#[derive(Debug)]
enum Source {
    Embedded(Arc<Site>),
    Folder { path: PathBuf, held: Mutex<Held> },
    NotBuilt,
}

/// What was read from the folder, and how old its manifest was.
#[derive(Debug, Default)]
struct Held {
    manifest_age: Option<SystemTime>,
    site: Option<Arc<Site>>,
}

impl Dashboard {
    /// The folder that `ACCORD_DASHBOARD_DIR` names; without it a release build serves what was
    /// embedded and a debug build the folder of `cargo xtask dashboard`.
    pub fn from_environment() -> Self {
        match env::var_os("ACCORD_DASHBOARD_DIR").filter(|value| !value.is_empty()) {
            Some(folder) => Self::from_folder(folder),
            None => match READ_FROM {
                Some(folder) => Self::from_folder(folder),
                None => Self::from_files(EMBEDDED),
            },
        }
    }

    /// Serves a built folder and notices when it is replaced.
    pub fn from_folder(path: impl Into<PathBuf>) -> Self {
        let (path, held) = (path.into(), Mutex::default());
        Self {
            source: Source::Folder { path, held },
        }
    }

    fn from_files(files: &'static [(&'static str, &'static [u8])]) -> Self {
        let read = |name: &str| {
            let found = files.iter().find(|(path, _)| *path == name);
            found.map(|(_, bytes)| Bytes::from_static(bytes))
        };
        let Some(manifest) = read("manifest.json") else {
            return Self {
                source: Source::NotBuilt,
            };
        };
        let source = match Site::load(&manifest, read) {
            Ok(site) => Source::Embedded(Arc::new(site)),
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the embedded dashboard is broken"
                );
                Source::NotBuilt
            }
        };
        Self { source }
    }

    /// Whether there is a dashboard to serve.
    pub fn is_built(&self) -> bool {
        self.site().is_some()
    }

    fn site(&self) -> Option<Arc<Site>> {
        match &self.source {
            Source::Embedded(site) => Some(Arc::clone(site)),
            Source::Folder { path, held } => held
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .refresh(path),
            Source::NotBuilt => None,
        }
    }

    fn respond(&self, request: &HttpRequest) -> HttpResponse {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return with_headers(HttpResponse::MethodNotAllowed())
                .insert_header((header::ALLOW, "GET, HEAD"))
                .finish();
        }
        let path = request.path().trim_start_matches('/');
        let first = path.split('/').next().unwrap_or_default();
        if NOT_PAGES.contains(&first) {
            return not_found();
        }
        let Some(site) = self.site() else {
            return with_headers(HttpResponse::ServiceUnavailable())
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .content_type("text/html; charset=utf-8")
                .body(NOT_BUILT_PAGE);
        };
        // Every place of the dashboard is the same page; only names with an extension are files.
        let last = path.rsplit('/').next().unwrap_or_default();
        let name = if first == "assets" || last.contains('.') {
            path
        } else {
            "index.html"
        };
        match site.file(name) {
            Some(file) => send(file, request),
            None => not_found(),
        }
    }
}

impl Held {
    /// The present site. While a new one is being put into place, the one before is served.
    fn refresh(&mut self, folder: &Path) -> Option<Arc<Site>> {
        let manifest = folder.join("manifest.json");
        let age = fs::metadata(&manifest).and_then(|found| found.modified());
        if let Ok(age) = age
            && self.manifest_age != Some(age)
        {
            let loaded = fs::read(&manifest).map(|text| {
                Site::load(&text, |name| {
                    fs::read(folder.join(name)).ok().map(Bytes::from)
                })
            });
            match loaded {
                Ok(Ok(site)) => {
                    self.site = Some(Arc::new(site));
                    self.manifest_age = Some(age);
                }
                Ok(Err(error)) => tracing::warn!(
                    error = format!("{error:#}"),
                    "the built dashboard cannot be used"
                ),
                Err(error) => tracing::warn!(%error, "the built dashboard cannot be read"),
            }
        }
        self.site.clone()
    }
}

/// Answers everything that no other service took, with the dashboard.
///
/// To be applied to the outermost `App`, after the API's own services:
/// `.configure(dashboard::configure(web::Data::new(Dashboard::from_environment())))`,
/// the data made once, outside the application factory.
pub fn configure(dashboard: web::Data<Dashboard>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        config.app_data(dashboard).default_service(web::to(serve));
    }
}

/// The handler behind [`configure`].
pub async fn serve(request: HttpRequest, dashboard: web::Data<Dashboard>) -> HttpResponse {
    dashboard.respond(&request)
}

fn send(file: &File, request: &HttpRequest) -> HttpResponse {
    let (encoding, body) = match (&file.br, &file.gz) {
        (Some(br), _) if accepts(request, "br") => (Some("br"), br),
        (_, Some(gz)) if accepts(request, "gzip") => (Some("gzip"), gz),
        _ => (None, &file.identity),
    };
    // Strong tags differ where the bytes do.
    let tag = match encoding {
        Some(encoding) => format!("{}-{encoding}", file.digest),
        None => file.digest.clone(),
    };
    let tag = EntityTag::new_strong(tag);
    let known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = with_headers(if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    });
    response
        .insert_header(header::ETag(tag))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((
            header::CACHE_CONTROL,
            if file.immutable {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            },
        ));
    if known {
        return response.finish();
    }
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    response
        .content_type(file.content_type.as_str())
        .body(body.clone())
}

/// Whether the request takes a content coding. Of several that it takes, the smallest is chosen
/// whatever their weights: browsers give all the same.
fn accepts(request: &HttpRequest, coding: &str) -> bool {
    let mut by_wildcard = false;
    for value in request.headers().get_all(header::ACCEPT_ENCODING) {
        for item in value.to_str().unwrap_or_default().split(',') {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let refused = parts.any(|part| {
                part.strip_prefix("q=")
                    .is_some_and(|weight| weight.parse() == Ok(0.0_f32))
            });
            if name.eq_ignore_ascii_case(coding) {
                return !refused;
            }
            by_wildcard |= name == "*" && !refused;
        }
    }
    by_wildcard
}

fn not_found() -> HttpResponse {
    with_headers(HttpResponse::NotFound())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body("Not found\n")
}

fn with_headers(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    response.insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY));
    for header in SECURITY_HEADERS {
        response.insert_header(header);
    }
    response
}

#[cfg(test)]
mod tests;

//! What browsers are told about every answer with a page.

use actix_web::middleware::DefaultHeaders;

/// The dashboard loads everything from its own origin and runs no inline script or style.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' \
     'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src \
     'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Swagger UI writes style elements of its own; its scripts are files like everybody's.
pub const API_REFERENCE_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src \
     'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Headers of every answer with a page or one of its files, beside the Content-Security-Policy.
/// The referrer matters most: paths of invitations hold their tokens.
pub const SECURITY_HEADERS: [(&str, &str); 5] = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
         magnetometer=(), microphone=(), midi=(), payment=(), usb=(), xr-spatial-tracking=()",
    ),
];

/// Adds the headers to whatever it wraps, for pages that are not the dashboard's:
/// `web::scope("/docs").wrap(security_headers(API_REFERENCE_SECURITY_POLICY))`.
pub fn security_headers(content_security_policy: &'static str) -> DefaultHeaders {
    SECURITY_HEADERS.iter().fold(
        DefaultHeaders::new().add(("Content-Security-Policy", content_security_policy)),
        |headers, header| headers.add(*header),
    )
}

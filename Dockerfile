# syntax=docker/dockerfile:1

FROM rust:1-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpq-dev \
    && rm -rf /var/lib/apt/lists/* \
    && rustup target add wasm32-unknown-unknown
WORKDIR /source
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY crates crates
COPY frontend frontend
# A member of the workspace, without which cargo does not start.
COPY tests tests
# The dashboard first: the release build embeds it.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo xtask dashboard --release \
    && cargo build --release --locked --bin accord \
    && cp target/release/accord /usr/local/bin/accord

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libpq5 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --home-dir /data --shell /usr/sbin/nologin accord \
    && install --directory --owner=accord --group=accord --mode=0700 /data
COPY --from=build /usr/local/bin/accord /usr/local/bin/accord
USER accord
WORKDIR /data
# The embedded database, unless ACCORD_DATABASE_URL names another, and the generated keys.
VOLUME /data
ENV ACCORD_DATA_DIR=/data \
    ACCORD_LISTEN=0.0.0.0:8080
EXPOSE 8080
# The image has no HTTP client; bash opens the connection itself.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /livez HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["accord"]
CMD ["serve"]

# A container of the node. Not built by CI: it needs a Docker engine. Build it with
#
#     docker build --tag gcx-node .
#     docker run --publish 9944:9944 --publish 30333:30333 gcx-node --dev --rpc-external --rpc-methods safe

FROM docker.io/library/rust:1.95-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends protobuf-compiler \
	&& rm -rf /var/lib/apt/lists/* \
	&& rustup target add wasm32v1-none
WORKDIR /gcx
COPY . .
RUN cargo build --locked --profile production --package gcx-node --features on-chain-release-build

FROM docker.io/library/debian:bookworm-slim
RUN useradd --create-home --uid 1000 gcx && mkdir /data && chown gcx /data
COPY --from=build /gcx/target/production/gcx-node /usr/local/bin/gcx-node
USER gcx
VOLUME /data
# Peers, JSON-RPC, metrics.
EXPOSE 30333 9944 9615
ENTRYPOINT ["/usr/local/bin/gcx-node", "--base-path", "/data"]

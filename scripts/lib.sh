# What the scripts share. Sourced, not run.
# shellcheck shell=bash

GCX_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
GCX_CACHE="${GCX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gcx}"
GCX_TOOLS="$GCX_CACHE/tools"
# One target folder for all checkouts on this machine: a clean checkout does not pay for a cold build again.
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$GCX_CACHE/target}"
# The node that the scripts build and run: epochs of a minute, and the runtime's own checks of its state built in.
GCX_FEATURES="fast-epochs,try-runtime"
GCX_NODE="$CARGO_TARGET_DIR/debug/gcx-node"
# The agent that a provider runs beside its hardware.
GCX_PROVIDER="$CARGO_TARGET_DIR/debug/gcx-provider"
# What a buyer of compute runs.
GCX_BUYER="$CARGO_TARGET_DIR/debug/gcx-buyer"
# Where nodes keep runtimes that they have compiled, all in one place: one of the `dev` profile takes half a minute of a processor.
GCX_WASM_CACHE="${GCX_WASM_CACHE:-$GCX_CACHE/wasm}"
export GCX_ROOT GCX_CACHE GCX_TOOLS CARGO_TARGET_DIR GCX_FEATURES GCX_NODE GCX_PROVIDER GCX_BUYER GCX_WASM_CACHE
export PATH="$GCX_TOOLS/bin:$HOME/.cargo/bin:$PATH"

# A toolchain for the wasm build that scripts/setup made, where rustup could not provide the target.
if [[ -f "$GCX_TOOLS/wasm-toolchain" ]]; then
	WASM_BUILD_TOOLCHAIN="$(<"$GCX_TOOLS/wasm-toolchain")"
	export WASM_BUILD_TOOLCHAIN
fi

# A line about what is going on.
say() {
	printf '\n==> %s\n' "$*"
}

# A line about a detail of it.
note() {
	printf '    %s\n' "$*"
}

# Ends the script with a plain sentence.
die() {
	printf '\nerror: %s\n' "$*" >&2
	exit 1
}

# Builds the node that tests, demo and test networks run.
build_node() {
	say "building the node (a first build takes 15 to 30 minutes, a second one seconds)"
	(cd "$GCX_ROOT" && cargo build --locked --workspace --features "$GCX_FEATURES") || die "the node does not build"
	[[ -x "$GCX_NODE" ]] || die "the build left no $GCX_NODE"
}

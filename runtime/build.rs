//! Compiles the runtime to wasm.

fn main() {
	#[cfg(feature = "std")]
	{
		let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
		// Symbol and decimals are hashed with the metadata, and a hardware wallet shows amounts by them.
		#[cfg(feature = "metadata-hash")]
		let builder = builder.enable_metadata_hash("GCX", 12);
		builder.build();
	}
}

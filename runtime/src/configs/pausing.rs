//! What an emergency can never pause.
//!
//! One list for both brakes, `tx-pause` (single calls) and `safe-mode` (all of them): whatever would stall the chain, let an
//! equivocator off, lock an emergency in, or keep somebody from lowering a risk.

use crate::{Runtime, RuntimeCall};
use frame_support::traits::{Contains, GetCallMetadata};
use pallet_tx_pause::RuntimeCallNameOf;

/// Whether the call `name` of `pallet` goes on in any emergency.
fn is_exempt(pallet: &str, name: &str) -> bool {
	match pallet {
		// Inherents: without them no block can be made. (BABE's and GRANDPA's other calls are governance's.)
		"Timestamp" => true,
		// Equivocation reports; changes of the consensus configuration by governance.
		"Babe" | "Grandpa" => true,
		// A validator whose machine was broken into must be able to change its keys, and to put up more.
		"Session" => name == "set_keys",
		"Validators" => name == "bond_extra",
		// More money behind the trades; a guarantor that reins a customer in.
		// What anyone may do so that settlement, marks and margin calls go on; an order that is taken back.
		"Clearing" => {
			matches!(name, "deposit" | "sweep_surplus" | "advance_settlement" | "refresh_mark" | "check_account")
		},
		"Market" => name == "cancel",
		"Guarantor" => matches!(name, "bond_extra" | "set_limits"),
		// Without prices nothing can be settled. Reporters owe their reveal, and must be able to put up more.
		"Index" => matches!(name, "commit" | "reveal" | "advance" | "bond_extra"),
		// A round under way goes on: who committed owes its reveal, who was drawn owes its answer.
		"Attestation" => {
			matches!(
				name,
				"answer_draw"
					| "commit" | "reveal"
					| "commit_authorized"
					| "reveal_authorized"
					| "report_equivocation"
					| "report_double_signing"
					| "dispute_solve"
					| "advance" | "bond_extra"
			)
		},
		// As with attestation: who is called owes its commitment, and who committed what was drawn.
		"Proof" => matches!(name, "commit" | "open"),
		// Who delivers, or is delivered to, must be able to say so in time; windows are settled.
		"Delivery" => matches!(name, "post_availability" | "submit_voucher" | "advance" | "settle_window"),
		"Compute" => matches!(name, "bond_extra" | "declare_maintenance" | "prune"),
		// The way out: governance and what it signs with, and a runtime upgrade that it has authorised.
		"Sudo" | "Multisig" | "TxPause" | "SafeMode" => true,
		"Proxy" => name == "proxy",
		"System" => name == "apply_authorized_upgrade",
		_ => false,
	}
}

/// The calls that can never be paused.
pub struct NeverPaused;

impl Contains<RuntimeCall> for NeverPaused {
	fn contains(call: &RuntimeCall) -> bool {
		let call = call.get_call_metadata();
		is_exempt(call.pallet_name, call.function_name)
	}
}

impl Contains<RuntimeCallNameOf<Runtime>> for NeverPaused {
	fn contains((pallet, name): &RuntimeCallNameOf<Runtime>) -> bool {
		match (core::str::from_utf8(pallet), core::str::from_utf8(name)) {
			(Ok(pallet), Ok(name)) => is_exempt(pallet, name),
			_ => false,
		}
	}
}

//! Everything that can be paused is paused, and the chain goes on.

use super::{
	equivocations::{babe_report, grandpa_report},
	*,
};
use frame_support::traits::GetCallMetadata;
use pallet_validators::Bonds;
use sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;

/// Pauses every call of every pallet, and enters safe mode; says which calls refused to be paused.
fn pause_everything() -> Vec<String> {
	let mut unpausable = vec![];
	for pallet in RuntimeCall::get_module_names() {
		for call in RuntimeCall::get_call_names(pallet) {
			let name = (
				pallet.as_bytes().to_vec().try_into().expect("short"),
				call.as_bytes().to_vec().try_into().expect("short"),
			);
			match TxPause::pause(RuntimeOrigin::root(), name) {
				Ok(_) => (),
				Err(error) => {
					assert_eq!(error, pallet_tx_pause::Error::<Runtime>::Unpausable.into());
					unpausable.push(format!("{pallet}.{call}"));
				},
			}
		}
	}
	assert_ok!(SafeMode::force_enter(RuntimeOrigin::root()));
	unpausable
}

fn transfer() -> pallet_balances::Call<Runtime> {
	pallet_balances::Call::transfer_keep_alive { dest: Sr25519Keyring::Dave.to_account_id().into(), value: GCX }
}

#[test]
fn exemptions_are_these_and_no_others() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		let exempt: Vec<_> = pause_everything()
			.into_iter()
			.filter(|name| !["Sudo.", "Multisig.", "TxPause.", "SafeMode."].iter().any(|p| name.starts_with(p)))
			.collect();
		assert_eq!(
			exempt,
			[
				"System.apply_authorized_upgrade",
				"Timestamp.set",
				"Babe.report_equivocation",
				"Babe.report_equivocation_unsigned",
				"Babe.plan_config_change",
				"Validators.bond_extra",
				"Session.set_keys",
				"Grandpa.report_equivocation",
				"Grandpa.report_equivocation_unsigned",
				"Grandpa.note_stalled",
				"Index.bond_extra",
				"Index.commit",
				"Index.reveal",
				"Index.advance",
				"Guarantor.bond_extra",
				"Guarantor.set_limits",
				"Clearing.deposit",
				"Clearing.sweep_surplus",
				"Clearing.advance_settlement",
				"Clearing.refresh_mark",
				"Clearing.check_account",
				"Market.cancel",
				"Proxy.proxy",
				"Compute.bond_extra",
				"Compute.declare_maintenance",
				"Compute.prune",
				"Attestation.bond_extra",
				"Attestation.answer_draw",
				"Attestation.commit",
				"Attestation.reveal",
				"Attestation.commit_authorized",
				"Attestation.reveal_authorized",
				"Attestation.report_equivocation",
				"Attestation.report_double_signing",
				"Attestation.dispute_solve",
				"Attestation.advance",
				"Delivery.post_availability",
				"Delivery.submit_voucher",
				"Delivery.advance",
				"Delivery.settle_window",
				"Proof.commit",
				"Proof.open",
			]
		);
	})
}

#[test]
fn chain_goes_on_when_everything_is_paused() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		pause_everything();
		let before = (System::block_number(), Session::current_index());
		next_session();
		next_session();
		assert!(System::block_number() > before.0 + EPOCH_SLOTS);
		assert_eq!(Session::current_index(), before.1 + 2);
	})
}

#[test]
fn transfer_is_refused_when_everything_is_paused() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		pause_everything();
		let error = dispatch(Sr25519Keyring::Bob, transfer()).unwrap_err().error;
		assert_eq!(error, frame_system::Error::<Runtime>::CallFiltered.into());
	})
}

#[test]
fn equivocation_reports_count_when_everything_is_paused() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		pause_everything();
		let reports = vec![
			babe_report(Sr25519Keyring::Bob, Sr25519Keyring::BobStash, FIRST_SLOT),
			grandpa_report(Ed25519Keyring::Charlie, 1),
		];
		for result in next_block(reports) {
			assert_ok!(result.expect("valid"));
		}
		for offender in [Sr25519Keyring::BobStash, Sr25519Keyring::CharlieStash] {
			assert!(Bonds::<Runtime>::get(offender.to_account_id()).expect("bonded").amount < GENESIS_BOND);
		}
	})
}

#[test]
fn deposits_go_on_when_everything_is_paused() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		pause_everything();
		let deposit = pallet_validators::Call::bond_extra { extra: GCX };
		assert_ok!(next_block(vec![signed(Sr25519Keyring::BobStash, deposit)])[0].expect("valid"));
		assert_eq!(
			Bonds::<Runtime>::get(Sr25519Keyring::BobStash.to_account_id()).expect("bonded").amount,
			GENESIS_BOND + GCX
		);
	})
}

#[test]
fn governance_ends_an_emergency() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		pause_everything();
		let sudo = |call: RuntimeCall| pallet_sudo::Call::sudo { call: Box::new(call) };
		let exit = sudo(pallet_safe_mode::Call::force_exit {}.into());
		assert_ok!(next_block(vec![signed(Sr25519Keyring::Alice, exit)])[0].expect("valid"));
		let metadata = RuntimeCall::from(transfer()).get_call_metadata();
		let unpause = sudo(
			pallet_tx_pause::Call::unpause {
				ident: (
					metadata.pallet_name.as_bytes().to_vec().try_into().expect("short"),
					metadata.function_name.as_bytes().to_vec().try_into().expect("short"),
				),
			}
			.into(),
		);
		assert_ok!(next_block(vec![signed(Sr25519Keyring::Alice, unpause)])[0].expect("valid"));
		assert_ok!(dispatch(Sr25519Keyring::Bob, transfer()));
	})
}

#[test]
fn safe_mode_ends_by_itself_and_cannot_be_bought() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		assert!(dispatch(Sr25519Keyring::Bob, pallet_safe_mode::Call::enter {}).is_err());
		assert!(dispatch(Sr25519Keyring::Bob, pallet_safe_mode::Call::force_enter {}).is_err());
		assert_ok!(SafeMode::force_enter(RuntimeOrigin::root()));
		let until = pallet_safe_mode::EnteredUntil::<Runtime>::get().expect("entered");
		assert_eq!(until, System::block_number() + 4 * HOURS);
	})
}

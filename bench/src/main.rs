#![doc = include_str!("../README.md")]

mod chain;
mod evidence;
mod exchange;
mod figures;
mod fills;
mod insurance;
mod liquidation;
mod node;
mod offline;
mod proof;
mod rounds;
mod settlement;
mod waterfall;
mod worker;

use crate::{
	chain::Chain,
	exchange::{Exchange, Size},
	fills::{Cost, FillCosts, BATCH},
	node::Executor,
	rounds::{Prepared, Statements},
};
use gcx_runtime::AccountId;
use sp_core::{sr25519, Pair};
use std::{error::Error, time::Instant};

/// Blocks of each kind of which the lower quartile counts.
const ROUNDS: usize = 21;
/// Settlement runs of which the lower quartile counts.
const RUNS: usize = 31;
/// Crashes of which the lower quartile counts.
const CRASHES: usize = 11;

/// What can go wrong ends the program.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Says on stderr how far it has come.
fn note(began: Instant, what: &str) {
	eprintln!("[{:6.1} s] {what}", began.elapsed().as_secs_f64());
}

fn main() -> Result<()> {
	let began = Instant::now();
	let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
	note(began, &format!("the node's part is built in the profile `{profile}`"));
	let executor = Executor::builder().build();
	let open = |accounts, guarantors, instruments| {
		let exchange = Exchange::prepare(Size { accounts, guarantors, instruments });
		let chain = Chain::open(exchange, &executor)?;
		note(began, &format!("{accounts} accounts, {guarantors} guarantors, {instruments} contracts"));
		Ok::<_, Box<dyn Error>>(chain)
	};
	let mut large = open(100_000, 100, 40)?;
	let mut small = open(1_000, 100, 40)?;
	let mut one_guarantor = open(1_000, 1, 40)?;
	let mut many_instruments = open(1_000, 100, 64)?;
	let mut few_instruments = open(1_000, 100, 4)?;

	let mut costs = FillCosts::default();
	let mut compared: [Cost; 4] = Default::default();
	for round in 0..=ROUNDS {
		let chains = [&mut small, &mut one_guarantor, &mut many_instruments, &mut few_instruments];
		// The first round compiles the runtime and counts for nothing.
		if round == 0 {
			FillCosts::default().measure(&mut large)?;
			chains.into_iter().try_for_each(|chain| Cost::default().measure_fills(chain))?;
			note(began, "warm");
			continue;
		}
		costs.measure(&mut large)?;
		for (cost, chain) in compared.iter_mut().zip(chains) {
			cost.measure_fills(chain)?;
		}
	}
	note(began, "fills and transfers are measured");
	print_fills(&costs);
	let [small_fill, one_guarantor, many_instruments, few_instruments] = compared.map(|cost| cost.each());
	figures::print("fill_cost_vs_guarantors_100_1", small_fill.import / one_guarantor.import, "ratio");
	figures::print("fill_cost_vs_accounts_100k_1k", costs.fills.each().import / small_fill.import, "ratio");
	figures::print("fill_cost_vs_instruments_64_4", many_instruments.import / few_instruments.import, "ratio");

	let (mut empty, mut deposits) = (figures::Samples::default(), figures::Samples::default());
	for round in 0..=ROUNDS {
		if round == 0 {
			insurance::measure_deposits(&mut small, &mut Default::default(), &mut Default::default())?;
		} else {
			insurance::measure_deposits(&mut small, &mut empty, &mut deposits)?;
		}
	}
	let operation = (deposits.typical() - empty.typical()) / f64::from(BATCH);
	figures::print("insurance_ops_us", operation * 1e6, "us");
	figures::print("waterfall_step_us", waterfall::step()? * 1e6, "us");
	note(began, "the pool is measured");

	let (of_large, of_small) = settlement::measure_both(&mut large, &mut small, RUNS)?;
	note(began, "settlement is measured");
	figures::print("settlement_run_ms", of_large * 1e3, "ms");
	figures::print("settlement_100k_vs_1k_accounts", of_large / of_small, "ratio");

	let (of_large, of_small) = liquidation::measure_both(&mut large, &mut small, CRASHES)?;
	note(began, "liquidation is measured");
	figures::print("liquidation_scan_ms", of_large.seconds * 1e3, "ms");
	figures::print("liquidation_scan_100k_vs_1k_accounts", of_large.seconds / of_small.seconds, "ratio");
	figures::print("liquidations_per_block", of_large.most_per_block.into(), "accounts");
	drop((large, small));

	print_attestation(&executor)?;
	note(began, "attestation is measured");
	print_proof(&executor)?;
	note(began, "proof of compute is measured");
	Ok(())
}

/// Prints what proof of compute costs the chain, and what it proves for that.
fn print_proof(executor: &Executor) -> Result<()> {
	let proof::Measured { check, operations, share_of_peak } = proof::measure(executor)?;
	figures::print("proof_check_ms", check * 1e3, "ms");
	figures::print("proof_ops_per_check_ms", operations / (check * 1e3), "ops/ms");
	figures::print("prover_share_of_peak", share_of_peak, "ratio");
	Ok(())
}

/// Prints what attestation costs the chain, and what an attestor's node.
fn print_attestation(executor: &Executor) -> Result<()> {
	let solution = worker::Solution::new()?;
	let agent = AccountId::new([9; 32]);
	let prepared = Prepared {
		count: 128,
		panel: rounds::PANEL,
		solve: solution.commitment(),
		agent: &agent,
		commit_slots: rounds::COMMIT_SLOTS,
	};
	let mut exchange =
		Exchange::prepare(Size { accounts: 2 * BATCH * ROUNDS as u32 + 1_000, guarantors: 100, instruments: 40 });
	prepared.put_into(&mut exchange.storage, rounds::first_slot());
	let mut chain = Chain::open(exchange, executor)?;
	let mut statements = Statements::commit(&mut chain, &prepared)?;
	let (mut reveals, mut transfers) = (Cost::default(), Cost::default());
	for _ in 0..ROUNDS {
		statements.measure_reveals(&mut chain, &mut reveals)?;
		transfers.measure_transfers(&mut chain)?;
	}
	let reveal = reveals.each_of(rounds::REVEALS).import;
	figures::print("attestation_reveal_us", reveal * 1e6, "us");
	figures::print("attestation_reveal_vs_transfer", reveal / transfers.each().import, "ratio");
	figures::print("hpl_parse_us", evidence::hpl_parse()? * 1e6, "us");
	figures::print("grade_us", evidence::grade()? * 1e6, "us");
	for count in [1, 10, 100] {
		let seconds = worker::measure(executor, &solution, count)?;
		figures::print(&format!("worker_round_{count}_ms"), seconds * 1e3, "ms");
	}
	Ok(())
}

/// Prints what a fill and a transfer cost, and where a fill's time goes.
fn print_fills(costs: &FillCosts) {
	let (fill, transfer) = (costs.fills.each(), costs.transfers.each());
	let (orders, margined) = (costs.refused_for_price.each(), costs.refused_for_limit.each());
	let us = |name: &str, seconds: f64| figures::print(name, seconds * 1e6, "us");
	us("fill_us", fill.import);
	us("transfer_us", transfer.import);
	figures::print("fill_vs_transfer", fill.import / transfer.import, "ratio");
	figures::print("fills_per_second", 1.0 / fill.import, "1/s");
	us("fill_signatures_us", 2.0 * signature_check());
	us("fill_orders_us", orders.import);
	us("fill_margin_us", margined.import - orders.import);
	us("fill_storage_us", fill.import - margined.import);
	us("fill_build_us", fill.apply);
	us("fill_root_us", fill.root);
	us("fill_commit_us", fill.commit);
	us("transfer_build_us", transfer.apply);
	us("transfer_root_us", transfer.root);
	us("transfer_commit_us", transfer.commit);
}

/// Seconds that the node takes to check a signature of a message as long as an order.
fn signature_check() -> f64 {
	let pair = sr25519::Pair::from_seed(&[7; 32]);
	let message = [7; 200];
	let signature = pair.sign(&message);
	let check = || sp_io::crypto::sr25519_verify(&signature, &message, &pair.public());
	assert!(check(), "the signature is good");
	figures::each(check)
}

//! What Prometheus is told of proof of compute: what the chain's roll-calls came to.

use gcx_runtime::opaque::Block;
use gcx_runtime_api::{ProofApi, ProofTotals};
use prometheus_endpoint::{register, MetricSource, Opts, PrometheusError, Registry, SourcedCounter};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

const LOG_TARGET: &str = "proof";

/// A count, and its label if it has one.
type Labelled = (&'static [&'static str], u64);

/// Counts of the best block's state, read when Prometheus asks.
struct Source<Client> {
	client: Arc<Client>,
	what: fn(&ProofTotals) -> Vec<Labelled>,
}

// Without asking that of the client.
impl<Client> Clone for Source<Client> {
	fn clone(&self) -> Self {
		Self { client: self.client.clone(), what: self.what }
	}
}

impl<Client> MetricSource for Source<Client>
where
	Client: HeaderBackend<Block> + ProvideRuntimeApi<Block, Api: ProofApi<Block>> + Send + Sync + 'static,
{
	type N = u64;

	fn collect(&self, mut set: impl FnMut(&[&str], u64)) {
		let best = self.client.info().best_hash;
		match self.client.runtime_api().proof_totals(best) {
			Ok(totals) => (self.what)(&totals).into_iter().for_each(|(label, count)| set(label, count)),
			Err(error) => log::warn!(target: LOG_TARGET, "roll-calls are not counted: {error}"),
		}
	}
}

fn roll_calls(totals: &ProofTotals) -> Vec<Labelled> {
	vec![(&[], totals.roll_calls)]
}

fn outcomes(totals: &ProofTotals) -> Vec<Labelled> {
	let ProofTotals { roll_calls: _, proven, undrawn, absent, unshown, void } = *totals;
	vec![
		(&["proven"], proven),
		(&["undrawn"], undrawn),
		(&["absent"], absent),
		(&["unshown"], unshown),
		(&["void"], void),
	]
}

/// Exports what roll-calls came to, if there is where to. What stands in the way is said, and no more.
pub fn export<Client>(client: &Arc<Client>, registry: Option<&Registry>)
where
	Client: HeaderBackend<Block> + ProvideRuntimeApi<Block, Api: ProofApi<Block>> + Send + Sync + 'static,
{
	if let Some(Err(error)) = registry.map(|registry| try_export(client, registry)) {
		log::warn!(target: LOG_TARGET, "roll-calls are not counted: {error}");
	}
}

fn try_export<Client>(client: &Arc<Client>, registry: &Registry) -> Result<(), PrometheusError>
where
	Client: HeaderBackend<Block> + ProvideRuntimeApi<Block, Api: ProofApi<Block>> + Send + Sync + 'static,
{
	let source = |what| Source { client: client.clone(), what };
	let calls = Opts::new("gcx_proof_roll_calls_total", "Roll-calls that are over");
	let resources = Opts::new("gcx_proof_resources_total", "Resources that were called, by what that came to")
		.variable_label("outcome");
	register(SourcedCounter::new(&calls, source(roll_calls))?, registry)?;
	register(SourcedCounter::new(&resources, source(outcomes))?, registry)?;
	Ok(())
}

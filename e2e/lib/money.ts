/** Amounts in the smallest units of the two kinds of money. */

const GCX_DECIMALS = 12n;
const TUSD_DECIMALS = 6n;

/** `amount` of the chain's token. */
export const gcx = (amount: bigint): bigint => amount * 10n ** GCX_DECIMALS;

/** `amount` of the settlement asset of test networks. */
export const tusd = (amount: bigint): bigint => amount * 10n ** TUSD_DECIMALS;

/** The settlement asset's id in the assets pallet. */
export const TUSD = 1;

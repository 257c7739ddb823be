/** Who is neither customer nor guarantor: outsiders of the insurance pool, and anyone that calls what anyone may call. */

import type { Random } from "./random.js";
import type { Call, World } from "./world.js";
import { delivery, deliveryViews } from "../lib/delivery.js";
import { insurance, liquidatable, poolView } from "../lib/insurance.js";
import { tusd } from "../lib/money.js";

/** Seconds between two things that one of them does. */
const REST = [12, 30] as const;
/** A price that nothing here costs. */
const ANY_PRICE = 1_000_000_000;

export class Passersby {
  readonly outsiders;
  readonly anyone;

  constructor(private readonly world: World) {
    this.outsiders = [world.account("outsider-1"), world.account("outsider-2")];
    this.anyone = world.account("anyone");
  }

  begin(): void {
    this.outsiders.forEach((_, place) => {
      this.world.every(`outsider-${place + 1}`, REST, (random) => this.invest(place, random));
    });
    this.world.every("anyone", REST, (random) => this.help(random));
  }

  /** Deposits, redeems, collects; buys bonds that are for sale. */
  private async invest(place: number, random: Random): Promise<void> {
    const { api } = this.world;
    const key = this.outsiders[place]!;
    const calls = insurance(api);
    const act = (name: string, ...args: unknown[]) =>
      this.world.act(`insurance.${name}`, calls[name]!(...args), key).then(() => undefined);
    const [sale] = await api.query["insurance"]!["sales"]!.entries();
    if (sale && random.chance(0.6)) {
      const { amount } = sale[1].toPrimitive() as { amount: number | string };
      const part = random.share(BigInt(amount), 0.2, 1);
      if (part > 0n) return act("buy", sale[0].args[0]!.toPrimitive(), part, ANY_PRICE);
    }
    await random.weighted<() => Promise<void>>([
      [50, () => act("deposit", tusd(BigInt(random.integer(1_000, 60_000))), 0)],
      [25, async () => act("redeem", random.share(await this.sharesOf(key.address), 0.05, 0.5))],
      [10, () => act("collect", key.address)],
      [5, () => act("fundSkin", tusd(BigInt(random.integer(10, 2_000))))],
    ])();
  }

  private async sharesOf(address: string): Promise<bigint> {
    const stored = await this.world.api.query["insurance"]!["holders"]!(address);
    return BigInt((stored.toPrimitive() as { shares: number | string } | null)?.shares ?? 0);
  }

  /** Drives what the chain drives by itself, mostly too early: that is refused, and does no harm. */
  private async help(random: Random): Promise<void> {
    const { world } = this;
    const { api, http } = world;
    const { clearing, market } = api.tx;
    const pool = insurance(api);
    const instrument = random.pick(world.contracts)?.instrument ?? 0;
    const delivered = random.pick(await deliveryViews(http))?.instrument ?? instrument;
    const failed = random.pick((await poolView(http)).defaults)?.guarantor;
    const forSale = random.pick(await liquidatable(http));
    const [name, call] = random.weighted<[string, Call]>([
      [10, ["clearing.advanceSettlement", clearing!["advanceSettlement"]!()]],
      [10, ["clearing.refreshMark", clearing!["refreshMark"]!(instrument)]],
      [10, ["market.advance", market!["advance"]!(instrument)]],
      [10, ["market.sweep", market!["sweep"]!(20)]],
      [10, ["delivery.advance", delivery(api)["advance"]!(delivered)]],
      [10, ["insurance.distribute", pool["distribute"]!()]],
      [5, ["insurance.advanceRedemptions", pool["advanceRedemptions"]!()]],
      [failed ? 20 : 0, ["clearing.advanceDefault", clearing!["advanceDefault"]!(failed ?? this.anyone.address)]],
      [
        forSale ? 20 : 5,
        ["clearing.liquidate", clearing!["liquidate"]!(forSale?.owner ?? this.anyone.address, forSale?.sub ?? 0)],
      ],
    ]);
    await world.act(name, call, this.anyone);
  }
}

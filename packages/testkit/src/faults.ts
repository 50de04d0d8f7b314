import type { RouteName } from "./routes.ts";

/**
 * What comes back instead of the reply. A number is a status. `timeout`: nothing, ever. `reset`: the connection is cut.
 * `half`: cut in the middle of the body. `drip`: all of it, byte by byte. `page`: 200 and HTML, as a captive portal
 * answers. `redirect`: 302 to elsewhere. `wrong-type`: JSON that calls itself text. `empty`: 200 without a body.
 * `foreign-bytes`: the body with its last byte changed.
 */
export type FaultReply =
  | number
  | "timeout"
  | "reset"
  | "half"
  | "drip"
  | "page"
  | "redirect"
  | "wrong-type"
  | "empty"
  | "foreign-bytes";

export interface FaultSpec {
  readonly reply: FaultReply;
  /** True: the request is carried out first, and only its reply is lost. */
  readonly committed?: boolean;
  /** For statuses: `retry-after`, say. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `after-commit` is a 503 after the request was carried out. */
export type Fault = FaultReply | "after-commit" | FaultSpec;

/** A route's name, `*` for all, or `VERB *` for all of a verb. */
export type FaultRoute = RouteName | "*" | `${"GET" | "PUT" | "POST" | "DELETE"} *`;

export interface RouteOfPackage {
  readonly route: FaultRoute;
  readonly name: string;
}

interface Rule {
  readonly route: FaultRoute;
  /** Of the request; every one when not said. */
  readonly name?: string;
  /** Consulted once for each request that the route matches, whatever other rules say. */
  due(): boolean;
  readonly pick: () => FaultSpec;
}

/** Which requests fail, decided by count or by a seed: the same requests in the same order fail again. */
export class FaultSchedule {
  private rules: Rule[] = [];
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = mulberry32(seed);
  }

  /** The next requests of a route, or of a route about one package, from the first on. */
  failNext(which: FaultRoute | RouteOfPackage, fault: Fault, times = 1): void {
    let left = times;
    const rule = typeof which === "string" ? { route: which } : which;
    this.rules.push({ ...rule, due: () => left-- > 0, pick: () => specOf(fault) });
  }

  /** Each request of a route whose number, counted from now, is divisible by `period`. */
  failEvery(route: FaultRoute, period: number, fault: Fault): void {
    let count = 0;
    this.rules.push({ route, due: () => ++count % period === 0, pick: () => specOf(fault) });
  }

  /** Each request of a route with this probability, with any of the faults. */
  failAtRandom(route: FaultRoute, probability: number, faults: readonly Fault[]): void {
    const due = () => this.random() < probability;
    const pick = () => specOf(faults[Math.floor(this.random() * faults.length)] ?? 500);
    this.rules.push({ route, due, pick });
  }

  /** Every request of a route about one package, until it is healed. */
  failFor(name: string, route: FaultRoute, fault: Fault): void {
    this.rules.push({ route, name, due: () => true, pick: () => specOf(fault) });
  }

  heal(): void {
    this.rules = [];
  }

  /** The fault of this request, or null. The rule that was made first wins. */
  of(route: RouteName | null, method: string, name: string | undefined): FaultSpec | null {
    let found: FaultSpec | null = null;
    for (const rule of this.rules) {
      const isRoute = rule.route === "*" || rule.route === route || rule.route === `${method} *`;
      if (isRoute && (rule.name === undefined || rule.name === name) && !found && rule.due())
        found = rule.pick();
    }
    return found;
  }
}

function specOf(fault: Fault): FaultSpec {
  if (typeof fault === "object") return fault;
  if (fault === "after-commit") return { reply: 503, committed: true };
  // These spoil a reply, so there is one.
  return { reply: fault, committed: ["half", "drip", "wrong-type", "foreign-bytes"].includes(String(fault)) };
}

/** A small generator with 32 bits of state: enough to spread faults, and the same everywhere. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

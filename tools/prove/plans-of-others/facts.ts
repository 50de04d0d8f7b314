/** A task in words that both sides share; each field is one that decides what runs or what counts. */
export type Facts = Readonly<Record<string, unknown>>;

export type Planned = ReadonlyMap<string, Facts> | { readonly fails: string };

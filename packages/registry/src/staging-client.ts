import { isRecord, type PackageName } from "@slipway/kernel";
import type { WriteAnswer } from "./answer.ts";
import { Connection, escaped, parsedRecord, type ClientOptions } from "./connection.ts";
import type { RegistryTarget } from "./npm-settings.ts";
import { publishDocument, type PublishRequest } from "./publish-document.ts";

/** A version that waits for somebody's approval: it has its number, and nobody can install it. */
export interface StagedView {
  readonly id: string;
  readonly name: PackageName;
  readonly version: string;
  readonly tag: string | null;
  /** Null: this registry does not tell; download it and look. */
  readonly integrity: string | null;
}

export type StageAnswer =
  | { readonly outcome: "accepted"; readonly id: string }
  | Exclude<WriteAnswer, { readonly outcome: "accepted" }>;

/** npm's staged publishing: CI stages, a person approves with a second factor. Answers say what is proved, as a client's do. */
export interface StagingClient {
  stage(request: PublishRequest): Promise<StageAnswer>;
  /** What waits, of one package or of all that the credential may see. */
  list(name?: PackageName): Promise<readonly StagedView[]>;
  download(staged: Pick<StagedView, "id" | "name">): Promise<Uint8Array | null>;
  approve(staged: StagedView): Promise<WriteAnswer>;
  reject(staged: StagedView): Promise<WriteAnswer>;
}

const perPage = 100;
const pagesMaximum = 1_000;

export function stagingClient(target: RegistryTarget, options: ClientOptions = {}): StagingClient {
  const connection = new Connection(target, options);
  return {
    stage: async (request) => {
      const { name } = request.tarball;
      const path = `-/stage/package/${escaped(name)}`;
      const value = publishDocument(request, connection.url);
      const { answer, body } = await connection.write({ method: "POST", path, name, power: "upload", value });
      if (answer.outcome !== "accepted") return answer;
      const id = body && idIn(body);
      return id
        ? { outcome: "accepted", id }
        : { outcome: "unknown", message: "staged without an id in the answer" };
    },
    list: async (name) => {
      const found: StagedView[] = [];
      for (let page = 0; page < pagesMaximum; page++) {
        const filter = name === undefined ? "" : `&package=${encodeURIComponent(name)}`;
        const response = await connection.read(
          `-/stage?page=${page}&perPage=${perPage}${filter}`,
          "application/json",
          await connection.readAuth(name),
        );
        const document = response && parsedRecord(response);
        const items = document?.["items"];
        if (!Array.isArray(items)) {
          // Registries without staging have no such place.
          if (response === null) return found;
          throw connection.unreachable("answered GET /-/stage with something else");
        }
        found.push(...items.flatMap(viewOf));
        if (items.length < perPage || found.length >= Number(document?.["total"] ?? Infinity)) break;
      }
      return found;
    },
    download: async ({ id, name }) => {
      const auth = await connection.readAuth(name);
      const response = await connection.read(`-/stage/${id}/tarball`, "application/octet-stream, */*", auth);
      return response?.body ?? null;
    },
    approve: async ({ id, name }) =>
      (await connection.write({ method: "POST", path: `-/stage/${id}/approve`, name, power: "change" }))
        .answer,
    reject: async ({ id, name }) =>
      (await connection.write({ method: "DELETE", path: `-/stage/${id}`, name, power: "change" })).answer,
  };
}

function idIn(body: Uint8Array): string | null {
  const document = parsedRecord({ body });
  return typeof document?.["stageId"] === "string" ? document["stageId"] : null;
}

function viewOf(item: unknown): StagedView[] {
  if (!isRecord(item)) return [];
  const { id, packageName, version, tag, integrity } = item;
  if (typeof id !== "string" || typeof packageName !== "string" || typeof version !== "string") return [];
  return [
    {
      id,
      name: packageName,
      version,
      tag: typeof tag === "string" ? tag : null,
      integrity: typeof integrity === "string" ? integrity : null,
    },
  ];
}

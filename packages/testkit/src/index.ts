export type { Fault, FaultReply, FaultRoute, FaultSpec, RouteOfPackage } from "./faults.ts";
export {
  FaultRegistry,
  createFaultRegistry,
  type FaultRegistryOptions,
  type PlantedVersion,
  type SeenRequest,
  type Snapshot,
} from "./fault-registry.ts";
export type { Listening } from "./listen.ts";
export type { Credential, Power } from "./rights.ts";
export { routeNames, type RouteName } from "./routes.ts";

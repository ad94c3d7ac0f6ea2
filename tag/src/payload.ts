// An event under construction (R110), and how its JSON becomes parameters (R119-R121).

import { base64url } from "./text";
import type { EventJson, JsonProcessor, Payload, PayloadBuilder, SelfDescribingJson } from "./types";

export const VENDOR = "com.snowplowanalytics.snowplow";

/** A self-describing JSON, by default of the protocol's vendor. */
export const entity = <T = Record<string, unknown>>(
  name: string,
  data: T,
  version = "1-0-0",
  vendor = VENDOR,
): SelfDescribingJson<T> => ({ schema: `iglu:${vendor}/${name}/jsonschema/${version}`, data });

/** A copy without members that are null or undefined. */
export const compact = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member != null));

/** A new event. */
export function payloadBuilder(first: Payload): PayloadBuilder {
  const payload: Payload = {};
  const json: EventJson = [];
  const entities: SelfDescribingJson[] = [];
  let processor: JsonProcessor | undefined;
  const builder: PayloadBuilder = {
    add(key, value) {
      if (value != null && value !== "") payload[key] = value;
    },
    addDict(dict) {
      for (const key in dict) builder.add(key, dict[key]);
    },
    addJson: (keyIfEncoded, keyIfNotEncoded, value) =>
      void json.push({ keyIfEncoded, keyIfNotEncoded, json: value }),
    addContextEntity: (one) => void entities.push(one),
    getPayload: () => payload,
    getJson: () => json,
    withJsonProcessor(value) {
      processor = value;
    },
    build() {
      processor?.(builder, json, entities);
      return payload;
    },
  };
  builder.addDict(first);
  return builder;
}

/** A self-describing event (R119). */
export function selfDescribing({ schema, data }: SelfDescribingJson): PayloadBuilder {
  const builder = payloadBuilder({ e: "ue" });
  builder.addJson("ue_px", "ue_pr", entity("unstruct_event", { schema, data }));
  return builder;
}

/** Turns the JSON of an event into parameters, all entities into one of them (R120). */
export const jsonProcessor =
  (base64: boolean): JsonProcessor =>
  (builder, json, entities) => {
    const put = (encoded: string, plain: string, value: unknown): void => {
      const text = JSON.stringify(value);
      builder.add(base64 ? encoded : plain, base64 ? base64url(text) : text);
    };
    const all: unknown[] = [];
    for (const { keyIfEncoded, keyIfNotEncoded, json: value } of json) {
      if (keyIfEncoded === "cx") all.push(...(value["data"] as unknown[]));
      else put(keyIfEncoded, keyIfNotEncoded, value);
    }
    all.push(...entities);
    if (all[0]) put("cx", "co", entity("contexts", all));
  };

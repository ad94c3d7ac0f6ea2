// Entities for many events: global contexts with their filters and rules (R151-R155, W34).

import { attempt } from "./env";
import type {
  ContextEvent,
  ContextPrimitive,
  GlobalContext,
  PayloadBuilder,
  SelfDescribingJson,
} from "./types";

const isJson = (value: unknown): value is SelfDescribingJson => {
  const { schema, data } = (value ?? {}) as Partial<SelfDescribingJson>;
  return typeof schema === "string" && !!data && typeof data === "object";
};

const list = <T>(value: T | T[] | undefined): T[] => [value ?? []].flat() as T[];

const RULE = /^iglu:[\w-]+\.[\w-]+(\.[\w-]+)*(\.\*)*\/([\w-]+|\*)\/jsonschema\/(\d+|\*)-(\d+|\*)-(\d+|\*)$/;

/** Whether one of these rules matches a schema (R154). */
const matches = (rules: string | string[] | undefined, schema: string): boolean =>
  list(rules).some(
    (rule) =>
      RULE.test(rule) &&
      new RegExp(`^${rule.replace(/\./g, "\\.").replace(/\*/g, "[^/.]+")}$`).test(schema),
  );

/** The global contexts of one tracker: its methods, whether there are any, and those for an event. */
export function globalContexts() {
  let unnamed: GlobalContext[] = [];
  let named: Record<string, GlobalContext> = {};

  /** What is no entity in the end is left out (R151, R152). */
  const generate = (one: ContextPrimitive, about: ContextEvent): SelfDescribingJson[] =>
    list(typeof one === "function" ? attempt(() => one(about)) : one).filter(isJson);

  function apply(one: GlobalContext, about: ContextEvent): SelfDescribingJson[] {
    if (!Array.isArray(one)) return generate(one, about);
    const [when, what] = one;
    const applies =
      typeof when === "function"
        ? attempt(() => when(about)) === true
        : matches(when?.accept, about.eventSchema) && !matches(when.reject, about.eventSchema);
    return applies ? list<ContextPrimitive>(what).flatMap((item) => generate(item, about)) : [];
  }

  const methods = {
    addGlobalContexts(contexts: GlobalContext[] | Record<string, GlobalContext>): void {
      if (Array.isArray(contexts)) unnamed.push(...contexts);
      else Object.assign(named, contexts);
    },
    removeGlobalContexts(contexts: Array<GlobalContext | string>): void {
      for (const one of contexts) {
        if (typeof one === "string") delete named[one];
        const text = JSON.stringify(one);
        const same = unnamed.findIndex((other) => other === one || (text && JSON.stringify(other) === text));
        if (same >= 0) unnamed.splice(same, 1);
      }
    },
    clearGlobalContexts(): void {
      unnamed = [];
      named = {};
    },
  };

  const all = (): GlobalContext[] => [...unnamed, ...Object.values(named)];
  return {
    _methods: methods,
    _any: () => all()[0],
    /** The entities for an event. */
    _for(builder: PayloadBuilder): SelfDescribingJson[] {
      const event = builder.getPayload();
      const inner = builder.getJson().find(({ keyIfEncoded }) => keyIfEncoded === "ue_px");
      const about = {
        event,
        eventType: `${event["e"]}`,
        eventSchema: ((inner?.json["data"] as SelfDescribingJson | undefined)?.schema ?? "") as string,
      };
      return all().flatMap((one) => apply(one, about));
    },
  };
}

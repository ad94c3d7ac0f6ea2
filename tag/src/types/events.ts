// Events and what belongs to one.

export type SelfDescribingJson<T = Record<string, unknown>> = { schema: string; data: T };

export type Payload = Record<string, unknown>;

export type EventJson = Array<{
  keyIfEncoded: string;
  keyIfNotEncoded: string;
  json: Record<string, unknown>;
}>;

export type JsonProcessor = (
  builder: PayloadBuilder,
  json: EventJson,
  entities: SelfDescribingJson[],
) => void;

/** An event under construction; builders of other libraries with this shape are accepted too. */
export interface PayloadBuilder {
  add: (key: string, value: unknown) => void;
  addDict: (dict: Payload) => void;
  addJson: (keyIfEncoded: string, keyIfNotEncoded: string, json: Record<string, unknown>) => void;
  addContextEntity: (entity: SelfDescribingJson) => void;
  getPayload: () => Payload;
  getJson: () => EventJson;
  withJsonProcessor: (processor: JsonProcessor) => void;
  build: () => Payload;
}

export type Timestamp = number | { readonly type: "ttm" | "dtm"; readonly value: number };

export interface CommonEventProperties<T = Record<string, unknown>> {
  /** Entities of this event. */
  context?: Array<SelfDescribingJson<T>> | null;
  /** When the event happened, in epoch milliseconds, if not now. */
  timestamp?: Timestamp | null;
}

export interface ContextEvent {
  event: Payload;
  eventType: string;
  eventSchema: string;
}

export type ContextGenerator = (
  args?: ContextEvent,
) => SelfDescribingJson | SelfDescribingJson[] | undefined;

export type ContextFilter = (args?: ContextEvent) => boolean;

export type ContextPrimitive = SelfDescribingJson | ContextGenerator;

export interface RuleSet {
  accept?: string | string[];
  reject?: string | string[];
}

export type FilterProvider = [ContextFilter, ContextPrimitive[] | ContextPrimitive];

export type RuleSetProvider = [RuleSet, ContextPrimitive[] | ContextPrimitive];

export type ConditionalContextProvider = FilterProvider | RuleSetProvider;

export type GlobalContext = ContextPrimitive | ConditionalContextProvider;

export interface ActivityTrackingConfiguration {
  /** Seconds before the first ping. */
  minimumVisitLength: number;
  /** Seconds between pings. */
  heartbeatDelay: number;
  activityMetrics?: boolean;
}

export interface ActivityMetrics {
  mouseDistance: number;
  scrollDistance: number;
  keyPresses: number;
  clicks: number;
  touches: number;
}

export interface ActivityCallbackData {
  context: SelfDescribingJson[];
  pageViewId: string;
  minXOffset: number;
  minYOffset: number;
  maxXOffset: number;
  maxYOffset: number;
  activityMetrics?: ActivityMetrics;
}

export type ActivityCallback = (data: ActivityCallbackData) => void;

export interface PageViewEvent {
  title?: string | null;
  contextCallback?: (() => SelfDescribingJson[]) | null;
}

export interface StructuredEvent {
  category: string;
  action: string;
  label?: string;
  property?: string;
  value?: number;
}

export interface SelfDescribingEvent<T = Record<string, unknown>> {
  event: SelfDescribingJson<T>;
}

export interface ConsentPreferences extends CommonEventProperties {
  basisForProcessing: string;
  consentUrl: string;
  consentVersion: string;
  consentScopes: string[];
  domainsApplied: string[];
  gdprApplies?: boolean | null;
}

export interface ConsentDocument extends CommonEventProperties {
  id?: string;
  version?: string;
  name?: string;
  description?: string;
}

export interface GdprContext {
  basisForProcessing: string;
  documentId?: string;
  documentVersion?: string;
  documentDescription?: string;
}

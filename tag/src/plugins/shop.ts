// Ecommerce: actions of version 4, and the transactions of version 3 (R122).

import { entity, payloadBuilder, VENDOR } from "../payload";
import type { BrowserTracker, Payload, SelfDescribingJson } from "../types";
import { pick, send, type Input } from "./sending";

const SHOP = `${VENDOR}.ecommerce`;

const thing = (name: string, data: unknown): SelfDescribingJson =>
  entity(name, data as Record<string, unknown>, "1-0-0", SHOP);

const products = (list: unknown): SelfDescribingJson[] =>
  ((list ?? []) as unknown[]).map((product) => thing("product", product));

/** An action: what it is called, its own members, and the entities that the rest becomes. */
const action =
  (type: string, entities: (event: Record<string, unknown>) => SelfDescribingJson[], members = "") =>
  (trackers: BrowserTracker[], input: Input): void => {
    const { context: _, timestamp: __, ...event } = input;
    const data = { type, ...(members && pick(event, members)) };
    const options = { version: "1-0-2", vendor: SHOP, entities: entities(event) };
    send(trackers, "snowplow_ecommerce_action", data, input, options);
  };

/** An entity of the event itself, with its products beside it. */
const withProducts =
  (name: string) =>
  ({ products: list, ...rest }: Record<string, unknown>): SelfDescribingJson[] => [...products(list), thing(name, rest)];

const whole =
  (name: string) =>
  (event: Record<string, unknown>): SelfDescribingJson[] => [thing(name, event)];

export const trackProductView = action("product_view", whole("product"));
export const trackProductListView = action("list_view", (event) => products(event["products"]), "name");
export const trackProductListClick = action("list_click", (event) => products([event["product"]]), "name");
export const trackCheckoutStep = action("checkout_step", whole("checkout_step"));
export const trackTransaction = action("transaction", withProducts("transaction"));
export const trackRefund = action("refund", withProducts("refund"));
export const trackTransactionError = action("trns_error", ({ transaction, ...error }) => [
  thing("transaction", transaction),
  thing("transaction_error", error),
]);
export const trackPromotionView = action("promo_view", whole("promotion"));
export const trackPromotionClick = action("promo_click", whole("promotion"));

/** Version 3 names one article by `sku`, version 4 a cart with products. */
const cart = (type: string) => {
  const newer = action(type, withProducts("cart"));
  return (trackers: BrowserTracker[], event: Input): void => {
    if (event["sku"] === undefined) newer(trackers, event);
    else send(trackers, type, pick(event, "sku quantity name category unitPrice currency"), event);
  };
};

export const trackAddToCart = cart("add_to_cart");
export const trackRemoveFromCart = cart("remove_from_cart");

const standing: Record<string, Record<string, SelfDescribingJson>> = {};

/** An entity that stands beside every later event of a tracker, until another of its kind comes. */
const stand =
  (name: string) =>
  (trackers: BrowserTracker[], input: Input): void => {
    const { context: _, timestamp: __, ...data } = input;
    for (const tracker of trackers) {
      const known = standing[tracker.id];
      const mine = (standing[tracker.id] ??= {});
      // The newest comes last.
      delete mine[name];
      mine[name] = thing(name, data);
      if (!known) tracker.addPlugin({ plugin: { contexts: () => Object.values(mine) } });
    }
  };

export const setPageType = stand("page");
export const setEcommerceUser = stand("user");

interface Order {
  transaction?: Input | undefined;
  items: Input[];
}

const orders: Record<string, Order> = {};
const orderOf = ({ id }: BrowserTracker): Order => (orders[id] ??= { items: [] });

/** Members of a call by the parameters that they become. */
const parameters = (event: Input, names: Record<string, string>): Payload =>
  Object.fromEntries(Object.entries(names).map(([parameter, name]) => [parameter, event[name]]));

export function addTrans(trackers: BrowserTracker[], event: Input): void {
  for (const tracker of trackers) orderOf(tracker).transaction = event;
}

export function addItem(trackers: BrowserTracker[], event: Input): void {
  for (const tracker of trackers) orderOf(tracker).items.push(event);
}

export function trackTrans(trackers: BrowserTracker[]): void {
  for (const tracker of trackers) {
    const { transaction, items } = orderOf(tracker);
    delete orders[tracker.id];
    const track = (e: string, event: Input, names: Record<string, string>): void =>
      void tracker.core.track(payloadBuilder({ e, ...parameters(event, names) }), event.context, event.timestamp);
    if (transaction) {
      track("tr", transaction, {
        ...{ tr_id: "orderId", tr_af: "affiliation", tr_tt: "total", tr_tx: "tax", tr_sh: "shipping" },
        ...{ tr_ci: "city", tr_st: "state", tr_co: "country", tr_cu: "currency" },
      });
    }
    for (const item of items) {
      track("ti", item, {
        ...{ ti_id: "orderId", ti_sk: "sku", ti_nm: "name", ti_ca: "category" },
        ...{ ti_pr: "price", ti_qu: "quantity", ti_cu: "currency" },
      });
    }
  }
}

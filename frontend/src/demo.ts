// The demo shop: a small shop of several pages with a real cookie banner, tracked by the tag.

import type { Choice } from "./choice";
import { CHOICES, choose, chosen, optionsOf } from "./choice";
import { startDock } from "./dock";
import type { Child } from "./dom";
import { byId, h } from "./dom";
import { plain } from "./plain";
import { begin, prepare } from "./snowplow";
import { shop as texts } from "./texts";
import type { Ware } from "./wares";
import { WARES, picture, wareOf } from "./wares";

const APP = "demo-shop";
const HOSTS: Record<string, string> = { localhost: "127.0.0.1", "127.0.0.1": "localhost" };
const CART = "demo-cart";
const USER = "demo-user";
const CURRENCY = "EUR";
const official = document.body.dataset["tracker"] === "official";

const money = new Intl.NumberFormat("en", { style: "currency", currency: CURRENCY });
const snowplow = prepare();
const main = byId("shop");
let choice = chosen();

/** The shop keeps the cart as long as the tab is open. */
function remembered(key: string): string {
  try {
    return window.sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function remember(key: string, value: string): void {
  try {
    window.sessionStorage.setItem(key, value);
  } catch {
    // Storage is blocked: then the cart is forgotten with the page.
  }
}

const cart = (): Ware[] =>
  remembered(CART)
    .split(" ")
    .flatMap((slug) => wareOf(slug) ?? []);
const nameOf = (ware: Ware): string => texts.wares[ware.slug].name;
const total = (wares: Ware[]): number => wares.reduce((sum, ware) => sum + ware.price, 0);

/** An address of the shop; the chosen tracker goes along. */
function to(path: string): string {
  return official ? `${path}${path.includes("?") ? "&" : "?"}tracker=official` : path;
}

function article(ware: Ware): Record<string, unknown> {
  return { sku: ware.slug, name: nameOf(ware), category: "stationery", unitPrice: ware.price, quantity: 1, currency: CURRENCY };
}

function put(ware: Ware): void {
  remember(CART, `${remembered(CART)} ${ware.slug}`.trim());
  snowplow("trackAddToCart", article(ware));
  showCount();
}

function take(ware: Ware): void {
  const slugs = remembered(CART).split(" ");
  slugs.splice(slugs.indexOf(ware.slug), 1);
  remember(CART, slugs.join(" "));
  snowplow("trackRemoveFromCart", article(ware));
  showCount();
  showCart();
}

function action(words: string, act: () => void, primary = false): HTMLButtonElement {
  const button = h("button", { type: "button", class: primary ? "primary" : "" }, words);
  button.addEventListener("click", act);
  return button;
}

function showCount(): void {
  byId("cart").textContent = texts.cart(cart().length);
}

function tile(ware: Ware): HTMLElement {
  return h(
    "li",
    {},
    h(
      "a",
      { href: to(`/demo/p/${ware.slug}`), class: "tile" },
      picture(ware),
      h("b", {}, nameOf(ware)),
      h("span", { class: "quiet" }, money.format(ware.price)),
    ),
  );
}

function show(title: string, ...children: Child[]): void {
  document.title = `${title} · ${texts.name}`;
  main.replaceChildren(h("h1", {}, title), ...children.filter((one): one is Node => one instanceof Node));
}

function showFront(): void {
  show(texts.front, h("p", { class: "lead" }, texts.frontLead), h("ul", { class: "wares" }, ...WARES.map(tile)));
}

function showWare(ware: Ware): void {
  const said = h("p", { role: "status" });
  const add = action(
    texts.add,
    () => {
      put(ware);
      said.textContent = texts.added;
    },
    true,
  );
  show(
    nameOf(ware),
    h(
      "div",
      { class: "product" },
      picture(ware),
      h("div", {}, h("p", { class: "lead" }, texts.wares[ware.slug].about), h("p", { class: "price" }, money.format(ware.price)), add, said),
    ),
  );
}

function showCart(): void {
  const wares = cart();
  if (wares.length === 0) {
    show(texts.cartTitle, h("p", { class: "lead" }, texts.cartEmpty));
    return;
  }
  const rows = wares.map((ware) =>
    h(
      "li",
      {},
      picture(ware),
      h("span", {}, nameOf(ware)),
      h("span", {}, money.format(ware.price)),
      action(texts.remove, () => take(ware)),
    ),
  );
  const order = action(
    texts.order,
    () => {
      snowplow("trackStructEvent", { category: "checkout", action: "order", value: total(cart()) });
      remember(CART, "");
      location.href = to("/demo/thanks");
    },
    true,
  );
  show(
    texts.cartTitle,
    h("ul", { class: "in-cart" }, ...rows),
    h("p", { class: "price" }, texts.total, " ", money.format(total(wares))),
    order,
  );
}

function showSearch(words: string): void {
  const terms = words.toLowerCase().split(/\s+/).filter((term) => term !== "");
  const found = WARES.filter((ware) => {
    const text = `${nameOf(ware)} ${texts.wares[ware.slug].about}`.toLowerCase();
    return terms.every((term) => text.includes(term));
  });
  byId<HTMLInputElement>("search").value = words;
  show(
    texts.found(found.length),
    h("p", { class: "quiet" }, plain(words, 100)),
    h("ul", { class: "wares" }, ...found.map(tile)),
  );
  if (terms.length > 0) snowplow("trackSiteSearch", { terms, totalResults: found.length });
}

function showPartner(): void {
  const came = new URLSearchParams(location.search).get("_sp");
  show(
    texts.partner,
    h("p", { class: "lead" }, texts.partnerLead),
    h("p", {}, came === null ? texts.partnerWithout : texts.partnerWith),
    came !== null && h("p", {}, h("code", {}, plain(`_sp=${came}`, 200))),
  );
}

function route(): void {
  const path = location.pathname.replace(/^\/demo\/?/, "").replace(/\/$/, "");
  const ware = path.startsWith("p/") ? wareOf(path.slice(2)) : undefined;
  if (path === "") showFront();
  else if (ware !== undefined) showWare(ware);
  else if (path === "cart") showCart();
  else if (path === "search") showSearch(new URLSearchParams(location.search).get("q") ?? "");
  else if (path === "thanks") show(texts.thanks, h("p", { class: "lead" }, texts.thanksLead));
  else if (path === "partner") showPartner();
  else show(texts.lost, h("p", { class: "lead" }, texts.lostLead));
}

function showUser(): void {
  const user = remembered(USER);
  byId("user").textContent = user === "" ? texts.signIn : texts.signOut;
  byId("user").title = user;
  snowplow("setUserId", user === "" ? null : user);
}

function showBanner(open: boolean): void {
  const banner = byId("banner");
  const wasHidden = banner.hidden;
  banner.hidden = !open;
  byId("privacy").textContent = choice === null ? texts.privacy : texts.privacyNow(texts.choice[choice].name);
  for (const one of CHOICES) byId(`choose-${one}`).setAttribute("aria-pressed", String(one === choice));
  if (open && wasHidden) snowplow("trackCmpVisible", { elapsedTime: Math.round(performance.now()) });
}

function decide(to: Choice): void {
  choose(snowplow, to, choice, `${location.origin}/demo`);
  choice = to;
  // What identifies is set again: rejecting cleared it.
  showUser();
  showBanner(false);
  byId("privacy").focus();
}

begin(snowplow, {
  appId: APP,
  encodeBase64: false,
  optOutCookie: "whiteout-opt-out",
  crossDomainLinker: (link: HTMLAnchorElement) => link.hostname === HOSTS[location.hostname],
  ...optionsOf(choice),
  ...(!official && { whiteoutCollector: true }),
});
showUser();
showCount();
route();
snowplow("trackPageView");
if (!official) snowplow("enableErrorTracking");
showBanner(choice === null);

const other = HOSTS[location.hostname];
byId("partner").hidden = other === undefined;
if (other !== undefined) {
  const address = new URL(to("/demo/partner"), location.href);
  address.hostname = other;
  byId<HTMLAnchorElement>("partner").href = address.href;
}
for (const link of document.querySelectorAll<HTMLAnchorElement>(".shop-top a, .shop-foot a:not(#partner)")) {
  link.href = to(link.pathname);
}
byId("user").addEventListener("click", () => {
  remember(USER, remembered(USER) === "" ? texts.person : "");
  showUser();
});
byId("break").addEventListener("click", () => {
  setTimeout(() => {
    throw new Error(texts.broken);
  });
});
byId<HTMLFormElement>("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  location.href = to(`/demo/search?q=${encodeURIComponent(byId<HTMLInputElement>("search").value)}`);
});
byId("privacy").addEventListener("click", () => showBanner(byId("banner").hidden === true));
for (const one of CHOICES) byId(`choose-${one}`).addEventListener("click", () => decide(one));
byId("trackers").hidden = document.body.dataset["official"] === "";
byId(official ? "by-official" : "by-tag").setAttribute("aria-current", "true");
startDock(APP);

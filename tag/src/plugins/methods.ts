// Which file answers to which method (R98). The script asks here when it meets a name that it does
// not know, so that the names cost nothing where none is used.

import type { BrowserTracker } from "../types";

/** A method of a plugin: what it does with an argument, for the trackers that were addressed. */
export type Method = (trackers: BrowserTracker[], argument?: unknown) => void;

const FILES: Record<string, string> = {
  buttons: "enableButtonClickTracking disableButtonClickTracking trackButtonClick",
  consent:
    "trackConsentAllow trackConsentSelected trackConsentPending trackConsentImplicit trackConsentDeny" +
    " trackConsentExpired trackConsentWithdrawn trackConsentGranted trackCmpVisible enableGdprContext",
  errors: "trackError enableErrorTracking",
  events:
    "trackAdImpression trackAdClick trackAdConversion trackSocialInteraction trackSiteSearch trackTiming",
  forms: "enableFormTracking disableFormTracking",
  links: "enableLinkClickTracking disableLinkClickTracking refreshLinkClickTracking trackLinkClick",
  shop:
    "trackProductView trackProductListView trackProductListClick trackAddToCart trackRemoveFromCart" +
    " trackCheckoutStep trackTransaction trackRefund trackTransactionError trackPromotionView" +
    " trackPromotionClick setPageType setEcommerceUser addTrans addItem trackTrans",
};

/** The methods that come with a name; none where no file has it. Rejects where a file does not load. */
export async function methods(name: string): Promise<Record<string, Method>> {
  const file = Object.keys(FILES).find((key) => FILES[key]!.split(" ").includes(name));
  return file ? ((await import(new URL(`${file}.js`, import.meta.url).href)) as Record<string, Method>) : {};
}

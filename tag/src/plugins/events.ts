// Advertisements and what visitors do on a site: events whose members are those of the call.

import type { BrowserTracker } from "../types";
import { pick, send, type Input } from "./sending";

const event =
  (schema: string, names: string) =>
  (trackers: BrowserTracker[], input: Input): void =>
    send(trackers, schema, pick(input, names), input);

export const trackAdImpression = event(
  "ad_impression",
  "impressionId costModel cost targetUrl bannerId zoneId advertiserId campaignId",
);
export const trackAdClick = event(
  "ad_click",
  "targetUrl clickId costModel cost bannerId zoneId impressionId advertiserId campaignId",
);
export const trackAdConversion = event(
  "ad_conversion",
  "conversionId costModel cost category action property initialValue advertiserId campaignId",
);
export const trackSocialInteraction = event("social_interaction", "action network target");
export const trackSiteSearch = event("site_search", "terms filters totalResults pageResults");
export const trackTiming = event("timing", "category variable timing label");

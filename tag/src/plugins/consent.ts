// Consent events (R160-R167). `trackConsentWithdrawn` tells by its argument which of the two
// generations is meant: that with documents has a member `all`.

import { compact, entity } from "../payload";
import type { BrowserTracker, ConsentDocument, GdprContext } from "../types";
import { send, type Input } from "./sending";

function track(trackers: BrowserTracker[], name: string, data: Record<string, unknown>, event: Input): void {
  const { id, version, name: title, description } = event as ConsentDocument;
  // A document is valid only with both (R166).
  const entities = id && version ? [entity("consent_document", compact({ id, version, name: title, description }))] : [];
  send(trackers, name, data, event, { entities });
}

const preferences =
  (eventType: string) =>
  (trackers: BrowserTracker[], event: Input): void => {
    const { context: _, timestamp: __, ...data } = event;
    send(trackers, "consent_preferences", { ...data, eventType }, event);
  };

const withdrawn = preferences("withdrawn");

export const trackConsentAllow = preferences("allow_all");
export const trackConsentSelected = preferences("allow_selected");
export const trackConsentPending = preferences("pending");
export const trackConsentImplicit = preferences("implicit_consent");
export const trackConsentDeny = preferences("deny_all");
export const trackConsentExpired = preferences("expired");

export function trackConsentWithdrawn(trackers: BrowserTracker[], event: Input): void {
  const { all } = event;
  if (all === undefined) withdrawn(trackers, event);
  else track(trackers, "consent_withdrawn", { all }, event);
}

export const trackConsentGranted = (trackers: BrowserTracker[], event: Input): void =>
  track(trackers, "consent_granted", { expiry: event["expiry"] }, event);

export const trackCmpVisible = (trackers: BrowserTracker[], event: Input): void =>
  send(trackers, "cmp_visible", { elapsedTime: event["elapsedTime"] }, event);

export function enableGdprContext(trackers: BrowserTracker[], context: GdprContext): void {
  const basis = context.basisForProcessing;
  if (!/^(con(sent|tract)|legalObligation|vitalInterests|publicTask|legitimateInterests)$/.test(basis)) {
    console.warn("whiteout:", "enableGdprContext: unknown basisForProcessing");
    return;
  }
  const { documentId = null, documentVersion = null, documentDescription = null } = context;
  const basisForProcessing = basis.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`);
  const data = { basisForProcessing, documentId, documentVersion, documentDescription };
  for (const tracker of trackers) tracker.addPlugin({ plugin: { contexts: () => [entity("gdpr", data)] } });
}

// Consent events (R160-R167). `trackConsentWithdrawn` tells by its argument which of the two
// generations is meant: that with documents has a member `all`.

import { log } from "./env";
import { compact, entity, schemaOf, selfDescribing } from "./payload";
import type { CommonEventProperties, ConsentDocument, GdprContext, TrackerCore } from "./types";

type Input = Record<string, unknown> & CommonEventProperties & ConsentDocument;

/** The consent functions of a tracker. */
export function consent(core: TrackerCore) {
  function track(name: string, data: Record<string, unknown>, { context, timestamp, ...about }: Input): void {
    const { id, version, name: title, description } = about;
    const document = entity("consent_document", compact({ id, version, name: title, description }));
    core.track(
      selfDescribing({ schema: schemaOf(name), data: compact(data) }),
      [...(context ?? []), ...(id && version ? [document] : [])],
      timestamp,
    );
  }
  const preferences =
    (eventType: string) =>
    (event: Input): void => {
      const { context: _, timestamp: __, ...data } = event;
      track("consent_preferences", { ...data, eventType }, event);
    };
  const withdrawn = preferences("withdrawn");
  return {
    trackConsentAllow: preferences("allow_all"),
    trackConsentSelected: preferences("allow_selected"),
    trackConsentPending: preferences("pending"),
    trackConsentImplicit: preferences("implicit_consent"),
    trackConsentDeny: preferences("deny_all"),
    trackConsentExpired: preferences("expired"),
    trackConsentWithdrawn(event: Input): void {
      const { all } = event;
      if (all === undefined) withdrawn(event);
      else track("consent_withdrawn", { all }, event);
    },
    trackConsentGranted: (event: Input) => track("consent_granted", { expiry: event["expiry"] }, event),
    trackCmpVisible: (event: Input) => track("cmp_visible", { elapsedTime: event["elapsedTime"] }, event),
    enableGdprContext(context: GdprContext): void {
      const basis = context.basisForProcessing;
      if (!/^(con(sent|tract)|legalObligation|vitalInterests|publicTask|legitimateInterests)$/.test(basis)) {
        log.warn("enableGdprContext: unknown basisForProcessing");
        return;
      }
      const { documentId = null, documentVersion = null, documentDescription = null } = context;
      const basisForProcessing = basis.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`);
      const data = { basisForProcessing, documentId, documentVersion, documentDescription };
      core.addPlugin({ plugin: { contexts: () => [entity("gdpr", data)] } });
    },
  };
}
